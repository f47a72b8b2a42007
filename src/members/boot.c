/* SPDX-License-Identifier: Apache-2.0 */
/* Rings from before a restart of the machine. In memory none survives one; on a disk a ring does, and after a loss of
 * power its control data and its payload may be of different moments: a message that was never written would be
 * delivered as good. So the header has the machine's boot, and a ring of another one is refused: it can be listed and
 * removed, and nothing else. Nothing in it is believed but page 0, and it is not mapped.
 *
 * A boot that is not known, here or in the header, refuses nothing. Locks are no counter-proof: those of a network file
 * system may be another machine's. They only keep a ring from being removed without force.
 */
#include <inttypes.h>
#include <string.h>

#include "members/boot.h"
#include "members/segment.h"
#include "members/unlink.h"

static bool is_known(const uint8_t id[16])
{
    static const uint8_t unknown[16];
    return memcmp(id, unknown, sizeof unknown) != 0;
}

bool sr__is_of_another_boot(const slotring_t *ring, const sr__header_t *header)
{
    uint8_t now[16];
    _Static_assert(sizeof now == sizeof header->boot_id, "an id has 16 bytes");
    if (!is_known(header->boot_id))
        return false;
    ring->member.os->system.boot_id(now);
    return is_known(now) && memcmp(now, header->boot_id, sizeof now) != 0;
}

int sr__boot_check(const slotring_t *ring, const sr__header_t *header, slotring_error_t *error)
{
    if (!sr__is_of_another_boot(ring, header))
        return 0;
    return sr__fail(
        error, SLOTRING_E_OTHER_BOOT, 0,
        "ring \"%s\" was made before this machine was restarted, or on another machine; what is in "
        "it may be lost in part: remove it (slotring rm, SLOTRING_WIPE_UNUSED) and make it anew",
        header->name);
}

/* Nobody should, so it takes a proof: of entries that nobody took since, some systems have no lock to ask for. */
static bool anybody_lives(slotring_t *ring, const sr__header_t *header)
{
    for (uint32_t p = 0; p < header->participants; p++)
        if (ring->member.os->locks.death_lock_query(ring->member.locks, p, NULL) == 1)
            return true;
    return false;
}

/* The lock file may have been lost as well: then it is made, so that those who remove the ring do it one by one. */
static int open_locks(slotring_t *ring, bool *made, slotring_error_t *error)
{
    static const sr__segment_config_t rights = {.access = SLOTRING_ACCESS_OWNER};
    const sr__backend_t *os = ring->member.os;
    int failed = os->locks.open(ring->place, false, NULL, &ring->member.locks, error);
    *made = failed == SLOTRING_E_NOT_FOUND;
    if (!*made)
        return failed;
    failed = os->segments.may_unlink(ring->place, error);
    return failed ? failed : os->locks.open(ring->place, true, &rights, &ring->member.locks, error);
}

static int lock(slotring_t *ring, const sr__header_t *header, slotring_error_t *error)
{
    slotring_error_t why = {0};
    int failed = ring->member.os->locks.mutex_lock(ring->member.locks, ring->lock_timeout_ns, &why);
    if (failed == SLOTRING_E_BUSY)
        return sr__fail(error, failed, 0,
                        "another process has held the lock of ring \"%s\" for more than %" PRIu64
                        " ms: it is removing it, or stopped",
                        header->name, ring->lock_timeout_ns / 1000000);
    if (failed)
        return sr__fail(error, failed, why.os_code, "the lock of ring \"%s\" cannot be taken: %s",
                        header->name, why.code ? why.text : slotring_strerror(failed));
    return 0;
}

/* `made`: nobody can hold a lock yet in a lock file that is new. */
static int remove_judged(slotring_t *ring, const sr__header_t *header, int how, bool made,
                         slotring_error_t *error)
{
    if (how == SR__UNLINK_IF_DUE && !sr__segment_is_to_go(ring, header))
        return sr__boot_check(ring, header, error);
    if (how != SLOTRING_UNLINK_FORCE && !made && anybody_lives(ring, header))
        return sr__fail(error, SLOTRING_E_BUSY, 0,
                        "ring \"%s\" was made before this machine was restarted, or on another machine, and "
                        "somebody of whom nothing is known holds its locks: remove it by force",
                        header->name);
    int failed = ring->member.os->segments.unlink(ring->place, error);
    return failed ? failed : ring->member.os->locks.unlink(ring->place, error);
}

/* Under the process mutex; by force without it, if it cannot be had. `replaced`: the names lead elsewhere by
 * now, so nothing was judged. */
int sr__boot_remove(slotring_t *ring, const sr__header_t *header, int how, bool *replaced,
                    slotring_error_t *error)
{
    const sr__backend_t *os = ring->member.os;
    bool made;
    int failed = open_locks(ring, &made, error);
    if (!failed)
        failed = lock(ring, header, error);
    bool locked = !failed;
    if (failed && how != SLOTRING_UNLINK_FORCE)
        return failed;
    *replaced = !os->segments.is_named(ring->place, ring->member.segment) ||
                (locked && !os->locks.are_named(ring->place, ring->member.locks));
    failed = *replaced ? 0 : remove_judged(ring, header, how, made, error);
    if (failed && locked && made)
        os->locks.unlink(ring->place, NULL);
    if (locked)
        os->locks.mutex_unlock(ring->member.locks);
    return failed;
}
