/* SPDX-License-Identifier: Apache-2.0 */
/* Stops, of a handle and of one reader: as long as one stands, no call waits. The flag first, then the wake, both seq_cst:
 * a call that is going to sleep loads the event word before it looks at the flag, so it sees the flag, or does not sleep on
 * the event word that the wake has changed. */
#include "members/enter.h"
#include "protocol/event.h"
#include "traffic/interrupt.h"

static void set(_Atomic uint32_t *stopped, uint32_t value)
{
    atomic_store_explicit(stopped, value, memory_order_seq_cst);
}

int slotring_stop(slotring_t *ring)
{
    int failed = sr__enter_any_thread(ring);
    if (failed || ring->member.observer) /* an observer never waits */
        return failed;
    set(&ring->stopped, 1);
    sr__wake_blocked(ring);
    return 0;
}

int slotring_resume(slotring_t *ring)
{
    int failed = sr__enter_any_thread(ring);
    if (!failed)
        set(&ring->stopped, 0);
    return failed;
}

int slotring_reader_stop(slotring_reader_t *reader)
{
    int failed = sr__reader_enter_any_thread(reader);
    if (failed)
        return failed;
    set(&reader->stopped, 1);
    sr__wake_always(&reader->ring->member, SR__PUBLISHED_EVENT);
    sr__wake(&reader->ring->member, SR__GATHERED_EVENT);
    return 0;
}

int slotring_reader_resume(slotring_reader_t *reader)
{
    int failed = sr__reader_enter_any_thread(reader);
    if (!failed)
        set(&reader->stopped, 0);
    return failed;
}
