/* SPDX-License-Identifier: Apache-2.0 */
/* A producer ends or dies while no sender is there, or the sender that was told is killed before it has stored that: the next one says who
 * lives, and the target ends the others. */
#include <string.h>

#include "hosts.h"

static void crate(peer_t *test, const char *name)
{
    slotring_t *ring = open_producer(name);
    publish(ring, 3, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
    CHECK_OK(slotring_close(ring));
}

static void expect_tag(uint64_t tag)
{
    const hosts_t *h = hosts_now();
    slotring_slot_t slot;
    CHECK_OK(slotring_next(h->reader, PATIENCE, &slot));
    CHECK_EQUAL(slot.tag, tag);
    CHECK_OK(slotring_reader_release(h->reader));
}

typedef struct scene {
    peer_t sender, receiver, crate;
    slotring_t *other; /* a producer that goes on */
} scene_t;

/* Two producers, of which something arrived. */
static scene_t begin(void)
{
    hosts_t *h = hosts_make(16, 1000);
    hosts_make_target(16, 1000);
    scene_t scene = {.receiver = start_receiver(), .sender = start_sender()};
    hosts_wait_for_sender();
    scene.crate = peer_fork(crate, "crate 7");
    peer_expect(&scene.crate, 1);
    expect_tag(pattern_tag(3, 0));
    scene.other = open_producer("crate 8");
    publish(scene.other, 1, 0);
    expect_tag(pattern_tag(1, 0));
    CHECK_OK(slotring_drain(h->source, SLOTRING_DRAIN_ALL, PATIENCE));
    return scene;
}

static void crate_dies(scene_t *scene)
{
    peer_kill(&scene->crate);
    CHECK_OK(slotring_recover(hosts_now()->source, NULL));
}

static uint32_t proxies_there(void)
{
    slotring_participant_t people[16];
    uint32_t count, found = 0;
    CHECK_OK(slotring_participants(hosts_now()->target, people, 16, &count));
    for (uint32_t i = 0; i < count; i++)
        found += people[i].proxy != 0;
    return found;
}

static void end(scene_t *scene)
{
    slotring_slot_t slot;
    publish(scene->other, 1, 1); /* it goes on, and nothing else was told */
    expect_tag(pattern_tag(1, 1));
    for (int64_t limit = now_ns() + PATIENCE; proxies_there() != 1; bridge_sleep_ns(MILLISECOND))
        CHECK(now_ns() < limit);
    CHECK_CODE(slotring_next(hosts_now()->reader, 0, &slot), SLOTRING_E_EMPTY);
    (void)stop_sender(&scene->sender);
    (void)stop_receiver(&scene->receiver);
    CHECK_OK(slotring_close(scene->other));
    hosts_remove();
}

static void a_death_while_no_sender_was_there_is_told(void)
{
    scene_t scene = begin();
    peer_kill(&scene.sender);
    crate_dies(&scene);
    scene.sender = start_sender();
    expect_lost(SLOTRING_E_PRODUCER_DIED, "crate 7");
    end(&scene);
}

static void what_it_had_published_comes_first(void)
{
    scene_t scene = begin();
    peer_kill(&scene.sender);
    peer_t last = peer_fork(crate, "crate 9");
    peer_expect(&last, 1);
    peer_kill(&last);
    CHECK_OK(slotring_recover(hosts_now()->source, NULL));
    scene.sender = start_sender();
    expect_tag(pattern_tag(3, 0));
    expect_news(SLOTRING_E_PRODUCER_DIED); /* of which only the number is known any more */
    crate_dies(&scene);
    expect_lost(SLOTRING_E_PRODUCER_DIED, "crate 7");
    end(&scene);
}

static void one_that_ended_meanwhile_is_no_death(void)
{
    scene_t scene = begin();
    (void)stop_sender(&scene.sender);
    peer_tell(&scene.crate, 1);
    peer_join(&scene.crate);
    scene.sender = start_sender();
    end(&scene);
}

static bool told_at(unsigned step)
{
    scene_t scene = begin();
    slotring_slot_t slot;
    peer_kill(&scene.sender);
    crate_dies(&scene);
    hosts_now()->dies_at = step;
    scene.sender = start_sender();
    hosts_now()->dies_at = 0;
    int code;
    while ((code = slotring_next(hosts_now()->reader, 5 * MILLISECOND, &slot)) == SLOTRING_E_TIMEOUT &&
           !peer_speaks(&scene.sender, 0))
        continue;
    peer_kill(&scene.sender);
    scene.sender = start_sender();
    if (code == SLOTRING_E_TIMEOUT)
        expect_lost(SLOTRING_E_PRODUCER_DIED, "crate 7");
    else
        CHECK_EQUAL(code, SLOTRING_E_PRODUCER_DIED);
    end(&scene);
    return code == SLOTRING_E_TIMEOUT;
}

static void a_sender_that_dies_at_any_call_tells_it_once(void)
{
    for (unsigned step = 1; told_at(step); step++)
        continue;
}

static const test_case_t cases[] = {
    {"a_death_while_no_sender_was_there_is_told", a_death_while_no_sender_was_there_is_told, 0},
    {"what_it_had_published_comes_first", what_it_had_published_comes_first, 0},
    {"one_that_ended_meanwhile_is_no_death", one_that_ended_meanwhile_is_no_death, 0},
    {"a_sender_that_dies_at_any_call_tells_it_once", a_sender_that_dies_at_any_call_tells_it_once, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_lives_suite = {"bridge_lives", cases, NULL};
