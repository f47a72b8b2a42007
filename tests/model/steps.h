/* SPDX-License-Identifier: Apache-2.0 */
/* What the procedures of the model are written with. A part of model.h. */
#ifndef SR_MODEL_STEPS_H
#define SR_MODEL_STEPS_H

/* clang-format off */
#define PROCEDURES(X) \
    X(producer) X(lossless) X(lossy) X(tickets) X(observer) X(remover) X(repairer) \
    X(claim) X(walk) X(walk_deferred) X(try_listed) X(deferred_clear) X(withdrawn_mark) X(reclaim) X(gate) X(find_end) X(publish) X(retire) X(reclaim_retired) X(free_map_set) X(clear_up) \
    X(wake) X(wake_always) X(doze) X(enter) X(come) X(go) X(forget) \
    X(held) X(take) X(drop) X(pin) X(unpin) X(acquire) X(mark_withdrawn) X(gate_in) X(gate_out) X(subscribe) X(history) X(jump) X(repair_slot) \
    X(allocate) X(announce) X(stream_open) X(stream_close) X(stream_look) X(death_read) X(death_copy) X(quit) X(remove_if_unused)
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
