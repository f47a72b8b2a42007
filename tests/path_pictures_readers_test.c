/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of what lies beside the slots: marks, and the subscriptions of readers that are durable, work in a group, or have
 * a budget. */
#include "protocol/group_pass.h"
#include "support/pictures.h"
#include "support/ring.h"
#include "support/step.h"
#include "support/suite.h"

#define NAME "recorder"

/* ---- What is looked at, for each picture ----------------------------------------------------------------- */

static void look_at_mark(line_t *line, const sr__view_t *view)
{
    static const char *const kinds[] = {"none", "begin", "end", "user", "gap"};
    const sr__mark_t *entry = &view->marks[SR__MARK_ENTRIES]; /* the first one that is none of a run */
    uint64_t place = sr__load(&entry->place), kind = sr__load(&entry->shape) & 0xff;
    draw(line, "marks %llu",
         (unsigned long long)sr__marks_of(sr__load(&view->state->marks), SR__OTHER_MARKS));
    draw(line, "  kind %s", kind < 5 ? kinds[kind] : "-");
    draw_number(line, "value", sr__load(&entry->value));
    if (place & SR__MARK_PENDING)
        draw(line, "  place pending");
    else
        draw_number(line, "place", place);
}

/* The state of a subscription: its owner, what it is, and which owner it has by now. */
static void draw_subscription(line_t *line, const sr__view_t *view, uint32_t row)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } flags[] = {
        {SR__SUBSCRIPTION_GATES, "gates"},     {SR__SUBSCRIPTION_REVOKED, "revoked"},
        {SR__SUBSCRIPTION_STARTING, "starts"}, {SR__SUBSCRIPTION_DURABLE, "durable"},
        {SR__SUBSCRIPTION_GROUP, "group"},
    };
    static const char *const states[] = {"FREE", "JOIN", "ACTIVE"};
    uint64_t word = sr__load(&view->subscriptions[row].state);
    uint32_t state = sr__subscription_state(word);
    draw(line, "%s %s", states[state],
         who(state == SR__SUBSCRIPTION_FREE ? SR__NOBODY : sr__subscription_owner(word)));
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (state != SR__SUBSCRIPTION_FREE && (sr__subscription_flags(word) & flags[i].flag) != 0)
            draw(line, " %s", flags[i].name);
}

static void look_at_leaving(line_t *line, const sr__view_t *view)
{
    const sr__subscription_t *own = &view->subscriptions[0];
    uint64_t by = sr__load(&own->left_by);
    draw_subscription(line, view, 0);
    draw_number(line, "cursor", sr__number(sr__load(&own->cursor)));
    draw(line, "  time %s", sr__load(&own->left_at) == 0 ? "none" : "noted");
    draw(line, "  left by %s",
         who(by == 0                                      ? SR__NOBODY
             : by == sr__load(&view->participants[1].pid) ? 1
                                                          : 0));
}

static void look_at_taking_over(line_t *line, const sr__view_t *view)
{
    const sr__subscription_t *own = &view->subscriptions[0];
    uint64_t cursor = sr__load(&own->cursor);
    draw_subscription(line, view, 0);
    draw(line, " g%u", sr__subscription_generation(sr__load(&own->state)));
    draw(line, "  cursor %u g%u", (unsigned)sr__number(cursor), (unsigned)(cursor >> SR__NUMBER_BITS));
    for (int i = 0; i < 2; i++)
        draw(line, "  account %d: start %u g%u", i + 1, (unsigned)sr__load(&own->accounts[i].start),
             (unsigned)sr__load(&own->accounts[i].generation));
}

static void draw_take(line_t *line, const sr__view_t *view, uint64_t sequence)
{
    static const char *const states[] = {"NONE", "TAKEN", "OFFERED", "DONE", "DEAD", "PASSED"};
    uint64_t word = sr__load(sr__take_at(view, 0, sequence));
    draw(line, "%s %s tries %u", states[sr__take_state(word)],
         who(sr__take_state(word) == SR__TAKE_NONE ? SR__NOBODY : sr__take_owner(word)),
         sr__take_tries(word));
}

