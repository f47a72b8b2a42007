/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot for programs. Names are those of the library's structures; rates end in _per_second. */
#include <stdio.h>
#include <time.h>

#include "common.h"
#include "host.h"
#include "marks.h"
#include "output.h"
#include "snapshot.h"

#define COUNT(json, from, field) json_object_set_new(json, #field, out_json_count((from)->field))
#define TEXT(json, from, field) \
    json_object_set_new(json, #field, out_json_text((from)->field, sizeof(from)->field))

/* As text, if it is text; else as hexadecimal digits under another name. */
static void add_description(json_t *json, const char *description, uint32_t size)
{
    char hex[2 * SLOTRING_DESCRIPTION_MAX + 1];
    json_t *text = size > 0 ? json_stringn(description, size) : json_null();
    for (uint32_t i = 0; !text && i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)description[i]);
    json_object_set_new(json, "description_hex", text ? json_null() : json_string(hex));
    json_object_set_new(json, "description", text ? text : json_null());
}

static json_t *ring_json(const slotring_info_t *info, const char *description)
{
    json_t *json = json_object();
    uint64_t age_ns = host_age_ns(info->created_ns);
    TEXT(json, info, name);
    TEXT(json, info, backend);
    json_object_set_new(json, "id", out_json_id(info->ring_id));
    json_object_set_new(json, "lineage", out_json_id(info->lineage_id));
    COUNT(json, info, first_sequence);
    json_object_set_new(json, "age_ns", age_ns > 0 ? out_json_count(age_ns) : json_null());
    COUNT(json, info, slot_count);
    COUNT(json, info, slot_size);
    COUNT(json, info, total_size);
    COUNT(json, info, segment_size);
    COUNT(json, info, bytes_per_slot);
    COUNT(json, info, order_length);
    COUNT(json, info, max_participants);
    COUNT(json, info, max_readers);
    COUNT(json, info, max_writers);
    COUNT(json, info, max_groups);
    COUNT(json, info, max_holds);
    COUNT(json, info, layout_version);
    json_object_set_new(json, "when_full", json_string(out_when_full(info->when_full)));
    json_object_set_new(json, "hot_slots", json_boolean(info->hot_slots));
    json_object_set_new(json, "time_stamps", json_string(out_time_stamps(info->time_stamps)));
    json_object_set_new(json, "access", json_string(out_access(info->access)));
    json_object_set_new(json, "lossless_for", json_string(out_lossless_for(info->lossless_for)));
    json_object_set_new(json, "lossless_group", out_json_group(info));
    json_object_set_new(json, "budget_messages", json_integer(info->budget_messages));
    json_object_set_new(json, "budget_ns", out_json_count(info->budget_ns));
    add_description(json, description, info->description_size);
    json_object_set_new(json, "removed", json_boolean(info->removed));
    json_object_set_new(json, "remove_when_unused", json_boolean(info->remove_when_unused));
    json_object_set_new(json, "unused", info->unused <= 1 ? json_boolean(info->unused) : json_null());
    json_object_set_new(json, "checksums", json_boolean(info->checksums));
    json_object_set_new(json, "absence_ns",
                        info->absence_ns == SLOTRING_FOR_EVER ? json_null()
                                                              : out_json_count(info->absence_ns));
    json_object_set_new(json, "numa_node", out_json_node(info->numa_node));
    return json;
}

static json_t *stats_json(const slotring_stats_t *stats)
{
    json_t *json = json_object();
    COUNT(json, stats, published);
    COUNT(json, stats, bytes_written);
    COUNT(json, stats, bytes_read);
    COUNT(json, stats, overwritten);
    COUNT(json, stats, recycled);
    COUNT(json, stats, full);
    COUNT(json, stats, stale);
    COUNT(json, stats, missed);
    COUNT(json, stats, aborted);
    COUNT(json, stats, freed);
    COUNT(json, stats, repaired);
    COUNT(json, stats, waits);
    COUNT(json, stats, waited_ns);
    COUNT(json, stats, blocked);
    COUNT(json, stats, blocked_ns);
    COUNT(json, stats, idle_ns);
    COUNT(json, stats, slots_free);
    COUNT(json, stats, slots_writing);
    COUNT(json, stats, slots_ready);
    COUNT(json, stats, slots_held);
    COUNT(json, stats, participants);
    COUNT(json, stats, readers);
    COUNT(json, stats, producers);
    COUNT(json, stats, producers_started);
    COUNT(json, stats, producers_ended);
    COUNT(json, stats, producers_died);
    COUNT(json, stats, oldest);
    COUNT(json, stats, records);
    COUNT(json, stats, records_missed);
    COUNT(json, stats, revocations);
    COUNT(json, stats, writers);
    return json;
}

