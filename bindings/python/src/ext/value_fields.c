/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of each class in slotring._values. */
#include "values.h"

static const char *const life_words[] = {"unknown", "running", "stopped", "dead", "frozen", NULL};
static const char *const mode_words[] = {"lossless", "lossy", "budgeted", NULL};
static const char *const wanted_words[] = {"all", "latest", NULL};
static const char *const revoked_words[] = {"no", "by_budget", "by_hand", NULL};
static const char *const state_words[] = {"idle", "has_block", "has_message", NULL};
static const char *const why_words[] = {"unknown", "lag", "holding", "writing", "records", NULL};
static const char *const mark_words[] = {"unknown", "run_begin", "run_end", "user", "gap", NULL};
static const char *const lock_words[] = {"there", "missing", "other", NULL};
static const char *const kind_words[] = {"slot", "record", "span", NULL};
static const char *const full_words[] = {"unknown", "overwrite", "keep", NULL};
static const char *const time_words[] = {"unknown", "none", "coarse", "monotonic", NULL};
static const char *const access_words[] = {"owner", "group_observe", "group", "all_observe", "all", NULL};
static const char *const for_words[] = {"all", "owner", "group", NULL};

#define I(name, kind) FIELD(slotring_info_t, name, kind)
static const field_t info_fields[] = {
    I(name, TEXT),
    I(ring_id, ID),
    I(slot_count, NUMBER64),
    I(slot_size, NUMBER64),
    I(slot_stride, NUMBER64),
    I(total_size, NUMBER64),
    I(segment_size, NUMBER64),
    I(payload_offset, NUMBER64),
    I(payload_size, NUMBER64),
    I(bytes_per_slot, NUMBER64),
    I(order_length, NUMBER64),
    I(max_participants, NUMBER32),
    I(max_readers, NUMBER32),
    I(max_writers, NUMBER32),
    I(max_groups, NUMBER32),
    I(max_holds, NUMBER32),
    WORDS(slotring_info_t, when_full, full_words),
    WORDS(slotring_info_t, time_stamps, time_words),
    WORDS(slotring_info_t, access, access_words),
    I(layout_version, NUMBER32),
    I(granted, NUMBER32),
    I(capabilities, NUMBER32),
    I(participant, NONE_IF_MAX32),
    I(removed, FLAG),
    I(backend, TEXT),
    I(remove_when_unused, FLAG),
    I(numa_node, NONE_IF_MAX32),
    I(memory_node, NONE_IF_MAX32),
    I(description_size, NUMBER32),
    I(checksums, FLAG),
    I(hot_slots, FLAG),
    WORDS(slotring_info_t, lossless_for, for_words),
    I(lossless_group, NUMBER64),
    I(budget_messages, NUMBER32),
    RENAMED(slotring_info_t, "budget", budget_ns, SECONDS),
    I(lineage_id, ID),
    I(first_sequence, NUMBER64),
    RENAMED(slotring_info_t, "absence", absence_ns, SECONDS),
    I(owner, NUMBER64),
    I(created_ns, NUMBER64),
    END,
};
#undef I

#define S(name) FIELD(slotring_stats_t, name, NUMBER64)
static const field_t stats_fields[] = {
    S(published),
    S(bytes_written),
    S(bytes_read),
    S(overwritten),
    S(recycled),
    S(full),
    S(stale),
    S(missed),
    S(aborted),
    S(freed),
    S(repaired),
    S(waits),
    RENAMED(slotring_stats_t, "waited", waited_ns, SECONDS),
    S(slots_free),
    S(slots_writing),
    S(slots_ready),
    S(slots_held),
    S(participants),
    S(readers),
    S(producers),
    S(producers_started),
    S(producers_ended),
    S(producers_died),
    S(oldest),
    S(records),
    S(records_missed),
    S(writers),
    S(revocations),
    S(blocked),
    RENAMED(slotring_stats_t, "blocked_for", blocked_ns, SECONDS),
    RENAMED(slotring_stats_t, "idle_for", idle_ns, SECONDS),
    END,
};
#undef S

