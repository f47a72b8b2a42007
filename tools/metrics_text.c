/* SPDX-License-Identifier: Apache-2.0 */
/* The two forms of text. In both, all samples of a metric stand together, behind its help and its type. They differ in the name of a
 * counter in these two lines, and in the last line. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics_rings.h"
#include "output.h"

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
add(metrics_text_t *out, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length >= 0 && !out->failed && out->length + (size_t)length + 1 > out->capacity) {
        size_t capacity = 2 * out->capacity + (size_t)length + 4096;
        char *larger = realloc(out->text, capacity);
        out->failed = larger == NULL;
        out->text = larger ? larger : out->text;
        out->capacity = larger ? capacity : out->capacity;
    }
    if (length >= 0 && !out->failed) {
        vsnprintf(out->text + out->length, out->capacity - out->length, format, list);
        out->length += (size_t)length;
    }
    va_end(list);
}

/* Names are anybody's. What is no text becomes '?'; a backslash and a quotation mark get a backslash. */
static void add_label(metrics_text_t *out, const char *label, const char *value, size_t size)
{
    char safe[SLOTRING_NAME_MAX + 8], quoted[2 * sizeof safe];
    size_t at = 0;
    out_safe_name(value, size < sizeof safe ? size : sizeof safe, safe);
    for (const char *from = safe; *from; from++) {
        if (*from == '\\' || *from == '"')
            quoted[at++] = '\\';
        quoted[at++] = *from;
    }
    quoted[at] = '\0';
    add(out, "%s=\"%s\"", label, quoted);
}

/* ---- Metrics ----------------------------------------------------------------------------------------- */

typedef enum kind {
    COUNTER,
    GAUGE
} kind_t;

typedef struct family {
    const char *name; /* without _total */
    kind_t kind;
    size_t offset; /* of a field with 64 bits */
    double unit;   /* the field in base units */
    const char *help;
} family_t;

#define NS 1e-9
#define OF(field) offsetof(slotring_stats_t, field)

static const family_t of_ring[] = {
    {"slotring_published", COUNTER, OF(published), 1,
     "Publications: messages, or slots with small messages."},
    {"slotring_written_bytes", COUNTER, OF(bytes_written), 1, "Bytes that producers published."},
    {"slotring_read_bytes", COUNTER, OF(bytes_read), 1, "Bytes that readers were given."},
    {"slotring_records", COUNTER, OF(records), 1, "Messages of writers, which may share slots."},
    {"slotring_records_missed", COUNTER, OF(records_missed), 1, "Messages of writers that readers missed."},
    {"slotring_missed", COUNTER, OF(missed), 1, "Publications that readers missed."},
    {"slotring_overwritten", COUNTER, OF(overwritten), 1,
     "Publications reclaimed while no lossless reader was there."},
    {"slotring_recycled", COUNTER, OF(recycled), 1,
     "Publications reclaimed after every lossless reader had them."},
    {"slotring_freed", COUNTER, OF(freed), 1, "Publications that were freed."},
    {"slotring_full", COUNTER, OF(full), 1, "Allocations that found no slot in time."},
    {"slotring_stale_tickets", COUNTER, OF(stale), 1, "Tickets that came after their publication was gone."},
    {"slotring_aborted", COUNTER, OF(aborted), 1, "Messages that were begun and not published."},
    {"slotring_repaired", COUNTER, OF(repaired), 1, "Participants that were repaired after their death."},
    {"slotring_waits", COUNTER, OF(waits), 1, "Allocations that had to wait for a slot."},
    {"slotring_waited_seconds", COUNTER, OF(waited_ns), NS,
     "How long these waits took, of all producers together."},
    {"slotring_revocations", COUNTER, OF(revocations), 1, "Readers that producers stopped waiting for."},
    {"slotring_producers_started", COUNTER, OF(producers_started), 1, "Streams that producers began."},
    {"slotring_producers_ended", COUNTER, OF(producers_ended), 1, "Streams that producers ended."},
    {"slotring_producers_died", COUNTER, OF(producers_died), 1, "Producers that were killed."},
    {"slotring_producers", GAUGE, OF(producers), 1, "Producers with an open stream."},
    {"slotring_participants", GAUGE, OF(participants), 1, "Processes that take part."},
    {"slotring_readers", GAUGE, OF(readers), 1, "Subscriptions."},
    {"slotring_writers", GAUGE, OF(writers), 1, "Writers of small messages."},
    {"slotring_blocked_producers", GAUGE, OF(blocked), 1, "Producers that wait for a slot now."},
    {"slotring_blocked_seconds", GAUGE, OF(blocked_ns), NS, "How long the oldest of these has waited."},
    {"slotring_idle_seconds", GAUGE, OF(idle_ns), NS,
     "How long nothing was published, where somebody waits for it."},
};

