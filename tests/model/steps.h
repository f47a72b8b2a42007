/* SPDX-License-Identifier: Apache-2.0 */
/* What the procedures of the model are written with. A part of model.h. */
#ifndef SR_MODEL_STEPS_H
#define SR_MODEL_STEPS_H

/* clang-format off */
#define PROCEDURES(X) \
    X(producer) X(lossless) X(lossy) X(tickets) X(observer) X(remover) X(repairer) \
    X(revoke) X(budgeted) X(jump_far) X(ticket_reader) X(take_ticket) X(follow_ticket) X(is_gone) X(claim) X(walk) X(walk_deferred) X(try_listed) X(deferred_clear) X(withdrawn_mark) X(reclaim) X(passed) X(gate) X(find_end) X(publish) X(retire) X(reclaim_retired) X(retire_listed) X(free_map_set) X(clear_up) \
    X(wake) X(tell) X(press) X(gather) X(room) X(unwanted) X(pass_over) X(wake_always) X(answer) X(doze) X(enter) X(come) X(fence_all) X(go) X(part) X(forget) \
    X(held) X(take) X(drop) X(pin) X(unpin) X(acquire) X(mark_withdrawn) X(gate_in) X(gate_out) X(subscribe) X(durable) X(take_over) X(make_durable) X(window) X(restart) X(take_progress) X(note_progress) X(forget_name) X(history) X(jump) X(repair_slot) \
    X(writer) X(block_open) X(block_close) X(record) X(repair_block) X(records) X(records_kept) X(records_pick) X(records_hold) X(records_order) X(records_join) X(record_tickets) X(record_acquire) X(pin_block) X(unlisted) X(freed_look) X(freed_mark) X(record_observer) \
    X(spanner) X(allocate_span) X(span_chain) X(span_publish) X(span_give_back) X(span_free) X(span_orphan) X(token_give) \
    X(allocate) X(announce) X(stream_open) X(stream_close) X(stream_look) X(death_read) X(death_copy) X(quit) X(remove_if_unused) \
    X(group_take) X(group_take_offered) X(group_done) X(group_settle) X(group_pass) X(group_offer) X(letters_bury) X(letter_away) X(letter_drop) X(letter_by_hand) X(letters_clear) X(make_group) X(member) X(member_repair) \
    X(marker) X(mark) X(mark_place) X(tell_mark) X(join_marks) X(marks_done) X(go_on_from_mark) X(marks_begin) X(marks_take)
/* clang-format on */

#define NUMBER(name) DO_##name,
enum {
    DO_NOTHING,
    PROCEDURES(NUMBER) PROCEDURE_COUNT
};
#undef NUMBER
#define DECLARE(name) void name(model_t *m, thread_t *self, frame_t *f);
PROCEDURES(DECLARE)
#undef DECLARE

#define BEGIN        \
    switch (f->at) { \
    case 0:
#define END \
    }       \
    model_fail(m, "a procedure of the model fell off its end");
/* Where a step is: its line, such that it fits into a byte (pack.c) and differs from those of its procedure. */
#define HERE (__LINE__ % 251 + 1)
/* Everything up to here is done; what follows, up to the next STEP, happens as one; not before `condition` holds. */
#define STEP_WHEN(name, condition) \
    do {                           \
        f->at = HERE;              \
        m->yielded = true;         \
        return;                    \
    case HERE:                     \
        m->label = name;           \
        if (!(condition)) {        \
            m->blocked = true;     \
            return;                \
        }                          \
    } while (0)
#define STEP(name) STEP_WHEN(name, true)
/* Nothing is left to do. */
#define REST               \
    do {                   \
        f->at = HERE;      \
        m->yielded = true; \
        return;            \
    case HERE:             \
        m->blocked = true; \
        return;            \
    } while (0)
/* Its result is in self->result. */
#define CALL(name, with_slot, with_t)                      \
    do {                                                   \
        f->at = HERE;                                      \
        model_call(m, self, DO_##name, with_slot, with_t); \
        return;                                            \
    case HERE:;                                            \
    } while (0)
#define RETURN(value)              \
    do {                           \
        model_return(self, value); \
        return;                    \
    } while (0)

#endif
