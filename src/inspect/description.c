/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's description of the ring. It is complete before the ring has a name, and nobody writes it after that. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "members/enter.h"
#include "protocol/snapshot.h"

static int copy_description(slotring_t *ring, void *buffer, uint64_t size, uint64_t *length)
{
    const sr__view_t *view = &ring->member.view;
    uint32_t bytes = view->header.meta_size;
    *length = bytes;
    if (bytes == 0)
        return 0;
    if (size < bytes || !buffer)
        return sr__error(SLOTRING_E_SIZE, "the description has %" PRIu32 " bytes; the buffer has %" PRIu64,
                         bytes, size);
    int failed = sr__look_again(&ring->member, view->meta, bytes);
    if (failed)
        return failed;
    uint8_t copy[SLOTRING_DESCRIPTION_MAX]; /* judged before the caller sees it */
    memcpy(copy, view->meta, bytes);
    if (sr__hash(SR__HASH_START, copy, bytes) != view->header.meta_hash)
        return sr__error(SLOTRING_E_CORRUPT,
                         "the description of ring \"%s\" is damaged: somebody has written into it",
                         view->header.name);
    memcpy(buffer, copy, bytes);
    return 0;
}

int slotring_description(slotring_t *ring, void *buffer, uint64_t size, uint64_t *length)
{
    int failed = sr__enter_any(ring, 0);
    if (failed)
        return failed;
    failed = length ? copy_description(ring, buffer, size, length)
                    : sr__error(SLOTRING_E_INVALID, "length is NULL");
    return sr__leave_any(ring, failed);
}
