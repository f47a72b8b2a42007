/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of src/protocol/README.md show what the code does: each operation is stepped through, and the words of
 * shared memory are written down whenever they change. The lines must be those of the picture, in their order. */
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/record.h"
#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

#define SLOTS 4u
#define LINES_MAX 40u

/* ---- Lines ------------------------------------------------------------------------------------------- */

/* Who stands in the pictures: A made the ring, and B does the step; C has died. */
static const char *who(uint32_t participant)
{
    static const char *const names[] = {"A", "B", "C"};
    return participant < 3 ? names[participant] : "-";
}

typedef struct line {
    char text[200];
    size_t length;
} line_t;

static void add(line_t *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(line->text + line->length, sizeof line->text - line->length, format, list);
    va_end(list);
    CHECK(length >= 0 && (size_t)length < sizeof line->text - line->length);
    line->length += (size_t)length;
}

static void add_number(line_t *line, const char *name, uint64_t number)
{
    if (number == SR__NO_SEQUENCE)
        add(line, "  %s none", name);
    else
        add(line, "  %s %llu", name, (unsigned long long)number);
}

/* The word of a slot: state, owner, flags; and in between the version, where it matters. */
static void add_word(line_t *line, const sr__view_t *view, uint32_t slot, bool with_version)
{
    static const char *const states[] = {"FREE", "CLAIMED", "RECLAIM", "COMMIT", "PUBLISHED", "PIECE"};
    uint64_t w = sr__load(&sr__slot(view, slot)->word);
    add(line, "%s %s", states[sr__slot_state(w)],
        who(sr__slot_state(w) == SR__FREE ? SR__NOBODY : sr__owner(w)));
    if (with_version)
        add(line, " v%llu", (unsigned long long)sr__version(w));
    add(line, "%s%s", sr__is_retired(w) ? " retired" : "", sr__is_withdrawn(w) ? " withdrawn" : "");
}

static void add_holders(line_t *line, const sr__view_t *view, uint32_t slot)
{
    uint64_t bits = sr__load(&sr__slot(view, slot)->hold0);
    add(line, "%s", bits == 0 ? "-" : "");
    for (uint32_t p = 0; p < 3; p++)
        add(line, "%s", bits >> p & 1 ? who(p) : "");
}

static void add_held(line_t *line, const sr__view_t *view, uint32_t slot)
{
    add(line, "  held by ");
    add_holders(line, view, slot);
}

static void add_bits(line_t *line, const sr__view_t *view)
{
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        add(line, "%d", (int)(sr__load(&view->free_map[0][0]) >> slot & 1));
}

static void add_map(line_t *line, const sr__view_t *view)
{
    add(line, "  map ");
    add_bits(line, view);
}

static void add_entry(line_t *line, const sr__view_t *view, uint64_t sequence)
{
    uint64_t entry = sr__load(sr__order_at(view, sequence)), lap = entry >> view->slot_bits;
    add(line, "  order[%llu]", (unsigned long long)(sequence & view->order_mask));
    if (lap == 0)
        add(line, " empty");
    else
        add(line, " %llu in slot %u",
            (unsigned long long)((lap - 1) << view->order_bits | (sequence & view->order_mask)),
            sr__entry_slot(view, entry));
}

/* ---- What is looked at, for each picture ----------------------------------------------------------------- */

static void look_at_free(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 2, true);
    add_number(line, "sequence", sr__load(&sr__slot(view, 2)->sequence));
    add_map(line, view);
}

static void look_at_oldest(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 0, true);
    add_number(line, "sequence", sr__load(&sr__slot(view, 0)->sequence));
    add_held(line, view, 0);
    add_number(line, "frontier", sr__load(&view->state->frontier));
}

static void look_at_two(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 0, true);
    add_held(line, view, 0);
    add(line, "  next: ");
    add_word(line, view, 1, true);
    add_number(line, "frontier", sr__load(&view->state->frontier));
}

static void look_at_end(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 0, true);
    add_number(line, "sequence", sr__load(&sr__slot(view, 0)->sequence));
    add_entry(line, view, 4);
    add_number(line, "tail", sr__load(&view->state->tail));
}

static void look_at_frontier(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 0, true);
    add_held(line, view, 0);
    add_entry(line, view, 8);
    add_number(line, "frontier", sr__load(&view->state->frontier));
}

static void look_at_hold(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 0, true);
    add_held(line, view, 0);
}

static void look_at_last_hold(line_t *line, const sr__view_t *view)
{
    look_at_hold(line, view);
    add_map(line, view);
}

static void look_at_cursor(line_t *line, const sr__view_t *view)
{
    add_entry(line, view, sr__number(sr__load(&view->subscriptions[0].cursor)));
    add_number(line, "cursor", sr__number(sr__load(&view->subscriptions[0].cursor)));
    add_held(line, view, 0);
}

