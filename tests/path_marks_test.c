/* SPDX-License-Identifier: Apache-2.0 */
/* Kills at every instruction of who makes a mark, and of a reader that is told of one. Those who live are told of each mark that
 * was made once, and at the same place; the next mark can be made at once. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/rounds.h"
#include "support/suite.h"

#define SLOTS 8u
#define MARKS_MAX 256u

static struct {
    slotring_t *ring;
    slotring_reader_t *readers[2];
    uint64_t numbers[2];           /* marks that each was told of */
    uint64_t places[2][MARKS_MAX]; /* where: how many messages it had had */
    uint64_t messages[2];          /* that each had */
    uint64_t published, marks;     /* of all rounds; marks of the survivor */
    uint64_t victims;              /* marks of the victim that the first reader was told of in this round */
    uint64_t wrong;
} scene;

/* ---- What the survivor does ------------------------------------------------------------------------------- */

static void read_message(int r)
{
    CHECK_OK(slotring_reader_release(scene.readers[r]));
    scene.messages[r]++;
}

static void read_mark(int r)
{
    slotring_mark_t mark;
    CHECK_OK(slotring_reader_mark(scene.readers[r], &mark));
    CHECK_EQUAL(mark.number, scene.numbers[r]++);
    CHECK_EQUAL(mark.place, scene.messages[r]);
    CHECK_EQUAL(mark.not_told, 0);
    scene.places[r][mark.number % MARKS_MAX] = mark.place;
    scene.victims += r == 0 && mark.participant != ring_info(scene.ring).participant;
}

static void read_all(int r)
{
    for (;;) {
        slotring_slot_t slot;
        int code = slotring_next(scene.readers[r], 0, &slot);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        if (code == SLOTRING_E_PRODUCER_DIED)
            continue;
        if (code == SLOTRING_E_MARK) {
            read_mark(r);
            continue;
        }
        CHECK_OK(code);
        read_message(r);
    }
}

static void publish_one(void)
{
    publish(scene.ring, 1, scene.published++);
}

/* Marks, and a message on either side. */
static void mark_and_publish(void)
{
    publish_one();
    CHECK_OK(slotring_mark(scene.ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL));
    scene.marks++;
    publish_one();
}

/* ---- Victims ------------------------------------------------------------------------------------------------ */

static void mark_counted(slotring_t *ring, uint32_t kind, uint64_t number)
{
    slotring_mark_t last;
    if (kind == SLOTRING_MARK_RUN_BEGIN && slotring_run(ring, &last) == 0 &&
        last.kind == SLOTRING_MARK_RUN_BEGIN)
        kind = SLOTRING_MARK_RUN_END;
    step_begin();
    atomic_store(&progress->tried, number + 1);
    CHECK_OK(slotring_mark(ring, kind, 5, 0, "bytes", 5, NULL));
    atomic_store(&progress->done, number + 1);
    step_end();
}

static void marks_a_run(peer_t *test, const char *name)
{
    (void)test;
    mark_counted(ring_attach(name), SLOTRING_MARK_RUN_BEGIN, 0);
}

static void marks_for_itself(peer_t *test, const char *name)
{
    (void)test;
    mark_counted(ring_attach(name), SLOTRING_MARK_USER, 0);
}

/* Meets a mark that its maker, who was killed, has left without a place. */
static void is_told(peer_t *test, const char *name)
{
    slotring_slot_t slot;
    (void)test;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    slotring_t *ring = ring_attach(name);
    options.flags = SLOTRING_TELL_MARKS;
    step_begin();
    slotring_reader_t *reader = subscribe_with(ring, &options);
    for (int i = 0; i < 4; i++)
        if (slotring_next(reader, 0, &slot) == 0)
            CHECK_OK(slotring_reader_release(reader));
    step_end();
}

/* ---- Rounds -------------------------------------------------------------------------------------------------- */

