/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of each path on which a reader gets a publication, lets it go or frees it. */
#include "protocol/gather.h"
#include "support/internals.h"
#include "support/path.h"
#include "support/step.h"
#include "support/suite.h"
#include "traffic/readers/gathering.h"

/* ---- Victims ---------------------------------------------------------------------------------------- */

static void acquires(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    if (slotring_acquire_for_read(ring, &world.target, &slot) ==
        0) { /* else it is gone: the survivor went on */
        pattern_check(&slot);
        CHECK_OK(slotring_release(ring, &slot));
    }
    step_end();
}

/* Its ticket is stale then, whatever others did to the slot. */
static void frees_for_good(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    int code = slotring_free(ring, &world.target);
    CHECK(code == 0 || code == SLOTRING_E_STALE);
    CHECK_CODE(slotring_acquire_for_read(ring, &world.target, &slot), SLOTRING_E_STALE);
    step_end();
}

/* Holds what the walk has passed and retired, and lets go of it: the slot is its to reclaim. */
static void reclaims(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t held, writing;
    hold(ring, &world.target, &held);
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    CHECK_OK(slotring_abort(ring, &writing));
    CHECK(sr__is_retired(sr__load(&sr__slot(&ring->member.view, held.index)->word)));
    step_begin();
    CHECK_OK(slotring_release(ring, &held));
    step_end();
}

/* sleepy: a producer is asleep since it found no slot. */
static void reads_two(const char *name, uint32_t mode, bool sleepy)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, 2);
    if (sleepy)
        (void)sr__sleepers_arm(&ring->member, SR__SPACE_EVENT);
    step_begin();
    for (int i = 0; i < 3; i++) /* the third finds nothing */
        victim_takes(reader);
    step_end();
}

static void reads_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads_two(name, SLOTRING_LOSSLESS, false);
}

static void reads_while_a_producer_sleeps(peer_t *test, const char *name)
{
    (void)test;
    reads_two(name, SLOTRING_LOSSLESS, true);
}

static void reads_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads_two(name, SLOTRING_LOSSY, false);
}

/* Passes one over, has one, passes one over, and finds nothing. */
static void reads_every_third(const char *name, uint32_t mode)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.mode = mode;
    options.every = 3;
    slotring_reader_t *reader;
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    victim_publishes(ring, 0, 3);
    step_begin();
    victim_takes(reader);
    victim_takes(reader);
    step_end();
}

static void reads_some_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads_every_third(name, SLOTRING_LOSSLESS);
}

static void reads_some_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads_every_third(name, SLOTRING_LOSSY);
}

/* Three of the four that are there, and one that is gone. */
static void subscribes_at_a_sequence(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.start = SLOTRING_FROM_SEQUENCE;
    options.first = world_oldest(&(world_t){.ring = ring, .slots = world.slots}).sequence;
    options.first -= options.first > 0;
    options.every = 2;
    slotring_reader_t *reader;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    victim_takes(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void reads_batch(const char *name, uint32_t mode)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, 3);
    slotring_slot_t slots[4];
    uint32_t count = 0;
    step_begin();
    int code = slotring_next_batch(reader, 0, slots, 4, &count);
    if (code == 0) {
        for (uint32_t i = 0; i < count; i++)
            pattern_check(&slots[i]);
        CHECK_OK(slotring_reader_release(reader));
    }
    step_end();
}

static void reads_batch_lossless(peer_t *test, const char *name)
{
    (void)test;
    reads_batch(name, SLOTRING_LOSSLESS);
}

static void reads_batch_lossy(peer_t *test, const char *name)
{
    (void)test;
    reads_batch(name, SLOTRING_LOSSY);
}

/* What comes next has been withdrawn: a jump. */
static void jumps(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    victim_publishes(ring, 0, world.slots);
    for (uint32_t i = 0; i + 1 < world.slots; i++) { /* all but the last are withdrawn */
        slotring_ticket_t ticket = world_oldest(&(world_t){.ring = ring, .slots = world.slots});
        CHECK_OK(slotring_free(ring, &ticket));
    }
    step_begin();
    victim_takes(reader);
    victim_takes(reader);
    step_end();
}

