/* SPDX-License-Identifier: Apache-2.0 */
/* Every byte of a ring's control memory belongs to a field that is named here. A value outside the field's domain is found
 * by the audit, and said with the field's position; restored, nothing is found. Fields of which every value is right are
 * listed as such. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define ANY_VALUE 0u /* no value is wrong */
#define EACH_BYTE 1u /* reserved: each byte alone */
#define NAME 2u

typedef struct field {
    const char *name;
    size_t offset, size;
    unsigned count;    /* of these one after the other */
    uint64_t wrong[3]; /* values; 0 ends them. A field of one word or half-word */
    unsigned how;      /* if there is no wrong value */
} field_t;

#define FIELD(type, field, ...)                                                                 \
    {                                                                                           \
#field, offsetof(type, field), sizeof(((type *)0)->field), 1, {__VA_ARGS__ }, ANY_VALUE \
    }
#define ARRAY(type, field, each, ...)                                                         \
    {                                                                                         \
#field, offsetof(type, field), each, (unsigned)(sizeof(((type *)0)->field) / (each)), \
            {__VA_ARGS__ }, ANY_VALUE                                                         \
    }
#define ANY(type, field)                                                              \
    {                                                                                 \
#field, offsetof(type, field), sizeof(((type *)0)->field), 1, {0 }, ANY_VALUE \
    }
#define RESERVED(type, field)                                                         \
    {                                                                                 \
#field, offsetof(type, field), sizeof(((type *)0)->field), 1, {0 }, EACH_BYTE \
    }
#define NAMED(type, field)                                                       \
    {                                                                            \
#field, offsetof(type, field), sizeof(((type *)0)->field), 1, {0 }, NAME \
    }

#define FAR UINT64_C(1000000)
#define GARBAGE UINT64_C(0x5a5a5a5a5a5a5a5a)

#define EVENT_FIELDS(n)                                                                   \
    ANY(sr__state_t, events[n].event), RESERVED(sr__state_t, events[n].reserved),         \
        RESERVED(sr__state_t, events[n].reserved2), ANY(sr__state_t, waiters[n].armed),   \
        ANY(sr__state_t, waiters[n].pressed), RESERVED(sr__state_t, waiters[n].reserved), \
        ARRAY(sr__state_t, waiters[n].words, 8, 8, GARBAGE)

static const field_t state_fields[] = {
    FIELD(sr__state_t, state, 3, GARBAGE),
    FIELD(sr__state_t, dirty, 2, GARBAGE),
    FIELD(sr__state_t, remove_when_unused, 2, GARBAGE), /* byte 4104 of a ring */
    FIELD(sr__state_t, names, 3, GARBAGE),
    ANY(sr__state_t, mutex_pid), /* of who died there, too */
    RESERVED(sr__state_t, reserved1),
    FIELD(sr__state_t, tail, FAR, GARBAGE),
    RESERVED(sr__state_t, reserved2),
    FIELD(sr__state_t, frontier, FAR, GARBAGE),
    FIELD(sr__state_t, recent_count, 1, GARBAGE),
    ARRAY(sr__state_t, recent, 4, 1, GARBAGE),
    RESERVED(sr__state_t, reserved3),
    FIELD(sr__state_t, reap_at, UINT64_MAX, UINT64_MAX / 2),
    FIELD(sr__state_t, free_map_position, 9, GARBAGE),
    FIELD(sr__state_t, reap_position, 5, GARBAGE),
    FIELD(sr__state_t, free_entry_hint, 5, GARBAGE),
    FIELD(sr__state_t, span_token, 1, 2, GARBAGE),
    ANY(sr__state_t, seen_end), /* hints */
    ANY(sr__state_t, seen_at),
    RESERVED(sr__state_t, reserved4),
    ANY(sr__state_t, stream_generation),
    FIELD(sr__state_t, participants_high, 1, 5, GARBAGE),
    FIELD(sr__state_t, readers_high, 1, 4, GARBAGE),
    FIELD(sr__state_t, holders, 2, 3, GARBAGE),
    ANY(sr__state_t, openings),
    FIELD(sr__state_t, writers_high, 99, GARBAGE),
    RESERVED(sr__state_t, reserved32),
    FIELD(sr__state_t, marks, 1, UINT64_C(1) << 40, GARBAGE),
    RESERVED(sr__state_t, reserved5),
    EVENT_FIELDS(0),
    EVENT_FIELDS(1),
    EVENT_FIELDS(2),
    FIELD(sr__state_t, gates.summary, 2, GARBAGE),
    FIELD(sr__state_t, gates.budgets, 2, GARBAGE),
    RESERVED(sr__state_t, gates.reserved),
    ARRAY(sr__state_t, gates.words, 8, 8, GARBAGE),
};

