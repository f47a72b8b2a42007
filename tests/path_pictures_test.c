/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of what a slot goes through: it is claimed, published, held, released, withdrawn, read in order; and repaired after
 * a death. */
#include <sched.h>
#include <signal.h>

#include "protocol/record.h"
#include "support/pictures.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

/* ---- What is looked at, for each picture ----------------------------------------------------------------- */

static void look_at_free(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 2, true);
    draw_number(line, "sequence", sr__load(&sr__slot(view, 2)->sequence));
    draw_map(line, view);
}

static void look_at_oldest(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, true);
    draw_number(line, "sequence", sr__load(&sr__slot(view, 0)->sequence));
    draw_held(line, view, 0);
    draw_number(line, "frontier", sr__load(&view->state->frontier));
}

static void look_at_two(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, true);
    draw_held(line, view, 0);
    draw(line, "  next: ");
    draw_word(line, view, 1, true);
    draw_number(line, "frontier", sr__load(&view->state->frontier));
}

static void look_at_end(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, true);
    draw_number(line, "sequence", sr__load(&sr__slot(view, 0)->sequence));
    draw_entry(line, view, 4);
    draw_number(line, "tail", sr__load(&view->state->tail));
}

static void look_at_frontier(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, true);
    draw_held(line, view, 0);
    draw_entry(line, view, 8);
    draw_number(line, "frontier", sr__load(&view->state->frontier));
}

static void look_at_hold(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, true);
    draw_held(line, view, 0);
}

static void look_at_last_hold(line_t *line, const sr__view_t *view)
{
    look_at_hold(line, view);
    draw_map(line, view);
}

static void look_at_cursor(line_t *line, const sr__view_t *view)
{
    draw_entry(line, view, sr__number(sr__load(&view->subscriptions[0].cursor)));
    draw_number(line, "cursor", sr__number(sr__load(&view->subscriptions[0].cursor)));
    draw_held(line, view, 0);
}

static void look_at_account(line_t *line, const sr__view_t *view)
{
    const sr__subscription_t *own = &view->subscriptions[0];
    draw_number(line, "missed", sr__load(&own->accounts[0].missed));
    draw_number(line, "jump_to", sr__load(&own->accounts[0].jump_to));
    draw_number(line, "jump_missed", sr__load(&own->accounts[0].jump_missed));
    draw_number(line, "cursor", sr__load(&own->cursor));
}

static void add_words(line_t *line, const sr__view_t *view, uint32_t slots)
{
    for (uint32_t slot = 0; slot < slots; slot++) {
        draw(line, " ");
        draw_word(line, view, slot, false);
    }
}

/* Which slot a link of a span names. */
static void add_link(line_t *line, const char *name, uint64_t link)
{
    if (link == 0)
        draw(line, " %s none", name);
    else
        draw(line, " %s %u", name, sr__link_slot(link));
}

static void add_kind(line_t *line, const sr__view_t *view)
{
    static const char *const kinds[] = {"message", "block", "open span", "-", "span"};
    uint64_t kind = sr__content_kind(sr__peek(&sr__slot(view, 0)->content));
    draw(line, " kind %s", kind < 5 ? kinds[kind] : "-");
}

static void look_at_span(line_t *line, const sr__view_t *view)
{
    add_words(line, view, 3);
    add_kind(line, view);
    add_link(line, "current", sr__load(&sr__slot(view, 0)->freeing_current));
    draw_entry(line, view, 0);
}

static void look_at_pieces(line_t *line, const sr__view_t *view)
{
    add_words(line, view, 3);
    add_kind(line, view);
    add_link(line, "current", sr__load(&sr__slot(view, 0)->freeing_current));
    add_link(line, "following", sr__load(&sr__slot(view, 0)->freeing_following));
    draw_map(line, view);
}

static void add_header(line_t *line, const sr__view_t *view, uint64_t place)
{
    uint64_t header = sr__load(sr__record_word(sr__block_bytes(view, 0), place));
    if (header == 0)
        draw(line, "  at %u none", (unsigned)place);
    else
        draw(line, "  at %u %u bytes", (unsigned)place, (unsigned)sr__record_length(header));
}

static void look_at_block(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, false);
    add_header(line, view, 16);
    add_header(line, view, 32);
}