static void subscribes(const char *name, uint32_t mode)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.mode = mode;
    options.start = SLOTRING_FROM_OLDEST;
    slotring_reader_t *reader;
    step_begin();
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    victim_takes(reader);
    victim_takes(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    step_end();
}

static void subscribes_lossless(peer_t *test, const char *name)
{
    (void)test;
    subscribes(name, SLOTRING_LOSSLESS);
}

static void subscribes_lossy(peer_t *test, const char *name)
{
    (void)test;
    subscribes(name, SLOTRING_LOSSY);
}

static void waits_for_news(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.spin_ns = 1;
    slotring_t *ring = ring_open_with(name, &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(reader, 0, &slot)) == SLOTRING_E_PRODUCER_DIED) {
    }
    CHECK_EQUAL(code, SLOTRING_E_EMPTY);
    step_begin();
    CHECK_CODE(slotring_next(reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    step_end();
}

/* What a reader does before it sleeps while messages gather. */
static void begins_to_gather(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    step_begin();
    sr__sleepers_come(&ring->member, SR__GATHERED_EVENT);
    (void)sr__sleepers_arm(&ring->member, SR__GATHERED_EVENT);
    sr__gather_arm(&ring->member, 3);
    sr__sleepers_go(&ring->member, SR__GATHERED_EVENT);
    step_end();
}

/* The same with the look whether enough is there. */
static void looks_for_enough(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.wake_messages = 3;
    options.wake_ns = 60 * SECOND;
    slotring_reader_t *reader = subscribe_with(ring, &options);
    slotring_slot_t slot;
    while (slotring_next(reader, 0, &slot) == SLOTRING_E_PRODUCER_DIED) {
    }
    victim_publishes(ring, 0, 1);
    step_begin();
    sr__sleepers_come(&ring->member, SR__GATHERED_EVENT);
    (void)sr__sleepers_arm(&ring->member, SR__GATHERED_EVENT);
    (void)sr__gather_is_over(reader, sr__gather_pressed(&ring->member));
    sr__sleepers_go(&ring->member, SR__GATHERED_EVENT);
    step_end();
}

/* A second victim, which is stopped inside and killed after the first. */
static void other_publishes(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    uint64_t length;
    step_begin();
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    victim_message(&slot, OTHER_VICTIM, 0, &length);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    step_end();
}

/* Another one: it has set its bit, and has not looked yet whether the message is there. */
static void other_acquires(peer_t *test, const char *name)
{
    (void)test;
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    step_begin();
    (void)slotring_acquire_for_read(ring, &world.target, &slot);
    step_end();
}

/* ---- What the survivor has prepared ----------------------------------------------------------------- */

static void target_newest(world_t *w)
{
    world_fill(w);
    slotring_ticket_t ticket;
    w->target = world_oldest(w);
    for (uint32_t i = 0; i < w->slots; i++)
        if (slotring_ticket_at(w->ring, i, &ticket) == 0 && ticket.sequence > w->target.sequence)
            w->target = ticket;
}

static void target_oldest(world_t *w)
{
    world_fill(w);
    w->target = world_oldest(w);
}

static void target_unread(world_t *w)
{
    world_empty(w);
    w->quiet = true;
    world_publish_only(w);
    w->target = world_publish_only(w);
}

static void target_held(world_t *w)
{
    target_newest(w);
    world_hold(w, &w->target);
}

/* Brings the second victim to where `go_on` says false; the first time step by step, then by the way recorded, where
 * there is one: another number of instructions may lead there the next time. */
static void stop_other(world_t *w, step_watch_fn go_on)
{
    static step_trace_t way;
    if (way.addresses == NULL) {
        w->stopped = step_and_watch(other_publishes, ring_name(), go_on, w, &way);
        return;
    }
    w->stopped = step_start(other_publishes, ring_name());
    CHECK(step_go_to(w->stopped, &way, 0, way.count - 1));
    CHECK(!go_on(w, 0));
}

static bool not_in_reclaim(void *context, unsigned long done)
{
    (void)done;
    return world_slot_in(context, SR__RECLAIM) >= ((world_t *)context)->slots;
}

/* Another one is looking whether anybody holds the target, and goes no further. */
static void target_in_reclaim(world_t *w)
{
    target_oldest(w);
    stop_other(w, not_in_reclaim);
    CHECK_EQUAL(world_slot_in(w, SR__RECLAIM), w->target.slot);
}

/* Who waited for a slot in the round before was woken: by the victim, or by who repaired that. */
static void nobody_waits_for_space(world_t *w)
{
    world_empty(w);
    CHECK(!sr__is_armed(&w->ring->member, SR__SPACE_EVENT));
}

/* Nobody gathers any more who gathered in the round before. */
static void nobody_gathers(world_t *w)
{
    world_empty(w);
    CHECK((sr__load(&w->ring->member.view.state->waiters[SR__PUBLISHED_EVENT].armed) & SR__GATHERS) == 0);
}

/* The producer of the target has left since, so that no word names it any more. */
static void target_of_one_who_left(world_t *w)
{
    world_fill(w);
    slotring_t *survivor = w->ring;
    w->ring = ring_attach(ring_name());
    w->target = world_publish(w);
    CHECK_OK(slotring_close(w->ring));
    w->ring = survivor;
    CHECK_EQUAL(sr__slot_state(sr__load(&sr__slot(&survivor->member.view, w->target.slot)->word)),
                SR__PUBLISHED);
}

/* ---- Who comes between ------------------------------------------------------------------------------- */

static bool nobody_holds(void *context, unsigned long done)
{
    const world_t *w = context;
    (void)done;
    return sr__load(&sr__slot(&w->ring->member.view, w->target.slot)->hold0) == 0;
}

/* The victim is about to look once more whether anybody holds the slot: somebody does now. */
static bool other_holds(world_t *w)
{
    step_trace_t way;
    if (world_slot_in(w, SR__RECLAIM) >= w->slots)
        return false;
    w->stopped = step_and_watch(other_acquires, ring_name(), nobody_holds, w, &way);
    step_forget(&way);
    return true;
}

static bool is_withdrawn(world_t *w)
{
    return sr__is_withdrawn(sr__load(&sr__slot(&w->ring->member.view, w->target.slot)->word));
}

/* The victim holds the target, and is about to mark it: a producer is looking who holds it. */
static bool other_reclaims(world_t *w)
{
    step_trace_t way;
    w->stopped = step_and_watch(other_publishes, ring_name(), not_in_reclaim, w, &way);
    step_forget(&way);
    return world_slot_in(w, SR__RECLAIM) == w->target.slot;
}

/* ---- The paths -------------------------------------------------------------------------------------- */

static const path_t paths[] = {
    {"acquire and release", 4, false, false, target_newest, acquires, NULL, 0},
    {"acquire puts back", 4, false, false, target_in_reclaim, acquires, NULL, 0},
    {"acquire from one who left", 4, false, false, target_of_one_who_left, acquires, NULL, 0},
    {"release reclaims", 4, false, false, target_oldest, reclaims, NULL, 0},
    {"free", 4, false, false, target_newest, victim_frees, NULL, 0},
    {"free before the reader", 4, false, false, target_unread, victim_frees, NULL, 0},
    {"free of a held one", 4, false, false, target_held, victim_frees, NULL, 0},
    {"free in a ring that keeps", 4, true, false, target_newest, victim_frees, NULL, 0},
    {"free puts back", 4, false, false, target_in_reclaim, victim_frees, NULL, 0},
    {"next, lossless", 4, false, false, world_empty, reads_lossless, NULL, 2},
    {"next, lossy", 4, false, false, world_empty, reads_lossy, NULL, 2},
    {"a batch, lossless", 4, false, false, world_empty, reads_batch_lossless, NULL, 3},
    {"a batch, lossy", 4, false, false, world_empty, reads_batch_lossy, NULL, 3},
    {"a lossy reader jumps", 4, false, false, world_empty, jumps, NULL, 4},
    {"subscribe to the past, lossless", 4, false, false, world_fill, subscribes_lossless, NULL, 0},
    {"subscribe to the past, lossy", 4, false, false, world_fill, subscribes_lossy, NULL, 0},
    {"next of every third, lossless", 4, false, false, world_empty, reads_some_lossless, NULL, 3},
    {"next of every third, lossy", 4, false, false, world_empty, reads_some_lossy, NULL, 3},
    {"subscribe at a sequence", 4, false, false, world_fill, subscribes_at_a_sequence, NULL, 0},
    {"begin to gather", 4, false, false, world_empty, begins_to_gather, NULL, 0},
    {"wait for news", 4, false, true, world_empty, waits_for_news, NULL, 0},
    {"next, lossless, while a producer waits", 4, false, false, nobody_waits_for_space,
     reads_while_a_producer_sleeps, NULL, 2},
    {"look whether enough is there", 4, false, false, nobody_gathers, looks_for_enough, NULL, 1},
    {"reclaim what somebody holds by now", 4, false, false, target_oldest, reclaims, other_holds, 0},
};
/* Disturbed just before the target is marked as withdrawn. */
static const path_t withdraws_late = {"free of what somebody reclaims by now",
                                      4,
                                      false,
                                      false,
                                      target_oldest,
                                      frees_for_good,
                                      other_reclaims,
                                      0};

#define PATH(name, row)            \
    static void name(void)         \
    {                              \
        kill_on_path(&paths[row]); \
    }
PATH(acquire, 0)
PATH(acquire_puts_back, 1)
PATH(acquire_listed, 2)
PATH(release_reclaims, 3)
PATH(free_newest, 4)
PATH(free_unread, 5)
PATH(free_held, 6)
PATH(free_kept, 7)
PATH(free_puts_back, 8)
PATH(next_lossless, 9)
PATH(next_lossy, 10)
PATH(batch_lossless, 11)
PATH(batch_lossy, 12)
PATH(lossy_jump, 13)
PATH(history_lossless, 14)
PATH(history_lossy, 15)
PATH(some_lossless, 16)
PATH(some_lossy, 17)
PATH(from_a_sequence, 18)
PATH(begin_to_gather, 19)
PATH(wait_for_news, 20)
PATH(next_while_a_producer_waits, 21)
PATH(look_for_enough, 22)
PATH(release_leaves_to_holder, 23)

static void free_takes_back(void)
{
    if (!process_can_fork())
        SKIP("no process is forked here, so no victim comes to the same instruction as the one before");
    kill_on_path_before(&withdraws_late, is_withdrawn);
}

static const test_case_t cases[] = {
    {"acquire", acquire, 0},
    {"acquire_puts_back", acquire_puts_back, 0},
    {"acquire_listed", acquire_listed, 0},
    {"release_reclaims", release_reclaims, 0},
    {"free", free_newest, 0},
    {"free_unread", free_unread, 0},
    {"free_held", free_held, 0},
    {"free_kept", free_kept, 0},
    {"free_puts_back", free_puts_back, 0},
    {"next_lossless", next_lossless, 0},
    {"next_lossy", next_lossy, 0},
    {"batch_lossless", batch_lossless, 0},
    {"batch_lossy", batch_lossy, 0},
    {"lossy_jump", lossy_jump, 0},
    {"history_lossless", history_lossless, 0},
    {"history_lossy", history_lossy, 0},
    {"some_lossless", some_lossless, 0},
    {"some_lossy", some_lossy, 0},
    {"from_a_sequence", from_a_sequence, 0},
    {"begin_to_gather", begin_to_gather, 0},
    {"wait_for_news", wait_for_news, 0},
    {"next_while_a_producer_waits", next_while_a_producer_waits, 0},
    {"look_for_enough", look_for_enough, 0},
    {"release_leaves_to_holder", release_leaves_to_holder, 0},
    {"free_takes_back", free_takes_back, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_read_suite = {"path_read", cases, step_roles};
