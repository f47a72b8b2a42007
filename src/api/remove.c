/* SPDX-License-Identifier: Apache-2.0 */
/* Removing rings by name, and those that nobody uses any more. */
#include "base/error.h"
#include "members/collect.h"
#include "members/unlink.h"

static int unlink_ring(const char *name, int how, const slotring_options_t *options, slotring_error_t *error)
{
    if (how < SLOTRING_UNLINK_IF_UNUSED || how > SLOTRING_UNLINK_FORCE)
        return sr__fail(error, SLOTRING_E_INVALID, 0, "slotring_unlink: how is %d; it must be from 0 to 2",
                        how);
    int failed = sr__unlink(name, how, options, error);
    sr__collect_some(options);
    return failed;
}

int slotring_unlink(const char *name, int how, const slotring_options_t *options, slotring_error_t *error)
{
    sr__cancel_point();
    return SR__UNCANCELLED(unlink_ring(name, how, options, error));
}

int slotring_collect(const slotring_options_t *options, slotring_collect_callback report, void *user,
                     uint32_t *removed, slotring_error_t *error)
{
    sr__cancel_point();
    return SR__UNCANCELLED(sr__collect_all(options, report, user, removed, error));
}