static const field_t participant_fields[] = {
    ANY(sr__participant_t, incarnation), /* even or odd; what hangs on it is found there */
    FIELD(sr__participant_t, stream, 4, UINT64_C(5) << 24, GARBAGE),
    ANY(sr__participant_t, pid),
    ANY(sr__participant_t, pid_namespace),
    ANY(sr__participant_t, start_time),
    ANY(sr__participant_t, uid),
    ANY(sr__participant_t, attached_at),
    FIELD(sr__participant_t, backend, 99, GARBAGE),
    ANY(sr__participant_t, library),
    NAMED(sr__participant_t, name),
    FIELD(sr__participant_t, ends_carried, FAR / 2, GARBAGE),
    FIELD(sr__participant_t, deaths_carried, FAR / 2, GARBAGE),
    ANY(sr__participant_t, odd_death.pid),
    FIELD(sr__participant_t, odd_death.incarnation, 2, 99, GARBAGE),
    FIELD(sr__participant_t, odd_death.last_sequence, FAR, GARBAGE),
    NAMED(sr__participant_t, odd_death.name),
    ANY(sr__participant_t, odd_death.proxy), /* another incarnation's says nothing */
    ANY(sr__participant_t, odd_death.lost),
    ANY(sr__participant_t, odd_death.origin_pid),
    ANY(sr__participant_t, odd_death.origin_incarnation),
    RESERVED(sr__participant_t, odd_death.reserved),
    ARRAY(sr__participant_t, counters[SR__REVOCATIONS + 1], 8, 1, GARBAGE),
    ARRAY(sr__participant_t, counters[SR__REVOCATIONS + 2], 8, 1, GARBAGE),
    {"counters", offsetof(sr__participant_t, counters), 8 * (SR__REVOCATIONS + 1), 1, {0}, ANY_VALUE},
    ARRAY(sr__participant_t, base, 8, UINT64_MAX, UINT64_MAX / 2),
    FIELD(sr__participant_t, first_sequence, FAR, GARBAGE),
    FIELD(sr__participant_t, last_sequence, FAR, GARBAGE),
    ANY(sr__participant_t, blocked_at), /* for people */
    ANY(sr__participant_t, proxy),
    ANY(sr__participant_t, origin_pid),
    ANY(sr__participant_t, origin_incarnation),
    RESERVED(sr__participant_t, reserved0),
    ANY(sr__participant_t, even_death.pid),
    FIELD(sr__participant_t, even_death.incarnation, 2, 99, GARBAGE),
    FIELD(sr__participant_t, even_death.last_sequence, FAR, GARBAGE),
    NAMED(sr__participant_t, even_death.name),
    ANY(sr__participant_t, even_death.proxy), /* another incarnation's says nothing */
    ANY(sr__participant_t, even_death.lost),
    ANY(sr__participant_t, even_death.origin_pid),
    ANY(sr__participant_t, even_death.origin_incarnation),
    RESERVED(sr__participant_t, even_death.reserved),
};

#define ACCOUNT_FIELDS(n)                                                      \
    FIELD(sr__subscription_t, accounts[n].start, FAR, GARBAGE),                \
        FIELD(sr__subscription_t, accounts[n].missed, FAR, GARBAGE),           \
        FIELD(sr__subscription_t, accounts[n].passed_over, FAR, GARBAGE),      \
        FIELD(sr__subscription_t, accounts[n].jump_to, FAR, GARBAGE),          \
        FIELD(sr__subscription_t, accounts[n].jump_missed, FAR, GARBAGE),      \
        FIELD(sr__subscription_t, accounts[n].jump_passed_over, FAR, GARBAGE), \
        FIELD(sr__subscription_t, accounts[n].pending, 9, GARBAGE),            \
        ANY(sr__subscription_t, accounts[n].generation)