static void look_at_account(line_t *line, const sr__view_t *view)
{
    const sr__subscription_t *own = &view->subscriptions[0];
    add_number(line, "missed", sr__load(&own->accounts[0].missed));
    add_number(line, "jump_to", sr__load(&own->accounts[0].jump_to));
    add_number(line, "jump_missed", sr__load(&own->accounts[0].jump_missed));
    add_number(line, "cursor", sr__load(&own->cursor));
}

static void add_words(line_t *line, const sr__view_t *view, uint32_t slots)
{
    for (uint32_t slot = 0; slot < slots; slot++) {
        add(line, " ");
        add_word(line, view, slot, false);
    }
}

/* Which slot a link of a span names. */
static void add_link(line_t *line, const char *name, uint64_t link)
{
    if (link == 0)
        add(line, " %s none", name);
    else
        add(line, " %s %u", name, sr__link_slot(link));
}

static void add_kind(line_t *line, const sr__view_t *view)
{
    static const char *const kinds[] = {"message", "block", "open span", "-", "span"};
    uint64_t kind = sr__content_kind(sr__peek(&sr__slot(view, 0)->content));
    add(line, " kind %s", kind < 5 ? kinds[kind] : "-");
}

static void look_at_span(line_t *line, const sr__view_t *view)
{
    add_words(line, view, 3);
    add_kind(line, view);
    add_link(line, "current", sr__load(&sr__slot(view, 0)->freeing_current));
    add_entry(line, view, 0);
}

static void look_at_pieces(line_t *line, const sr__view_t *view)
{
    add_words(line, view, 3);
    add_kind(line, view);
    add_link(line, "current", sr__load(&sr__slot(view, 0)->freeing_current));
    add_link(line, "following", sr__load(&sr__slot(view, 0)->freeing_following));
    add_map(line, view);
}

static void add_header(line_t *line, const sr__view_t *view, uint64_t place)
{
    uint64_t header = sr__load(sr__record_word(sr__block_bytes(view, 0), place));
    if (header == 0)
        add(line, "  at %u none", (unsigned)place);
    else
        add(line, "  at %u %u bytes", (unsigned)place, (unsigned)sr__record_length(header));
}

static void look_at_block(line_t *line, const sr__view_t *view)
{
    add_word(line, view, 0, false);
    add_header(line, view, 16);
    add_header(line, view, 32);
}

static void look_at_passed(line_t *line, const sr__view_t *view)
{
    add_number(line, "cursor", sr__load(&view->subscriptions[0].cursor));
    add(line, "  ");
    add_word(line, view, 0, true);
    add_map(line, view);
}

/* Of C: subscription; slot 0 and its holders; slots 1 and 2; the free map; stream; incarnation. */
static void look_at_dead(line_t *line, const sr__view_t *view)
{
    static const char *const subscriptions[] = {"FREE", "JOIN", "ACTIVE"};
    static const char *const streams[] = {"none", "open", "ended", "died"};
    const sr__participant_t *dead = &view->participants[2];
    add(line, "%s ", subscriptions[sr__subscription_state(sr__load(&view->subscriptions[0].state))]);
    add_word(line, view, 0, false);
    add(line, " ");
    add_holders(line, view, 0);
    for (uint32_t slot = 1; slot < 3; slot++) {
        add(line, " ");
        add_word(line, view, slot, false);
    }
    add(line, " ");
    add_bits(line, view);
    add(line, " %s %llu", streams[sr__stream_phase(sr__load(&dead->stream))],
        (unsigned long long)sr__load(&dead->incarnation));
}

/* ---- B, who does the step --------------------------------------------------------------------------------- */

static slotring_ticket_t tickets[SLOTS]; /* of A's first messages */

static void claims(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    step_end();
}

static void publishes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    uint64_t length;
    prepare(ring, 1, 0, &slot, &length);
    step_begin();
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    step_end();
}

static void acquires(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_acquire_for_read(ring, &tickets[0], &slot));
    step_end();
}

static void releases(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    hold(ring, &tickets[0], &slot);
    step_begin();
    CHECK_OK(slotring_release(ring, &slot));
    step_end();
}

/* A walk has come by meanwhile. */
static void releases_retired(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot, other;
    hold(ring, &tickets[0], &slot);
    CHECK_OK(slotring_allocate(ring, 1, &other));
    CHECK_OK(slotring_abort(ring, &other));
    step_begin();
    CHECK_OK(slotring_release(ring, &slot));
    step_end();
}

static void frees(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    CHECK_OK(slotring_free(ring, &tickets[0]));
    step_end();
}

static void reads(const char *name, uint32_t mode, uint64_t messages)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < messages; n++)
        publish(ring, 1, n);
    step_begin();
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    step_end();
}