static void look_at_work(line_t *line, const sr__view_t *view)
{
    draw_take(line, view, 0);
    draw_number(line, "next", sr__load(&view->groups[0].next));
    draw_number(line, "acknowledged by B", sr__load(&view->subscriptions[1].cursor));
    draw_number(line, "cursor", sr__number(sr__load(&view->subscriptions[0].cursor)));
}

static void look_at_passing(line_t *line, const sr__view_t *view)
{
    draw_take(line, view, 0);
    draw_number(line, "next", sr__load(&view->groups[0].next));
    draw_number(line, "passed over", sr__passed_total(sr__load(&view->groups[0].passed_over)));
    draw_number(line, "cursor", sr__number(sr__load(&view->subscriptions[0].cursor)));
}

static void look_at_offer(line_t *line, const sr__view_t *view)
{
    draw_take(line, view, 0);
    draw_number(line, "offered", sr__load(&view->groups[0].offered));
    draw(line, "  left by %s",
         sr__load(&view->subscriptions[0].left_by) == sr__load(&view->participants[1].pid) ? "B" : "A");
    draw(line, "  B's: ");
    draw_subscription(line, view, 1);
}

/* Where the group's first letter is listed, and whether its slot is kept for it. */
static void draw_letter(line_t *line, const sr__view_t *view)
{
    uint64_t word = sr__load(&view->groups[0].letters[0]);
    draw(line, "  kept %s", sr__load(&sr__slot(view, 0)->letters) & 1 ? "yes" : "no");
    if (word == 0)
        draw(line, "  place empty");
    else
        draw(line, "  place slot %u %s", sr__letter_slot(word), who(sr__letter_owner(word)));
}

static void look_at_burial(line_t *line, const sr__view_t *view)
{
    draw_take(line, view, 0);
    draw_letter(line, view);
    draw_number(line, "dead letters", sr__total_of(sr__load(&view->groups[0].dead_lettered)));
    draw_number(line, "cursor", sr__number(sr__load(&view->subscriptions[0].cursor)));
}

static void look_at_dropping(line_t *line, const sr__view_t *view)
{
    draw_word(line, view, 0, false);
    draw_letter(line, view);
}

static void look_at_revocation(line_t *line, const sr__view_t *view)
{
    draw_subscription(line, view, 0);
    draw(line, "  time %s", atomic_load(&view->subscriptions[0].revoked_at) == 0 ? "none" : "noted");
    draw(line, "  ");
    draw_word(line, view, 0, true);
    draw_number(line, "sequence", sr__load(&sr__slot(view, 0)->sequence));
    draw_number(line, "frontier", sr__load(&view->state->frontier));
}

/* ---- Readers ------------------------------------------------------------------------------------------------- */

static slotring_reader_t *subscribe_by_name(slotring_t *ring, uint32_t flags)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = flags;
    options.name = NAME;
    return subscribe_with(ring, &options);
}

static void read_one(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
}

/* ---- B, who does the step --------------------------------------------------------------------------------- */

static void marks(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, 7, NULL, 0, NULL));
    step_end();
}

static void leaves(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_by_name(ring, SLOTRING_DURABLE);
    publish(ring, 1, 0);
    read_one(reader);
    step_begin();
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void takes_over(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    (void)subscribe_by_name(ring, SLOTRING_DURABLE);
    step_end();
}

/* It has looked already, and found nothing: so it goes on by `next`. */
static void works(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_by_name(ring, SLOTRING_GROUP);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    publish(ring, 1, 0);
    step_begin();
    read_one(reader);
    step_end();
}

/* No message has the tag that the group wants. */
static slotring_reader_t *join_for_none(slotring_t *ring)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = SLOTRING_GROUP;
    options.name = NAME;
    options.tag_mask = options.tag_match = UINT64_MAX;
    return subscribe_with(ring, &options);
}

/* As `works`. */
static void passes_over(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = join_for_none(ring);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    publish(ring, 1, 0);
    step_begin();
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    step_end();
}