static const field_t row_fields[] = {
    FIELD(sr__subscription_t, state, 7, UINT64_C(0x20000), GARBAGE),
    FIELD(sr__subscription_t, cursor, FAR, GARBAGE),
    ANY(sr__subscription_t, left_at),
    ANY(sr__subscription_t, left_by),
    RESERVED(sr__subscription_t, reserved0),
    ANY(sr__subscription_t, bytes_read),
    FIELD(sr__subscription_t, lost, FAR, GARBAGE),
    ANY(sr__subscription_t, missed_before),
    ANY(sr__subscription_t, mask),
    FIELD(sr__subscription_t, match, 1, GARBAGE),
    FIELD(sr__subscription_t, budget, 1, UINT64_C(1) << 32, GARBAGE),
    ANY(sr__subscription_t, every),
    ANY(sr__subscription_t, revoked_at),
    FIELD(sr__subscription_t, records, FAR, GARBAGE),
    FIELD(sr__subscription_t, records_missed, FAR, GARBAGE),
    NAMED(sr__subscription_t, name),
    FIELD(sr__subscription_t, group, 1, GARBAGE),
    FIELD(sr__subscription_t, records_passed_over, FAR, GARBAGE),
    FIELD(sr__subscription_t, latest, 2, GARBAGE),
    FIELD(sr__subscription_t, flags, 1u << 5, GARBAGE),
    ANY(sr__subscription_t, window), /* for people */
    ANY(sr__subscription_t, seen),
    ANY(sr__subscription_t, stall),
    ANY(sr__subscription_t, acks),
    ANY(sr__subscription_t, acks_until),
    FIELD(sr__subscription_t, marks, 3, GARBAGE),
    RESERVED(sr__subscription_t, reserved1),
    ACCOUNT_FIELDS(0),
    ACCOUNT_FIELDS(1),
};

static const field_t slot_fields[] = {
    FIELD(sr__slot_t, word, UINT64_C(0x7fff), UINT64_C(0x1003), GARBAGE),
    FIELD(sr__slot_t, sequence, FAR, GARBAGE),
    FIELD(sr__slot_t, length, 101, GARBAGE),
    ANY(sr__slot_t, time),
    ANY(sr__slot_t, tag),
    FIELD(sr__slot_t, producer, 3, UINT64_C(99) << 12, GARBAGE),
    FIELD(sr__slot_t, content, 2, UINT64_C(99) << 4, GARBAGE),
    FIELD(sr__slot_t, hold0, 8, UINT64_C(1) << 63, GARBAGE),
    ANY(sr__slot_t, number),
    FIELD(sr__slot_t, sum, 1, GARBAGE, UINT64_MAX),
    FIELD(sr__slot_t, next, UINT64_C(1) << 24, GARBAGE),
    FIELD(sr__slot_t, part_of, UINT64_C(1) << 24, GARBAGE),
    FIELD(sr__slot_t, freeing_current, UINT64_C(1) << 24, GARBAGE),
    FIELD(sr__slot_t, freeing_following, UINT64_C(1) << 24, GARBAGE),
    FIELD(sr__slot_t, letters, 1, GARBAGE),
    ANY(sr__slot_t, skipped), /* but see skip.damage_is_found */
};

static const field_t writer_fields[] = {
    FIELD(sr__writer_t, state, 3, UINT64_C(9) << 4 | SR__WRITER_WRITING, GARBAGE),
    FIELD(sr__writer_t, claimed, 3, GARBAGE, UINT64_MAX),
    FIELD(sr__writer_t, slot, 99, GARBAGE),
    FIELD(sr__writer_t, block, GARBAGE, UINT64_MAX),
    FIELD(sr__writer_t, total, FAR, GARBAGE),
    ANY(sr__writer_t, first),
    ANY(sr__writer_t, skipped),
    RESERVED(sr__writer_t, reserved),
};