static void reads_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads(name, SLOTRING_LOSSLESS, 1);
}

static void reads_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads(name, SLOTRING_LOSSY, 1);
}

static void jumps(peer_t *test, const char *name)
{
    (void)test;
    reads(name, SLOTRING_LOSSY, SLOTS + 2);
}

static slotring_t *writes_span(const char *name, slotring_slot_t *slot)
{
    slotring_t *ring = ring_attach(name);
    CHECK_OK(slotring_allocate_span(ring, 250, 0, slot));
    slot->tag = 1;
    return ring;
}

static void publishes_span(peer_t *test, const char *name)
{
    (void)test;
    slotring_slot_t slot;
    slotring_t *ring = writes_span(name, &slot);
    step_begin();
    CHECK_OK(slotring_mark_ready(ring, &slot, 250));
    step_end();
}

static void appends(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_writer_t *writer = writer_open(ring);
    uint64_t message = 1;
    CHECK_OK(slotring_writer_append(writer, &message, sizeof message, 0, 0));
    step_begin();
    CHECK_OK(slotring_writer_append(writer, &message, sizeof message, 0, 0));
    step_end();
}

static peer_t dying; /* C, until B comes to its step */

static void repairs(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    CHECK_SYSTEM(kill(dying.pid, SIGKILL));
    while (!sr__participant_is_dead(&ring->member, 2, NULL))
        sched_yield();
    step_begin();
    CHECK_OK(slotring_recover(ring, NULL));
    step_end();
}

/* ---- What A has prepared ------------------------------------------------------------------------------------ */

static void nothing(slotring_t *ring)
{
    (void)ring;
}

static void fill(slotring_t *ring)
{
    for (uint32_t n = 0; n < SLOTS; n++)
        tickets[n] = publish(ring, 0, n);
}

static void free_one(slotring_t *ring)
{
    fill(ring);
    CHECK_OK(slotring_free(ring, &tickets[2]));
}

/* All slots: three are a span's, the last one a message's. */
static void fill_with_span(slotring_t *ring)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_span(ring, 250, 0, &slot));
    CHECK_OK(slotring_mark_ready(ring, &slot, 250));
    publish(ring, 0, 1);
}

static slotring_slot_t held;

static void hold_oldest(slotring_t *ring)
{
    fill(ring);
    hold(ring, &tickets[0], &held);
}

/* The frontier stays at the message that is held, until its position in the order is the next one. */
static void fill_order(slotring_t *ring)
{
    hold_oldest(ring);
    for (uint32_t n = 1; n < SLOTS; n++)
        CHECK_OK(slotring_free(ring, &tickets[n]));
    for (uint64_t n = SLOTS; n < ring->member.view.order_mask + 1; n++) {
        slotring_ticket_t ticket = publish(ring, 0, n);
        CHECK_OK(slotring_free(ring, &ticket));
    }
}

/* As a walk that looks who holds the slot. */
static void reclaim_oldest(slotring_t *ring)
{
    fill(ring);
    sr__slot_t *s = sr__slot(&ring->member.view, 0);
    uint64_t w = sr__load(&s->word);
    CHECK(sr__cas(&s->word, w, sr__with_state(w, SR__RECLAIM, ring->member.me)));
}

/* C. Publishes one message and holds it, writes into two slots, and reads without loss. */
static void dies(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    (void)subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 2, 0);
    slotring_slot_t read, write[2];
    hold(ring, &ticket, &read);
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_allocate(ring, 1, &write[i]));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

/* C is the participant after B. Of its two slots it has committed the second, and not listed it. */
static void let_die(slotring_t *ring)
{
    slotring_t *before = ring_attach(ring_name());
    dying = peer_start(BY_FORK, "path-pictures-dies", ring_name());
    peer_expect(&dying, 1);
    CHECK_OK(slotring_close(before));
    sr__slot_t *s = sr__slot(&ring->member.view, 2);
    uint64_t w = sr__load(&s->word);
    sr__poke(&s->sequence, 1);
    CHECK(sr__cas(&s->word, w, sr__with_state(w, SR__COMMIT, sr__owner(w))));
}

/* ---- The pictures --------------------------------------------------------------------------------------------- */

typedef struct picture {
    const char *title;
    void (*prepare)(slotring_t *ring);
    role_fn step;
    void (*look)(line_t *line, const sr__view_t *view);
    uint32_t flags; /* of the ring */
} picture_t;