static json_t *rates_json(const snapshot_t *now, const snapshot_t *before)
{
    json_t *json = json_object();
#define RATE(field)                                 \
    json_object_set_new(json, #field "_per_second", \
                        out_json_rate(snapshot_rate(now, before, now->stats.field, before->stats.field)))
    json_object_set_new(json, "seconds", json_real((double)(now->time_ns - before->time_ns) * 1e-9));
    RATE(published);
    RATE(bytes_written);
    RATE(bytes_read);
    RATE(overwritten);
    RATE(recycled);
    RATE(missed);
    RATE(records);
    RATE(records_missed);
    RATE(full);
    RATE(waited_ns);
#undef RATE
    return json;
}

static json_t *participant_json(const slotring_participant_t *participant, const snapshot_t *now,
                                const snapshot_t *before)
{
    const slotring_participant_t *then = snapshot_participant_before(participant, before);
    json_t *json = json_object();
    COUNT(json, participant, index);
    COUNT(json, participant, incarnation);
    COUNT(json, participant, pid);
    COUNT(json, participant, pid_namespace);
    COUNT(json, participant, start_time);
    COUNT(json, participant, uid);
    TEXT(json, participant, name);
    json_object_set_new(json, "life", json_string(out_life(participant->life)));
    json_object_set_new(json, "producing", json_boolean(participant->producing));
    COUNT(json, participant, readers);
    COUNT(json, participant, writers);
    COUNT(json, participant, slots_writing);
    COUNT(json, participant, slots_held);
    COUNT(json, participant, bytes_written);
    COUNT(json, participant, bytes_read);
    COUNT(json, participant, full);
    COUNT(json, participant, waits);
    COUNT(json, participant, waited_ns);
    COUNT(json, participant, blocked_ns);
    COUNT(json, participant, last_sequence);
    json_object_set_new(json, "proxy", json_boolean(participant->proxy));
    COUNT(json, participant, origin_pid);
    COUNT(json, participant, origin_incarnation);
    if (!then)
        return json;
    json_object_set_new(
        json, "bytes_written_per_second",
        out_json_rate(snapshot_rate(now, before, participant->bytes_written, then->bytes_written)));
    json_object_set_new(json, "bytes_read_per_second",
                        out_json_rate(snapshot_rate(now, before, participant->bytes_read, then->bytes_read)));
    return json;
}

static json_t *reader_json(const slotring_reader_info_t *reader, const snapshot_t *now,
                           const snapshot_t *before)
{
    const slotring_reader_info_t *then = snapshot_reader_before(reader, before);
    json_t *json = json_object();
    COUNT(json, reader, row);
    json_object_set_new(json, "participant",
                        reader->participant == UINT32_MAX ? json_null() : json_integer(reader->participant));
    COUNT(json, reader, pid);
    TEXT(json, reader, name);
    json_object_set_new(json, "mode", json_string(out_reader_mode(reader->mode)));
    json_object_set_new(json, "life", json_string(out_life(reader->life)));
    COUNT(json, reader, start);
    COUNT(json, reader, cursor);
    COUNT(json, reader, delivered);
    COUNT(json, reader, missed);
    COUNT(json, reader, pending);
    COUNT(json, reader, lag);
    COUNT(json, reader, bytes_read);
    COUNT(json, reader, records);
    COUNT(json, reader, records_missed);
    COUNT(json, reader, passed_over);
    COUNT(json, reader, records_passed_over);
    COUNT(json, reader, every);
    COUNT(json, reader, tag_mask);
    COUNT(json, reader, tag_match);
    COUNT(json, reader, budget_messages);
    COUNT(json, reader, budget_ns);
    json_object_set_new(json, "revoked", json_string(out_revoked(reader->revoked)));
    COUNT(json, reader, revoked_ns);
    COUNT(json, reader, lost);
    COUNT(json, reader, gap);
    json_object_set_new(json, "durable", json_boolean(reader->durable != 0));
    COUNT(json, reader, left_ns);
    COUNT(json, reader, group);
    COUNT(json, reader, members);
    COUNT(json, reader, redelivered);
    COUNT(json, reader, tries);
    COUNT(json, reader, letters);
    COUNT(json, reader, dead_lettered);
    COUNT(json, reader, letters_lost);
    json_object_set_new(json, "latest", json_boolean(reader->wanted == SLOTRING_WANTS_LATEST));
    json_object_set_new(json, "by_ticket", json_boolean((reader->flags & SLOTRING_BY_TICKET) != 0));
    json_object_set_new(json, "marks", json_boolean((reader->flags & SLOTRING_TELL_MARKS) != 0));
    COUNT(json, reader, window);
    if (!then)
        return json;
    json_object_set_new(json, "delivered_per_second",
                        out_json_rate(snapshot_rate(now, before, reader->delivered, then->delivered)));
    json_object_set_new(json, "missed_per_second",
                        out_json_rate(snapshot_rate(now, before, reader->missed, then->missed)));
    return json;
}