static const field_t mark_fields[] = {
    FIELD(sr__mark_t, place, FAR, GARBAGE, UINT64_MAX),
    FIELD(sr__mark_t, serial, FAR, GARBAGE),
    FIELD(sr__mark_t, shape, 5, UINT64_C(0x3103), GARBAGE),
    ANY(sr__mark_t, run),
    ANY(sr__mark_t, value),
    ANY(sr__mark_t, time),
    FIELD(sr__mark_t, offset, GARBAGE, UINT64_MAX),
    FIELD(sr__mark_t, maker, UINT64_C(0xfff), GARBAGE),
    RESERVED(sr__mark_t, reserved0),
    ANY(sr__mark_t, bytes),
    RESERVED(sr__mark_t, reserved),
};

/* Of an entry in which no mark was. */
static const field_t free_mark_fields[] = {RESERVED(sr__mark_t, place), RESERVED(sr__mark_t, bytes),
                                           RESERVED(sr__mark_t, reserved)};

/* Of a slot that has something of a writer. */
static const field_t written_fields[] = {
    FIELD(sr__slot_t, length, 101, GARBAGE),
    FIELD(sr__slot_t, content, 2, UINT64_C(99) << 4, FAR << 16),
    FIELD(sr__slot_t, number, FAR, GARBAGE),
};

/* ---- Every byte is some field's ----------------------------------------------------------------------- */

static void check_covers(const char *what, const field_t *fields, size_t count, size_t size)
{
    uint8_t of[sizeof(sr__state_t)] = {0};
    for (size_t f = 0; f < count; f++)
        for (size_t i = 0; i < fields[f].size * fields[f].count; i++)
            of[fields[f].offset + i]++;
    for (size_t i = 0; i < size; i++) {
        check_context("byte %zu of a %s", i, what);
        CHECK_EQUAL(of[i], 1);
    }
    check_context("%s", "");
}

#define COVERS(what, fields, type) \
    check_covers(what, fields, sizeof(fields) / sizeof((fields)[0]), sizeof(type))

static void every_byte_has_a_field(void)
{
    COVERS("state page", state_fields, sr__state_t);
    COVERS("participant", participant_fields, sr__participant_t);
    COVERS("reader row", row_fields, sr__subscription_t);
    COVERS("slot", slot_fields, sr__slot_t);
    COVERS("writer", writer_fields, sr__writer_t);
    COVERS("mark", mark_fields, sr__mark_t);
}

/* ---- Wrong values are found --------------------------------------------------------------------------- */

typedef struct scene {
    slotring_t *ring, *left, *observer;
    slotring_reader_t *readers[2];
    slotring_slot_t held, writing;
    uint8_t *memory;
    sr__view_t view;
    uint64_t looks;
} scene_t;

/* Eight slots, with something of everything; four participant entries, of which one is in use, one was left and two are
 * new; three subscriptions, of which two are in use and one was. */