#undef OF
#define OF(field) offsetof(slotring_reader_info_t, field)

static const family_t of_reader[] = {
    {"slotring_reader_lag", GAUGE, OF(lag), 1, "Publications that the reader is behind."},
    {"slotring_reader_delivered", COUNTER, OF(delivered), 1, "Publications that the reader was given."},
    {"slotring_reader_missed", COUNTER, OF(missed), 1, "Publications that the reader missed."},
    {"slotring_reader_read_bytes", COUNTER, OF(bytes_read), 1, "Bytes that the reader was given."},
    {"slotring_reader_records", COUNTER, OF(records), 1, "Small messages that the reader was given."},
    {"slotring_reader_records_missed", COUNTER, OF(records_missed), 1,
     "Small messages that the reader missed."},
    {"slotring_reader_absent_seconds", GAUGE, OF(left_ns), NS,
     "How long no process has had the durable subscription."},
};

#undef OF

static uint64_t field_of(const void *structure, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)structure + offset, sizeof value);
    return value;
}

static void begin(metrics_text_t *out, bool open_metrics, const char *name, kind_t kind, const char *help)
{
    const char *tail = kind == COUNTER && !open_metrics ? "_total" : "";
    add(out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, tail, help, name, tail,
        kind == COUNTER ? "counter" : "gauge");
}

/* UINT64_MAX means "not known" throughout the interface: no sample. */
static void end_sample(metrics_text_t *out, const family_t *family, uint64_t value)
{
    if (family->unit == 1)
        add(out, "} %" PRIu64 "\n", value);
    else
        add(out, "} %.9f\n", (double)value * family->unit);
}

static void begin_sample(metrics_text_t *out, const char *name, kind_t kind, const metrics_ring_t *ring)
{
    add(out, "%s%s{", name, kind == COUNTER ? "_total" : "");
    add_label(out, "ring", ring->name, sizeof ring->name);
}

static void add_ring_family(metrics_text_t *out, bool open, const metrics_rings_t *rings,
                            const family_t *family)
{
    begin(out, open, family->name, family->kind, family->help);
    for (uint32_t i = 0; i < rings->count; i++) {
        uint64_t value = field_of(&rings->list[i].stats, family->offset);
        if (rings->list[i].status != 0 || value == UINT64_MAX)
            continue;
        begin_sample(out, family->name, family->kind, &rings->list[i]);
        end_sample(out, family, value);
    }
}

/* Two readers may have one name: the row tells them apart. */
static void add_reader_labels(metrics_text_t *out, const slotring_reader_info_t *reader)
{
    add(out, ",");
    add_label(out, "reader", reader->name, sizeof reader->name);
    add(out, ",row=\"%" PRIu32 "\",mode=\"%s\"", reader->row, out_reader_mode(reader->mode));
}

static void add_reader_family(metrics_text_t *out, bool open, const metrics_rings_t *rings,
                              const family_t *family)
{
    begin(out, open, family->name, family->kind, family->help);
    for (uint32_t i = 0; i < rings->count; i++)
        for (uint32_t r = 0; r < rings->list[i].reader_count; r++) {
            const slotring_reader_info_t *reader = &rings->list[i].readers[r];
            uint64_t value = field_of(reader, family->offset);
            if (value == UINT64_MAX)
                continue;
            begin_sample(out, family->name, family->kind, &rings->list[i]);
            add_reader_labels(out, reader);
            end_sample(out, family, value);
        }
}

/* ---- Metrics that are not one field ----------------------------------------------------------------- */

static void add_slots(metrics_text_t *out, bool open, const metrics_rings_t *rings)
{
    static const char *const states[] = {"free", "writing", "ready", "held"};
    begin(out, open, "slotring_slots", GAUGE, "Slots by their state.");
    for (uint32_t i = 0; i < rings->count; i++) {
        const slotring_stats_t *stats = &rings->list[i].stats;
        const uint64_t counts[] = {stats->slots_free, stats->slots_writing, stats->slots_ready,
                                   stats->slots_held};
        for (size_t s = 0; s < 4 && rings->list[i].status == 0; s++) {
            begin_sample(out, "slotring_slots", GAUGE, &rings->list[i]);
            add(out, ",state=\"%s\"} %" PRIu64 "\n", states[s], counts[s]);
        }
    }
}