static json_t *writer_json(const slotring_writer_info_t *writer, const snapshot_t *now,
                           const snapshot_t *before)
{
    const slotring_writer_info_t *then = snapshot_writer_before(writer, before);
    json_t *json = json_object();
    COUNT(json, writer, row);
    COUNT(json, writer, participant);
    COUNT(json, writer, pid);
    TEXT(json, writer, name);
    json_object_set_new(json, "life", json_string(out_life(writer->life)));
    COUNT(json, writer, number);
    json_object_set_new(json, "keeps", json_string(out_writer_state(writer->state)));
    json_object_set_new(json, "slot", writer->slot == UINT32_MAX ? json_null() : json_integer(writer->slot));
    COUNT(json, writer, records);
    COUNT(json, writer, bytes_used);
    if (then)
        json_object_set_new(json, "number_per_second",
                            out_json_rate(snapshot_rate(now, before, writer->number, then->number)));
    return json;
}

static json_t *blocker_json(const slotring_blocker_t *blocker)
{
    char sentence[256];
    json_t *json = json_object();
    json_object_set_new(json, "why", json_string(out_blocks_by(blocker->why)));
    json_object_set_new(json, "participant",
                        blocker->participant == UINT32_MAX ? json_null()
                                                           : json_integer(blocker->participant));
    json_object_set_new(json, "row", blocker->row == UINT32_MAX ? json_null() : json_integer(blocker->row));
    COUNT(json, blocker, pid);
    TEXT(json, blocker, name);
    json_object_set_new(json, "life", json_string(out_life(blocker->life)));
    COUNT(json, blocker, slots);
    COUNT(json, blocker, messages);
    json_object_set_new(json, "budget_left_ns",
                        blocker->mode == SLOTRING_BUDGETED ? out_json_count(blocker->budget_left_ns)
                                                           : json_null());
    COUNT(json, blocker, left_ns);
    (void)slotring_blocker_to_text(blocker, sentence, sizeof sentence);
    json_object_set_new(json, "text", json_string(sentence));
    return json;
}

/* "2026-11-29T03:00:12.345678Z" */
static json_t *time_json(uint64_t time_of_day_ns)
{
    char text[64] = "";
    time_t seconds = (time_t)(time_of_day_ns / 1000000000u);
    const struct tm *utc = gmtime(&seconds);
    size_t length = utc ? strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", utc) : 0;
    if (length == 0)
        return json_null();
    snprintf(text + length, sizeof text - length, ".%06uZ", (unsigned)(time_of_day_ns % 1000000000u / 1000));
    return json_string(text);
}

json_t *snapshot_json(const snapshot_t *now, const snapshot_t *before)
{
    json_t *json = json_object(), *participants = json_array(), *readers = json_array(),
           *writers = json_array(), *blockers = json_array();
    for (uint32_t i = 0; i < now->participant_count; i++)
        json_array_append_new(participants, participant_json(&now->participants[i], now, before));
    for (uint32_t i = 0; i < now->reader_count; i++)
        json_array_append_new(readers, reader_json(&now->readers[i], now, before));
    for (uint32_t i = 0; i < now->writer_count; i++)
        json_array_append_new(writers, writer_json(&now->writers[i], now, before));
    for (uint32_t i = 0; i < now->blocker_count; i++)
        json_array_append_new(blockers, blocker_json(&now->blockers[i]));
    json_object_set_new(json, "time", time_json(now->time_of_day_ns));
    json_object_set_new(json, "time_of_day_ns", out_json_count(now->time_of_day_ns));
    json_object_set_new(json, "time_ns", out_json_count(now->time_ns));
    json_object_set_new(json, "newest_age_ns", now->age_ns ? out_json_count(now->age_ns) : json_null());
    json_object_set_new(json, "ring", ring_json(&now->info, now->description));
    json_object_set_new(json_object_get(json, "ring"), "owner", out_json_count(now->owner));
    json_object_set_new(json, "run", now->run.kind ? mark_json(&now->run) : json_null());
    json_object_set_new(json, "stats", stats_json(&now->stats));
    if (before)
        json_object_set_new(json, "rates", rates_json(now, before));
    json_object_set_new(json, "participants", participants);
    json_object_set_new(json, "readers", readers);
    json_object_set_new(json, "writers", writers);
    json_object_set_new(json, "blockers", blockers);
    return json;
}