static void set_up(scene_t *s)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    size_t size;
    options.max_participants = 4;
    options.max_readers = 3;
    memset(s, 0, sizeof *s);
    s->ring = ring_open_with(ring_name(), &options);
    s->left = ring_attach(ring_name());
    publish(s->left, 2, 0);
    s->readers[0] = subscribe(s->ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    s->readers[1] = subscribe(s->ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_reader_t *idle = subscribe(s->ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = {{0}, 0, 0, 0};
    for (uint64_t n = 0; n < 4; n++)
        ticket = publish(s->ring, 1, n);
    CHECK_OK(slotring_unsubscribe(idle));
    CHECK_OK(slotring_close(s->left));
    hold(s->ring, &ticket, &s->held);
    CHECK_OK(slotring_allocate(s->ring, 1, &s->writing));
    s->observer = ring_observe(ring_name());
    s->memory = ring_map(ring_name(), &size);
    sr__view_bind(&s->view, (const sr__header_t *)(void *)s->memory, s->memory, true);
    audit_without_pauses(s->ring);
    audit_without_pauses(s->observer);
    check_ring(s->ring);
}

static void tear_down(scene_t *s)
{
    check_ring(s->ring);
    check_ring(s->observer);
    ring_unmap(s->memory);
    CHECK_OK(slotring_close(s->observer));
    CHECK_OK(slotring_abort(s->ring, &s->writing));
    CHECK_OK(slotring_release(s->ring, &s->held));
    for (int r = 0; r < 2; r++)
        CHECK_OK(slotring_unsubscribe(s->readers[r]));
    check_recovered(s->ring, 1);
    ring_remove(s->ring, ring_name());
}

static void keep_text(void *user, const char *finding)
{
    char *text = user;
    if (!*text)
        (void)snprintf(text, 200, "%s", finding);
}

/* `size` bytes at `at` say something else for a moment. By turns the ring's own handle and an observer look. */
static void plant(scene_t *s, void *at, const void *wrong, size_t size)
{
    uint64_t before = 0, findings = 0;
    char text[200] = "";
    slotring_t *who = s->looks++ % 4 == 0 ? s->observer : s->ring;
    memcpy(&before, at, size);
    if (memcmp(at, wrong, size) == 0)
        return; /* that is what it says */
    memcpy(at, wrong, size);
    int code = slotring_check(who, keep_text, text, &findings);
    memcpy(at, &before, size);
    CHECK_OK(code);
    CHECK_AT_LEAST(findings, 1);
    CHECK_AT_LEAST(strlen(text), 20);
    CHECK_OK(slotring_check(who, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 0);
}

static void plant_field(scene_t *s, const field_t *f, uint8_t *part)
{
    bool little = scaled(100) < 20; /* work is asked for */
    if (f->how == EACH_BYTE) {      /* the first, the last, and some in between */
        for (size_t i = 0; i < f->size; i += little ? 64 : 8)
            plant(s, part + f->offset + i, "\x01", 1);
        plant(s, part + f->offset + f->size - 1, "\x80", 1);
    } else if (f->how == NAME) {
        plant(s, part + f->offset + 47, "x", 1); /* no end; and something behind it */
        plant(s, part + f->offset + 46, "x", 1);
    }
    for (unsigned n = 0; n < f->count; n += little && n + 3 < f->count ? 3 : 1)
        for (unsigned v = 0; v < 3 && f->wrong[v] != 0; v++) {
            uint32_t half = (uint32_t)f->wrong[v];
            check_context("%s[%u] = 0x%llx", f->name, n, (unsigned long long)f->wrong[v]);
            const void *wrong = f->size == 4 ? (const void *)&half : (const void *)&f->wrong[v];
            plant(s, part + f->offset + n * f->size, wrong, f->size);
        }
}

static void plant_all(scene_t *s, const char *what, const field_t *fields, size_t count, void *part)
{
    for (size_t f = 0; f < count; f++) {
        if (part == &s->view.participants[0] && strstr(fields[f].name, "_death.") != NULL &&
            fields[f].how != EACH_BYTE)
            continue; /* nobody died there: a repairer that was killed may have written anything */
        check_context("%s: %s", what, fields[f].name);
        plant_field(s, &fields[f], part);
    }
    check_context("%s", "");
}

#define PLANT(s, what, fields, part) plant_all(s, what, fields, sizeof(fields) / sizeof((fields)[0]), part)

static void the_state_page(void)
{
    scene_t s;
    set_up(&s);
    PLANT(&s, "state page", state_fields, s.view.state);
    for (size_t i = 0; i < SR__PAGE; i += scaled(100) >= 20 ? 61 : 255) { /* and the header */
        uint8_t wrong = (uint8_t)(s.memory[i] ^ 0x40);
        check_context("header: byte %zu", i);
        plant(&s, s.memory + i, &wrong, 1);
    }
    check_context("%s", "");
    tear_down(&s);
}

/* Two more came to that place, and died while they produced. */
static void let_die(scene_t *s, uint32_t place)
{
    sr__participant_t *p = &s->view.participants[place];
    for (int n = 0; n < 2; n++) {
        atomic_fetch_add(&p->incarnation, 1);
        atomic_store(&p->stream, sr__stream_step(atomic_load(&p->stream), SR__STREAMING));
        sr__death_write(p, 0, false);
        atomic_store(&p->stream, sr__stream_step(atomic_load(&p->stream), SR__DIED));
        atomic_fetch_add(&p->incarnation, 1);
    }
    check_ring(s->ring);
}

static void participants(void)
{
    scene_t s;
    set_up(&s);
    let_die(&s, 1);
    PLANT(&s, "who is there", participant_fields, &s.view.participants[0]);
    PLANT(&s, "a place where two died", participant_fields, &s.view.participants[1]);
    tear_down(&s);
}

static void rows(void)
{
    scene_t s;
    set_up(&s);
    PLANT(&s, "a lossy reader", row_fields, &s.view.subscriptions[0]);
    PLANT(&s, "a lossless reader", row_fields, &s.view.subscriptions[1]);
    PLANT(&s, "a row that was left", row_fields, &s.view.subscriptions[2]);
    for (uint32_t r = 0; r < 3; r++)
        plant(&s, (void *)&s.view.offsets[r], &(uint64_t){GARBAGE}, 8);
    tear_down(&s);
}

static void slots(void)
{
    static const char *const names[] = {"a free slot", "a claimed slot", "", "a committed slot",
                                        "a published slot"};
    scene_t s;
    set_up(&s);
    unsigned done = 0;
    for (uint32_t i = 0; i < s.view.slot_count; i++) {
        sr__slot_t *slot = sr__slot(&s.view, i);
        uint32_t state = sr__slot_state(sr__load(&slot->word));
        if (done >> state & 1)
            continue;
        done |= 1u << state;
        PLANT(&s, names[state], slot_fields, slot);
    }
    CHECK_EQUAL(done & ~(1u << SR__PUBLISHED), 1u << SR__FREE | 1u << SR__CLAIMED | 1u << SR__COMMIT);
    tear_down(&s);
}

static void append(slotring_writer_t *writer, uint64_t size)
{
    char bytes[100] = "";
    CHECK_OK(slotring_writer_append(writer, bytes, size, 1, 0));
}

static sr__slot_t *slot_with(scene_t *s, enum sr__content_kind kind, bool open)
{
    for (uint32_t i = 0; i < s->view.slot_count; i++) {
        sr__slot_t *slot = sr__slot(&s->view, i);
        uint64_t content = sr__load(&slot->content);
        if (content != 0 && sr__content_writer(content) < s->view.writer_count &&
            sr__content_kind(content) == kind &&
            (sr__slot_state(sr__load(&slot->word)) == SR__CLAIMED) == open)
            return slot;
    }
    FAIL("no such slot");
}

/* One writer has a block open, after a message in a slot of its own and a block before that; another one was closed. */
static void writers(void)
{
    scene_t s;
    set_up(&s);
    slotring_writer_t *writer, *gone;
    slotring_slot_t slot;
    while (slotring_next(s.readers[1], 0, &slot) == 0)
        CHECK_OK(slotring_reader_release(s.readers[1]));
    CHECK_OK(slotring_writer_open(s.ring, NULL, &writer));
    CHECK_OK(slotring_writer_open(s.ring, NULL, &gone));
    append(gone, 8);
    CHECK_OK(slotring_writer_close(gone));
    append(writer, 8);
    append(writer, 8);
    append(writer, 60);
    append(writer, 8);
    CHECK_OK(slotring_next(s.readers[1], 0, &slot));
    CHECK_OK(slotring_reader_release(s.readers[1]));
    check_ring(s.ring);
    PLANT(&s, "a writer with an open block", writer_fields, &s.view.writers[0]);
    PLANT(&s, "a writer that was closed", writer_fields, &s.view.writers[1]);
    PLANT(&s, "a writer that never was", writer_fields, &s.view.writers[2]);
    PLANT(&s, "an open block", written_fields, slot_with(&s, SR__BLOCK, true));
    PLANT(&s, "a closed block", written_fields, slot_with(&s, SR__BLOCK, false));
    PLANT(&s, "a message of a writer", written_fields, slot_with(&s, SR__MESSAGE, false));
    PLANT(&s, "a reader of records", row_fields, &s.view.subscriptions[1]);
    PLANT(&s, "the state page", state_fields, s.view.state);
    CHECK_OK(slotring_writer_close(writer));
    tear_down(&s);
}

static void marks(void)
{
    scene_t s;
    set_up(&s);
    CHECK_OK(slotring_mark(s.ring, SLOTRING_MARK_RUN_BEGIN, 7, 0, NULL, 0, NULL));
    for (uint32_t n = 0; n < 2 * SR__MARK_ENTRIES; n++) /* the table of the others has been filled twice */
        CHECK_OK(slotring_mark(s.ring, SLOTRING_MARK_USER, 0, n, "x", 1, NULL));
    check_ring(s.ring);
    PLANT(&s, "the mark of a run", mark_fields, &s.view.marks[0]);
    PLANT(&s, "an entry without a mark", free_mark_fields, &s.view.marks[2]);
    PLANT(&s, "a user mark", mark_fields, &s.view.marks[SR__MARK_ENTRIES + 5]);
    PLANT(&s, "the last mark", mark_fields, &s.view.marks[2 * SR__MARK_ENTRIES - 1]);
    tear_down(&s);
}

static void order_and_bitmaps(void)
{
    scene_t s;
    set_up(&s);
    for (uint64_t t = 0; t <= s.view.order_mask; t++) {
        static const uint64_t wrong[] = {7, UINT64_C(5) << 3, GARBAGE};
        check_context("order entry %llu", (unsigned long long)t);
        for (int w = 0; w < 3; w++)
            plant(&s, (void *)&s.view.order[t], &wrong[w], 8);
    }
    for (uint32_t level = 0; level < SR__FREE_MAP_LEVELS; level++) {
        uint64_t wrong = sr__load(s.view.free_map[level]) | UINT64_C(1) << 40;
        check_context("free map, level %u", level);
        plant(&s, (void *)s.view.free_map[level], &wrong, 8);
    }
    for (uint32_t level = 0; level < SR__DEFERRED_LEVELS; level++) {
        uint64_t wrong = sr__load(s.view.deferred[level]) | UINT64_C(1) << 40;
        check_context("left of level %u", level);
        plant(&s, (void *)s.view.deferred[level], &wrong, 8);
    }
    uint64_t withdrawn_words = sr__layout_withdrawn_words(s.view.order_mask + 1, &(uint32_t){0});
    for (uint64_t i = 0; i < withdrawn_words; i++) {
        static const uint64_t wrong[] = {1, UINT64_C(2) << 16, GARBAGE};
        check_context("freed word %llu", (unsigned long long)i);
        for (int w = 0; w < 3; w++)
            plant(&s, (void *)&s.view.withdrawn[0][i], &wrong[w], 8);
    }
    check_context("%s", "");
    tear_down(&s);
}

/* What is not 1 orders nothing, whoever says it to people. */
static void a_damaged_order_to_go_is_none(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64), *observer = ring_observe(ring_name());
    slotring_list_entry_t list[64];
    uint32_t count = 0;
    uint64_t findings = 0;
    size_t size;
    uint8_t *memory = ring_map(ring_name(), &size);
    memory[4104] = 0x5a;
    CHECK_EQUAL(ring_info(ring).remove_when_unused, 0);
    CHECK_EQUAL(ring_info(observer).remove_when_unused, 0);
    CHECK_OK(slotring_check(observer, NULL, NULL, &findings));
    CHECK_EQUAL(findings, 1);
    CHECK_OK(slotring_list(NULL, list, 64, &count, NULL));
    for (uint32_t i = 0; i < count && i < 64; i++)
        CHECK(strcmp(list[i].name, ring_name()) != 0 || list[i].remove_when_unused == 0);
    memory[4104] = 0;
    ring_unmap(memory);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"every_byte_has_a_field", every_byte_has_a_field, 0},
    {"the_state_page", the_state_page, 0},
    {"participants", participants, 0},
    {"rows", rows, 0},
    {"slots", slots, 0},
    {"writers", writers, 0},
    {"marks", marks, 0},
    {"order_and_bitmaps", order_and_bitmaps, 0},
    {"a_damaged_order_to_go_is_none", a_damaged_order_to_go_is_none, 0},
    {NULL, NULL, 0},
};

const test_suite_t check_fields_suite = {"check_fields", cases, NULL};