static const picture_t pictures[] = {
    {"Claim a free slot", free_one, claims, look_at_free, 0},
    {"Claim the oldest message's slot", fill, claims, look_at_oldest, 0},
    {"Claim while the oldest message is held", hold_oldest, claims, look_at_two, 0},
    {"Publish", fill, publishes, look_at_end, 0},
    {"Publish where the frontier stands", fill_order, publishes, look_at_frontier, 0},
    {"Publish a span", nothing, publishes_span, look_at_span, 0},
    {"Claim the slots of a span", fill_with_span, claims, look_at_pieces, 0},
    {"Append a record", nothing, appends, look_at_block, 0},
    {"Acquire", fill, acquires, look_at_hold, 0},
    {"Acquire while somebody reclaims", reclaim_oldest, acquires, look_at_hold, 0},
    {"Release", fill, releases, look_at_hold, 0},
    {"Release a retired slot", fill, releases_retired, look_at_last_hold, 0},
    {"Withdraw", fill, frees, look_at_last_hold, 0},
    {"Next, lossless", nothing, reads_lossless, look_at_cursor, 0},
    {"Next, lossy", nothing, reads_lossy, look_at_cursor, 0},
    {"Next, lossy, behind", nothing, jumps, look_at_account, 0},
    {"Next, lossless, in a ring with hot slots", nothing, reads_lossless, look_at_passed, SLOTRING_HOT_SLOTS},
    {"Repair", let_die, repairs, look_at_dead, 0},
};

typedef struct lines {
    const picture_t *picture;
    const sr__view_t *view;
    uint32_t count;
    line_t line[LINES_MAX];
} lines_t;

static bool look(void *context, unsigned long done)
{
    lines_t *lines = context;
    line_t line = {.length = 0};
    (void)done;
    lines->picture->look(&line, lines->view);
    if (lines->count > 0 && strcmp(lines->line[lines->count - 1].text, line.text) == 0)
        return true;
    CHECK(lines->count < LINES_MAX);
    lines->line[lines->count++] = line;
    return true;
}

/* Columns may be filled up. */
static void one_space_for_many(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\n' && (*from != ' ' || (to > text && to[-1] != ' ')))
            *to++ = *from;
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

/* The next line of the picture: what stands behind the bar. False: no further one. */
static bool next_drawn(FILE *page, char *text, int size)
{
    while (fgets(text, size, page) != NULL && strncmp(text, "#", 1) != 0) {
        char *bar = strstr(text, " | ");
        if (bar == NULL || strncmp(text, "| ", 2) == 0)
            continue;
        memmove(text, bar + 3, strlen(bar + 3) + 1);
        one_space_for_many(text);
        return true;
    }
    return false;
}

static void compare(lines_t *lines)
{
    FILE *page = fopen(PICTURES, "r");
    if (page == NULL)
        FAIL("%s cannot be read", PICTURES);
    char text[400], title[100];
    (void)snprintf(title, sizeof title, "### %s\n", lines->picture->title);
    bool found = false;
    while (!found && fgets(text, sizeof text, page) != NULL)
        found = strcmp(text, title) == 0;
    for (uint32_t i = 0; i < lines->count; i++)
        printf("%s\n", lines->line[i].text);
    if (!found)
        FAIL("there is no picture \"%s\"", lines->picture->title);
    for (uint32_t i = 0; i < lines->count; i++) {
        one_space_for_many(lines->line[i].text);
        if (!next_drawn(page, text, sizeof text))
            FAIL("\"%s\" has %u lines, and the code goes on: %s", lines->picture->title, i,
                 lines->line[i].text);
        if (strcmp(text, lines->line[i].text) != 0)
            FAIL("\"%s\" says: %s; the code: %s", lines->picture->title, text, lines->line[i].text);
    }
    if (next_drawn(page, text, sizeof text))
        FAIL("\"%s\" has a line too many: %s", lines->picture->title, text);
    (void)fclose(page);
}

static void are_as_the_code_does(void)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        static lines_t lines;
        step_trace_t trace = {0};
        slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 100);
        options.flags |= pictures[i].flags;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        check_context("picture \"%s\"", pictures[i].title);
        lines = (lines_t){.picture = &pictures[i], .view = &ring->member.view};
        pictures[i].prepare(ring);
        pid_t victim = step_record(pictures[i].step, ring_name(), look, &lines, &trace);
        (void)look(&lines, trace.count);
        step_kill(victim);
        step_forget(&trace);
        printf("%s\n", pictures[i].title);
        compare(&lines);
        if (pictures[i].prepare == hold_oldest || pictures[i].prepare == fill_order)
            CHECK_OK(slotring_release(ring, &held));
        if (pictures[i].prepare == let_die)
            peer_kill(&dying);
        CHECK_OK(slotring_recover(ring, NULL));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

static const test_case_t cases[] = {{"are_as_the_code_does", are_as_the_code_does, 0}, {NULL, NULL, 0}};

static const test_role_t roles[] = {{"path-pictures-dies", dies}, {NULL, NULL}};

const test_suite_t path_pictures_suite = {"path_pictures", cases, roles};