#define P(name, kind) FIELD(slotring_participant_t, name, kind)
static const field_t participant_fields[] = {
    P(index, NUMBER32),
    P(incarnation, NUMBER64),
    P(name, TEXT),
    P(pid, NUMBER64),
    P(uid, NUMBER64),
    WORDS(slotring_participant_t, life, life_words),
    P(producing, FLAG),
    P(readers, NUMBER32),
    P(writers, NUMBER32),
    P(slots_writing, NONE_IF_MAX64),
    P(slots_held, NONE_IF_MAX64),
    P(bytes_written, NUMBER64),
    P(bytes_read, NUMBER64),
    P(full, NUMBER64),
    P(last_sequence, NONE_IF_MAX64),
    P(waits, NUMBER64),
    RENAMED(slotring_participant_t, "waited", waited_ns, SECONDS),
    RENAMED(slotring_participant_t, "blocked_for", blocked_ns, SECONDS),
    P(proxy, FLAG),
    P(origin_pid, NUMBER64),
    P(origin_incarnation, NUMBER64),
    END,
};
#undef P

#define R(name, kind) FIELD(slotring_reader_info_t, name, kind)
static const field_t reader_fields[] = {
    R(row, NUMBER32),
    R(participant, NONE_IF_MAX32),
    R(name, TEXT),
    R(pid, NUMBER64),
    WORDS(slotring_reader_info_t, mode, mode_words),
    WORDS(slotring_reader_info_t, life, life_words),
    R(start, NUMBER64),
    R(cursor, NUMBER64),
    R(delivered, NUMBER64),
    R(missed, NUMBER64),
    R(passed_over, NUMBER64),
    R(pending, NUMBER64),
    R(lag, NUMBER64),
    R(bytes_read, NUMBER64),
    R(records, NUMBER64),
    R(records_missed, NUMBER64),
    R(records_passed_over, NUMBER64),
    R(tag_mask, NUMBER64),
    R(tag_match, NUMBER64),
    R(every, NUMBER32),
    WORDS(slotring_reader_info_t, wanted, wanted_words),
    R(budget_messages, NUMBER64),
    RENAMED(slotring_reader_info_t, "budget", budget_ns, SECONDS),
    WORDS(slotring_reader_info_t, revoked, revoked_words),
    RENAMED(slotring_reader_info_t, "revoked_for", revoked_ns, SECONDS),
    R(lost, NUMBER64),
    R(durable, FLAG),
    RENAMED(slotring_reader_info_t, "left_for", left_ns, SECONDS),
    R(gap, NONE_IF_MAX64),
    R(group, NUMBER32),
    R(members, NUMBER32),
    R(redelivered, NUMBER64),
    R(dead_lettered, NUMBER64),
    R(letters_lost, NUMBER64),
    R(tries, NUMBER32),
    R(letters, NUMBER32),
    R(flags, NUMBER32),
    R(window, NUMBER32),
    END,
};
#undef R

#define W(name, kind) FIELD(slotring_writer_info_t, name, kind)
static const field_t writer_fields[] = {
    W(row, NUMBER32),
    W(participant, NUMBER32),
    W(name, TEXT),
    W(pid, NUMBER64),
    WORDS(slotring_writer_info_t, state, state_words),
    WORDS(slotring_writer_info_t, life, life_words),
    W(number, NUMBER64),
    W(slot, NONE_IF_MAX32),
    W(records, NUMBER64),
    W(bytes_used, NUMBER64),
    END,
};
#undef W

#define B(name, kind) FIELD(slotring_blocker_t, name, kind)
static const field_t blocker_fields[] = {
    WORDS(slotring_blocker_t, why, why_words),
    B(participant, NONE_IF_MAX32),
    B(row, NONE_IF_MAX32),
    WORDS(slotring_blocker_t, life, life_words),
    B(pid, NUMBER64),
    B(slots, NUMBER64),
    B(name, TEXT),
    RENAMED(slotring_blocker_t, "budget_left", budget_left_ns, SECONDS),
    WORDS(slotring_blocker_t, mode, mode_words),
    B(messages, NUMBER64),
    RENAMED(slotring_blocker_t, "left_for", left_ns, SECONDS),
    END,
};
#undef B