static void leaves_group(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_by_name(ring, SLOTRING_GROUP);
    slotring_slot_t slot;
    publish(ring, 1, 0);
    CHECK_OK(slotring_next(reader, 0, &slot));
    step_begin();
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void buries(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe_by_name(ring, SLOTRING_GROUP);
    slotring_slot_t slot;
    step_begin();
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    step_end();
}

static void drops(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    CHECK_OK(slotring_drop_letter(ring, NAME, 0));
    step_end();
}

static void needs_a_slot(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    step_end();
}

/* ---- What A has prepared, and does afterwards --------------------------------------------------------------- */

static void nothing(slotring_t *ring)
{
    (void)ring;
}

static void publish_four(slotring_t *ring)
{
    for (uint32_t n = 0; n < PICTURE_SLOTS; n++)
        publish(ring, 0, n);
}

static void leave_durable(slotring_t *ring)
{
    publish(ring, 0, 0);
    slotring_reader_t *reader = subscribe_by_name(ring, SLOTRING_DURABLE);
    publish(ring, 0, 1);
    publish(ring, 0, 2);
    read_one(reader);
    CHECK_OK(slotring_unsubscribe(reader));
}

static void make_group(slotring_t *ring)
{
    CHECK_OK(slotring_unsubscribe(subscribe_by_name(ring, SLOTRING_GROUP)));
}

static void make_group_for_none(slotring_t *ring)
{
    CHECK_OK(slotring_unsubscribe(join_for_none(ring)));
}

/* Message 0 was given to as many members as the group allows, which is one. */
static void try_in_vain(slotring_t *ring)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    options.flags = SLOTRING_GROUP;
    options.name = NAME;
    options.tries = options.letters = 1;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    publish(ring, 0, 0);
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_unsubscribe(reader));
}

static void bury(slotring_t *ring)
{
    slotring_slot_t slot;
    try_in_vain(ring);
    slotring_reader_t *reader = subscribe_by_name(ring, SLOTRING_GROUP);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(reader));
}

static void forget(slotring_t *ring)
{
    CHECK_OK(slotring_recover(ring, NULL));
    CHECK_OK(slotring_forget(ring, NAME));
}

static slotring_reader_t *late;

/* A reader that has been in the way of producers for longer than its budget allows. */
static void be_late(slotring_t *ring)
{
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.budget_messages = 1;
    options.budget_ns = 60 * SECOND;
    late = subscribe_with(ring, &options);
    publish_four(ring);
    sr__subscription_t *own = &ring->member.view.subscriptions[0];
    uint32_t long_ago = (uint32_t)(now_ns() / MILLISECOND) - 100000u;
    atomic_store(&own->stall, sr__stall(sr__load(&own->state), sr__load(&own->cursor), long_ago));
}

static void go(slotring_t *ring)
{
    (void)ring;
    CHECK_OK(slotring_unsubscribe(late));
}

/* ---- The pictures --------------------------------------------------------------------------------------------- */

static const picture_t pictures[] = {
    {"Make a mark", publish_four, marks, look_at_mark, 0, NULL},
    {"Leave a durable subscription", nothing, leaves, look_at_leaving, 0, forget},
    {"Take a durable subscription over", leave_durable, takes_over, look_at_taking_over, 0, forget},
    {"Take a message of a group, and acknowledge it", make_group, works, look_at_work, 0, forget},
    {"Pass over what a group does not want", make_group_for_none, passes_over, look_at_passing, 0, forget},
    {"Leave a group with a message in hand", make_group, leaves_group, look_at_offer, 0, forget},
    {"Bury a dead letter", try_in_vain, buries, look_at_burial, 0, forget},
    {"Drop a dead letter", bury, drops, look_at_dropping, 0, forget},
    {"Revoke a reader that is over its budget", be_late, needs_a_slot, look_at_revocation, 0, go},
    {NULL, NULL, NULL, NULL, 0, NULL},
};

static void are_as_the_code_does(void)
{
    pictures_compare(pictures);
}

static const test_case_t cases[] = {{"are_as_the_code_does", are_as_the_code_does, 0}, {NULL, NULL, 0}};

const test_suite_t path_pictures_readers_suite = {"path_pictures_readers", cases, NULL};
