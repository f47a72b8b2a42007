/* SPDX-License-Identifier: Apache-2.0 */
/* How much each writer writes. The ring counts its messages, and nobody its bytes. */
#include "hz.h"

#include <inttypes.h>

#include "output.h"
#include "table.h"

#define NEWEST 32u /* messages of a writer whose lengths are looked at */

/* What a writer has written in the time, in messages. Negative: it was not there before. */
static double rate_of_writer(const hz_t *hz, const slotring_writer_info_t *writer)
{
    const slotring_writer_info_t *then = snapshot_writer_before(writer, &hz->watch.before);
    return then ? snapshot_rate(&hz->watch.now, &hz->watch.before, writer->number, then->number) : -1;
}

/* How long its newest messages are, in the mean. Negative: none is there any more. */
static double length_of_writer(const hz_t *hz, const slotring_writer_info_t *writer)
{
    slotring_ticket_t ticket;
    double bytes = 0;
    uint32_t count = 0;
    if (!hz->watch.ring || slotring_ticket_of_writer(hz->watch.ring, writer->row, UINT64_MAX, &ticket) != 0)
        return -1;
    for (; count < NEWEST; count++) {
        slotring_slot_t message = {0};
        int result = slotring_copy(hz->watch.ring, &ticket, NULL, 0, &message);
        if (result != 0 && result != SLOTRING_E_SIZE && result != SLOTRING_E_CHECKSUM)
            break;
        bytes += (double)message.length;
        if (ticket.flags == 0 || ticket.sequence == 0) /* a message with a slot to itself */
            return bytes / (count + 1);
        ticket.sequence--; /* its neighbour, if that lies in the same slot */
    }
    return count > 0 ? bytes / count : -1;
}

static const table_column_t of_writers[] = {{"WRITER", 0, false},
                                            {"PRODUCER", 0, true},
                                            {"MESSAGES", 0, false},
                                            {"BYTES", 0, false},
                                            {"EACH", 2, false}};

/* What it cost in bytes is its messages times the length of the newest ones. */
void hz_add_writers(page_t *page, const hz_t *hz)
{
    table_t writers;
    if (hz->watch.now.writer_count == 0)
        return;
    table_begin(&writers, of_writers, 5);
    for (uint32_t i = 0; i < hz->watch.now.writer_count; i++) {
        const slotring_writer_info_t *one = &hz->watch.now.writers[i];
        double rate = rate_of_writer(hz, one), each = length_of_writer(hz, one);
        char name[sizeof one->name];
        out_safe_name(one->name, sizeof name, name);
        table_row(&writers, rate > 0 ? (uint64_t)rate : 0, PAGE_PLAIN);
        table_cell(&writers, "%" PRIu32, one->row);
        table_cell(&writers, "%s", name);
        table_cell(&writers, "%s", rate < 0 ? "-" : out_per_second(rate).text);
        table_cell(&writers, "%s", rate < 0 || each < 0 ? "-" : out_rate(rate * each).text);
        table_cell(&writers, "%s", each < 0 ? "-" : out_bytes((uint64_t)each).text);
    }
    table_end(&writers, page, PAGE_ALWAYS, "writers");
}

json_t *hz_writers_json(const hz_t *hz)
{
    const snapshot_t *now = &hz->watch.now;
    json_t *writers = json_array();
    for (uint32_t i = 0; i < now->writer_count; i++) {
        const slotring_writer_info_t *one = &now->writers[i];
        double rate = rate_of_writer(hz, one), each = length_of_writer(hz, one);
        json_array_append_new(writers,
                              json_pack("{s:i, s:o, s:o, s:o}", "writer", (int)one->row, "name",
                                        out_json_text(one->name, sizeof one->name), "messages_per_second",
                                        out_json_rate(rate), "bytes_per_second",
                                        out_json_rate(rate < 0 || each < 0 ? -1 : rate * each)));
    }
    return writers;
}