static void add_ring_info(metrics_text_t *out, bool open, const metrics_rings_t *rings)
{
    begin(out, open, "slotring_ring_bytes", GAUGE, "Shared memory of the ring.");
    for (uint32_t i = 0; i < rings->count; i++) {
        if (rings->list[i].status != 0)
            continue;
        begin_sample(out, "slotring_ring_bytes", GAUGE, &rings->list[i]);
        add(out, "} %" PRIu64 "\n", rings->list[i].info.segment_size);
    }
    begin(out, open, "slotring_ring_info", GAUGE, "1, with what does not change in a ring.");
    for (uint32_t i = 0; i < rings->count; i++) {
        const slotring_info_t *info = &rings->list[i].info;
        if (rings->list[i].status != 0)
            continue;
        begin_sample(out, "slotring_ring_info", GAUGE, &rings->list[i]);
        add(out, ",backend=\"%.15s\",when_full=\"%s\",layout=\"%" PRIu32 "\",slot_bytes=\"%" PRIu64 "\"} 1\n",
            info->backend, out_when_full(info->when_full), info->layout_version, info->slot_size);
    }
}

static void add_unreadable(metrics_text_t *out, bool open, const metrics_rings_t *rings)
{
    begin(out, open, "slotring_ring_unreadable", GAUGE, "1 for a ring that cannot be read, with the error.");
    for (uint32_t i = 0; i < rings->count; i++) {
        if (rings->list[i].status == 0)
            continue;
        begin_sample(out, "slotring_ring_unreadable", GAUGE, &rings->list[i]);
        add(out, ",error=\"%s\"} 1\n", slotring_error_name(rings->list[i].status));
    }
}

/* Process numbers change with each start, so they stand here and in no other metric. */
static void add_processes(metrics_text_t *out, bool open, const metrics_rings_t *rings)
{
    begin(out, open, "slotring_participant_info", GAUGE,
          "1 for each process that takes part, with its state.");
    for (uint32_t i = 0; i < rings->count; i++)
        for (uint32_t p = 0; p < rings->list[i].participant_count; p++) {
            const slotring_participant_t *one = &rings->list[i].participants[p];
            begin_sample(out, "slotring_participant_info", GAUGE, &rings->list[i]);
            add(out, ",");
            add_label(out, "participant", one->name, sizeof one->name);
            add(out, ",index=\"%" PRIu32 "\",pid=\"%" PRIu64 "\",life=\"%s\",producing=\"%s\"} 1\n",
                one->index, one->pid, out_life(one->life), one->producing ? "yes" : "no");
        }
}

static void add_program(metrics_text_t *out, bool open, const metrics_rings_t *rings)
{
    begin(out, open, "slotring_build_info", GAUGE, "1, with the version of the library.");
    add(out, "slotring_build_info{version=\"%s\"} 1\n", slotring_version());
    begin(out, open, "slotring_up", GAUGE, "1 if the folder of the rings can be read.");
    add(out, "slotring_up %d\n", rings->status == 0);
}

bool metrics_make(const metrics_wanted_t *wanted, bool open_metrics, metrics_text_t *out)
{
    metrics_rings_t rings;
    *out = (metrics_text_t){0};
    if (!metrics_look(wanted, &rings))
        return false;
    add_program(out, open_metrics, &rings);
    add_ring_info(out, open_metrics, &rings);
    add_unreadable(out, open_metrics, &rings);
    add_slots(out, open_metrics, &rings);
    for (size_t i = 0; i < sizeof of_ring / sizeof of_ring[0]; i++)
        add_ring_family(out, open_metrics, &rings, &of_ring[i]);
    for (size_t i = 0; i < sizeof of_reader / sizeof of_reader[0]; i++)
        add_reader_family(out, open_metrics, &rings, &of_reader[i]);
    add_processes(out, open_metrics, &rings);
    if (open_metrics)
        add(out, "# EOF\n");
    metrics_forget(&rings);
    if (!out->failed)
        return true;
    free(out->text);
    *out = (metrics_text_t){0};
    return false;
}