static void look_at_passed(line_t *line, const sr__view_t *view)
{
    draw_number(line, "cursor", sr__load(&view->subscriptions[0].cursor));
    draw(line, "  ");
    draw_word(line, view, 0, true);
    draw_map(line, view);
}

/* Of C: subscription; slot 0 and its holders; slots 1 and 2; the free map; stream; incarnation. */
static void look_at_dead(line_t *line, const sr__view_t *view)
{
    static const char *const subscriptions[] = {"FREE", "JOIN", "ACTIVE"};
    static const char *const streams[] = {"none", "open", "ended", "died"};
    const sr__participant_t *dead = &view->participants[2];
    draw(line, "%s ", subscriptions[sr__subscription_state(sr__load(&view->subscriptions[0].state))]);
    draw_word(line, view, 0, false);
    draw(line, " ");
    draw_holders(line, view, 0);
    for (uint32_t slot = 1; slot < 3; slot++) {
        draw(line, " ");
        draw_word(line, view, slot, false);
    }
    draw(line, " ");
    draw_bits(line, view);
    draw(line, " %s %llu", streams[sr__stream_phase(sr__load(&dead->stream))],
         (unsigned long long)sr__load(&dead->incarnation));
}

/* ---- B, who does the step --------------------------------------------------------------------------------- */

static slotring_ticket_t tickets[PICTURE_SLOTS]; /* of A's first messages */

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
    reads(name, SLOTRING_LOSSY, PICTURE_SLOTS + 2);
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
    for (uint32_t n = 0; n < PICTURE_SLOTS; n++)
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
    for (uint32_t n = 1; n < PICTURE_SLOTS; n++)
        CHECK_OK(slotring_free(ring, &tickets[n]));
    for (uint64_t n = PICTURE_SLOTS; n < ring->member.view.order_mask + 1; n++) {
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

/* ---- Afterwards ----------------------------------------------------------------------------------------------- */

static void release_oldest(slotring_t *ring)
{
    CHECK_OK(slotring_release(ring, &held));
}

static void bury(slotring_t *ring)
{
    (void)ring;
    peer_kill(&dying);
}

/* ---- The pictures --------------------------------------------------------------------------------------------- */

static const picture_t pictures[] = {
    {"Claim a free slot", free_one, claims, look_at_free, 0, NULL},
    {"Claim the oldest message's slot", fill, claims, look_at_oldest, 0, NULL},
    {"Claim while the oldest message is held", hold_oldest, claims, look_at_two, 0, release_oldest},
    {"Publish", fill, publishes, look_at_end, 0, NULL},
    {"Publish where the frontier stands", fill_order, publishes, look_at_frontier, 0, release_oldest},
    {"Publish a span", nothing, publishes_span, look_at_span, 0, NULL},
    {"Claim the slots of a span", fill_with_span, claims, look_at_pieces, 0, NULL},
    {"Append a record", nothing, appends, look_at_block, 0, NULL},
    {"Acquire", fill, acquires, look_at_hold, 0, NULL},
    {"Acquire while somebody reclaims", reclaim_oldest, acquires, look_at_hold, 0, NULL},
    {"Release", fill, releases, look_at_hold, 0, NULL},
    {"Release a retired slot", fill, releases_retired, look_at_last_hold, 0, NULL},
    {"Withdraw", fill, frees, look_at_last_hold, 0, NULL},
    {"Next, lossless", nothing, reads_lossless, look_at_cursor, 0, NULL},
    {"Next, lossy", nothing, reads_lossy, look_at_cursor, 0, NULL},
    {"Next, lossy, behind", nothing, jumps, look_at_account, 0, NULL},
    {"Next, lossless, in a ring with hot slots", nothing, reads_lossless, look_at_passed, SLOTRING_HOT_SLOTS,
     NULL},
    {"Repair", let_die, repairs, look_at_dead, 0, bury},
    {NULL, NULL, NULL, NULL, 0, NULL},
};

static void are_as_the_code_does(void)
{
    pictures_compare(pictures);
}

static const test_case_t cases[] = {{"are_as_the_code_does", are_as_the_code_does, 0}, {NULL, NULL, 0}};

static const test_role_t roles[] = {{"path-pictures-dies", dies}, {NULL, NULL}};

const test_suite_t path_pictures_suite = {"path_pictures", cases, roles};