typedef struct mark_path {
    const char *what;
    role_fn victim;
    uint64_t marks;      /* that it makes */
    bool leaves_pending; /* the survivor's last mark has no place yet, as if it had been killed */
} mark_path_t;

static void begin_round(const void *of)
{
    const mark_path_t *path = of;
    scene.victims = 0;
    mark_and_publish();
    read_all(0);
    read_all(1);
    if (!path->leaves_pending)
        return;
    CHECK_OK(slotring_mark(scene.ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, NULL));
    scene.marks++;
    sr__view_t *view = &scene.ring->member.view;
    uint64_t number = sr__marks_of(sr__load(&view->state->marks), SR__OTHER_MARKS) - 1;
    atomic_store(&view->marks[SR__MARK_ENTRIES + number % SR__MARK_ENTRIES].place, SR__MARK_PENDING | number);
}

/* In the second way one reader looks at what is there, and the survivor publishes. */
static bool work_beside(size_t way)
{
    if (way == 1) {
        read_all(1);
        publish_one();
        read_all(1);
    }
    return way == 2;
}

static void end_round(const void *of, bool complete)
{
    const mark_path_t *path = of;
    CHECK_OK(slotring_recover(scene.ring, NULL));
    publish_one();
    read_all(1);
    mark_and_publish();
    read_all(0);
    read_all(1);
    CHECK_EQUAL(scene.numbers[0], scene.numbers[1]);
    CHECK_EQUAL(scene.messages[0], scene.published);
    CHECK_EQUAL(scene.messages[1], scene.published);
    CHECK_AT_LEAST(scene.victims, atomic_load(&progress->done));
    CHECK_AT_LEAST(atomic_load(&progress->tried), scene.victims);
    CHECK_AT_LEAST(scene.victims, complete ? path->marks : 0);
    for (uint64_t n = 0; n < MARKS_MAX; n++)
        CHECK_EQUAL(scene.places[0][n], scene.places[1][n]);
    check_ring_at_rest(scene.ring);
}

static void kill_on(const mark_path_t *path)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    memset(&scene, 0, sizeof scene);
    rounds_begin();
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 64);
    options.max_participants = 4;
    scene.ring = ring_open_with(ring_name(), &options);
    for (int r = 0; r < 2; r++) {
        slotring_reader_options_t asks = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        asks.flags = SLOTRING_TELL_MARKS;
        scene.readers[r] = subscribe_with(scene.ring, &asks);
    }
    rounds_t rounds = {.what = path->what,
                       .path = path,
                       .ring = scene.ring,
                       .victim = path->victim,
                       .ways = 3,
                       .begin = begin_round,
                       .beside = work_beside,
                       .end = end_round};
    rounds_kill(&rounds);
    for (int r = 0; r < 2; r++)
        CHECK_OK(slotring_unsubscribe(scene.readers[r]));
    ring_remove(scene.ring, ring_name());
    rounds_end();
}

static const mark_path_t paths[] = {
    {"mark a run", marks_a_run, 1, false},
    {"make a user mark", marks_for_itself, 1, false},
    {"make a mark behind one without a place", marks_for_itself, 1, true},
    {"be told of a mark without a place", is_told, 0, true},
};

static void mark_a_run(void)
{
    kill_on(&paths[0]);
}

static void make_a_user_mark(void)
{
    kill_on(&paths[1]);
}

static void mark_behind_a_pending_one(void)
{
    kill_on(&paths[2]);
}

static void be_told_of_a_pending_one(void)
{
    kill_on(&paths[3]);
}

static const test_case_t cases[] = {
    {"mark_a_run", mark_a_run, 0},
    {"make_a_user_mark", make_a_user_mark, 0},
    {"mark_behind_a_pending_one", mark_behind_a_pending_one, 0},
    {"be_told_of_a_pending_one", be_told_of_a_pending_one, 0},
    {NULL, NULL, 0},
};

const test_suite_t path_marks_suite = {"path_marks", cases, step_roles};
