/* SPDX-License-Identifier: Apache-2.0 */
/* A run may begin when no reader that is there has missed anything since the last mark of a run (slotring_run_gate). A total
 * of the ring cannot tell that: it has what readers missed that have left. So each reader notes its own total, when it is
 * going to miss something for the first time after a mark. Nobody else writes the word, and nothing is stored at a mark.
 * A kill leaves: a note, and nothing missed since. Who takes the subscription over notes again before it counts. */
#include "traffic/readers/missed.h"

void sr__missed_note(slotring_reader_t *reader, uint64_t missed)
{
    sr__subscription_t *subscription = reader->subscription;
    uint64_t marks = sr__marks_of(sr__load(&reader->ring->member.view.state->marks), SR__RUN_MARKS);
    if (sr__missed_marks(sr__peek(&subscription->missed_before)) == marks)
        return;
    /* Release, with the stores of the account behind it: who sees what is missed sees the note. */
    atomic_store_explicit(&subscription->missed_before,
                          sr__missed_before(marks, missed + sr__peek(&subscription->records_missed)),
                          memory_order_release);
}
