/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/given.h"

#include "protocol/counters.h"
#include "traffic/readers/window.h"

/* Statistics. Not for each record, which would cost more than the record. Of a durable reader what is acknowledged counts: the
 * rest is given to the next one again. */
void sr__count_given(slotring_reader_t *reader)
{
    uint64_t records_out = 0, bytes_out = 0;
    if (reader->window)
        records_out = sr__window_records(reader, &bytes_out);
    else if (reader->durable && reader->given > 0)
        return;
    sr__subscription_t *subscription = reader->subscription;
    uint64_t bytes = reader->bytes_given - bytes_out;
    sr__poke(&subscription->bytes_read, sr__peek(&subscription->bytes_read) + bytes);
    sr__count(&reader->ring->member, SR__BYTES_READ, bytes);
    sr__poke(&subscription->records, sr__peek(&subscription->records) + reader->records_given - records_out);
    reader->records_given = records_out;
    reader->bytes_given = bytes_out;
}