#define V(name) FIELD(slotring_recovery_t, name, NUMBER64)
static const field_t recovery_fields[] = {V(participants), V(slots_freed), V(published),
                                          V(holds),        V(readers),     END};
#undef V

#define M(name, kind) FIELD(slotring_mark_t, name, kind)
static const field_t mark_fields[] = {
    M(number, NUMBER64),
    M(place, NONE_IF_MAX64),
    WORDS(slotring_mark_t, kind, mark_words),
    M(bytes, CUT),
    M(run, NUMBER64),
    M(value, NUMBER64),
    M(time_ns, NUMBER64),
    M(gap, NUMBER64),
    M(offset, NUMBER64),
    M(not_told, NUMBER64),
    M(participant, NUMBER32),
    M(incarnation, NUMBER64),
    END,
};
#undef M

#define L(name, kind) FIELD(slotring_list_entry_t, name, kind)
static const field_t entry_fields[] = {
    L(name, TEXT),
    L(status, STATUS),
    L(participants, NONE_IF_MAX32),
    L(slot_count, NUMBER64),
    L(slot_size, NUMBER64),
    L(segment_size, NUMBER64),
    L(owner, NUMBER64),
    L(published, NUMBER64),
    L(records, NUMBER64),
    L(backend, TEXT),
    L(remove_when_unused, FLAG),
    WORDS(slotring_list_entry_t, lock_file, lock_words),
    L(durable, NUMBER32),
    L(durable_left, NUMBER32),
    L(created_ns, NUMBER64),
    END,
};
#undef L

#define D(name, kind) FIELD(slotring_letter_t, name, kind)
static const field_t letter_fields[] = {
    D(ticket, TICKET),
    D(sequence, NUMBER64),
    D(length, NUMBER64),
    D(tag, NUMBER64),
    D(time_ns, NUMBER64),
    D(number, NONE_IF_MAX64),
    D(producer_incarnation, NUMBER64),
    D(producer, NUMBER32),
    D(writer, NONE_IF_MAX32),
    WORDS(slotring_letter_t, kind, kind_words),
    D(tries, NUMBER32),
    END,
};
#undef D

PyObject *value_of_info(binding_state_t *state, const slotring_info_t *info)
{
    return value_of(state, "Info", info_fields, info);
}

PyObject *value_of_stats(binding_state_t *state, const slotring_stats_t *stats)
{
    return value_of(state, "Stats", stats_fields, stats);
}

PyObject *value_of_participant(binding_state_t *state, const slotring_participant_t *participant)
{
    return value_of(state, "Participant", participant_fields, participant);
}

PyObject *value_of_reader(binding_state_t *state, const slotring_reader_info_t *reader)
{
    return value_of(state, "ReaderInfo", reader_fields, reader);
}

PyObject *value_of_writer(binding_state_t *state, const slotring_writer_info_t *writer)
{
    return value_of(state, "WriterInfo", writer_fields, writer);
}

PyObject *value_of_blocker(binding_state_t *state, const slotring_blocker_t *blocker)
{
    return value_of(state, "Blocker", blocker_fields, blocker);
}

PyObject *value_of_recovery(binding_state_t *state, const slotring_recovery_t *recovery)
{
    return value_of(state, "Recovery", recovery_fields, recovery);
}

PyObject *value_of_mark(binding_state_t *state, const slotring_mark_t *mark)
{
    return value_of(state, "Mark", mark_fields, mark);
}

PyObject *value_of_letter(binding_state_t *state, const slotring_letter_t *letter)
{
    return value_of(state, "Letter", letter_fields, letter);
}

PyObject *value_of_entry(binding_state_t *state, const slotring_list_entry_t *entry)
{
    return value_of(state, "RingEntry", entry_fields, entry);
}
