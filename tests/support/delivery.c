/* SPDX-License-Identifier: Apache-2.0 */
#include "delivery.h"

#include <string.h>

#include "suite.h"

#define SHORT_BUDGET (10 * MILLISECOND)

slotring_reader_options_t delivery_options(const delivery_kind_t *kind, uint32_t start)
{
    slotring_reader_options_t options = reader_options(kind->mode, start);
    options.flags = kind->reader_flags;
    options.name = DELIVERY_NAME;
    if (kind->mode == SLOTRING_BUDGETED) {
        options.budget_messages = DELIVERY_SLOTS;
        options.budget_ns = (uint64_t)(kind->short_budget ? SHORT_BUDGET : PATIENCE);
    }
    return options;
}

/* ---- The reader's side -------------------------------------------------------------------------------- */

static void obey(slotring_reader_t *reader, uint64_t order, delivery_answer_t *answer)
{
    slotring_slot_t slot;
    if (order == ORDER_INFO) {
        answer->code = slotring_reader_info(reader, &answer->info);
        return;
    }
    if (order == ORDER_RELEASE) {
        answer->code = slotring_reader_release(reader);
        return;
    }
    answer->code = slotring_next(reader, order == ORDER_LOOK ? 0 : PATIENCE, &slot);
    if (answer->code != 0)
        return;
    pattern_check(&slot);
    answer->tag = slot.tag;
    answer->deliveries = slot.deliveries;
    if (order != ORDER_GIVE)
        CHECK_OK(slotring_reader_release(reader));
}

void delivery_reader(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader;
    delivery_kind_t kind;
    peer_get(test, &kind, sizeof kind);
    slotring_reader_options_t options = delivery_options(&kind, (uint32_t)peer_hear(test));
    int code = slotring_subscribe(ring, &options, &reader);
    peer_tell(test, (uint64_t)(int64_t)code);
    if (code != 0)
        return;
    for (uint64_t order = peer_hear(test); order != ORDER_LEAVE; order = peer_hear(test)) {
        delivery_answer_t answer = {0};
        obey(reader, order, &answer);
        peer_put(test, &answer, sizeof answer);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(ring));
}

/* Stands still with the first message in its hands. */
static void stand_with_one(peer_t *test, slotring_reader_t *reader)
{
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_next(reader, PATIENCE, &slot));
    peer_tell(test, 2);
    peer_hear(test);
}

void delivery_other(peer_t *test, const char *name)
{
    stand_with_one(test, subscribe(ring_attach(name), SLOTRING_LOSSLESS, SLOTRING_FROM_NOW));
}

void delivery_member(peer_t *test, const char *name)
{
    const delivery_kind_t kind = {.mode = SLOTRING_LOSSLESS, .reader_flags = SLOTRING_GROUP};
    slotring_reader_options_t options = delivery_options(&kind, SLOTRING_FROM_NOW);
    stand_with_one(test, subscribe_with(ring_attach(name), &options));
}

/* Publishes three messages, and stands still while it writes a fourth. */
void delivery_producer(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 3; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    peer_hear(test);
}

/* ---- The test's side ---------------------------------------------------------------------------------- */

slotring_t *scene_ring(const delivery_kind_t *kind, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, DELIVERY_SLOTS, 64);
    options.when_full = kind->when_full;
    options.flags = kind->ring_flags;
    options.max_groups = is_group(kind) ? 1 : 0;
    return ring_open_with(name, &options);
}

void scene_open(scene_t *scene, const delivery_kind_t *kind)
{
    memset(scene, 0, sizeof *scene);
    scene->kind = *kind;
    scene->frees = kind->when_full == SLOTRING_KEEP ? DELIVERY_SLOTS : 0;
    scene->ring = scene_ring(kind, ring_name());
}

int scene_reader(scene_t *scene, uint32_t start)
{
    scene->reader = peer_start(process_can_fork() ? BY_FORK : BY_EXEC, "delivery-reader", ring_name());
    peer_put(&scene->reader, &scene->kind, sizeof scene->kind);
    peer_tell(&scene->reader, start);
    int code = (int)(int64_t)peer_hear(&scene->reader);
    if (code != 0)
        peer_join(&scene->reader);
    return code;
}

void scene_close(scene_t *scene, bool there)
{
    check_ring(scene->ring);
    if (there) {
        peer_tell(&scene->reader, ORDER_LEAVE);
        peer_join(&scene->reader);
    }
    ring_remove(scene->ring, ring_name());
}

static void free_some(scene_t *scene)
{
    uint32_t count = scene->frees < scene->unfreed_count ? scene->frees : scene->unfreed_count;
    for (uint32_t i = 0; i < count; i++)
        CHECK_OK(slotring_free(scene->ring, &scene->unfreed[i]));
    scene->unfreed_count -= count;
    memmove(scene->unfreed, scene->unfreed + count, scene->unfreed_count * sizeof scene->unfreed[0]);
}

static void fill_and_publish(scene_t *scene, slotring_slot_t *slot)
{
    slot->tag = pattern_tag(1, scene->published++);
    uint64_t length = pattern_length(slot->tag, slot->capacity);
    pattern_fill(slot->data, length, slot->tag);
    CHECK_OK(slotring_mark_ready(scene->ring, slot, length));
    if (scene->kind.when_full != SLOTRING_KEEP)
        return;
    CHECK(scene->unfreed_count < DELIVERY_SLOTS);
    scene->unfreed[scene->unfreed_count++] = slot->ticket;
}

bool scene_publish(scene_t *scene)
{
    slotring_slot_t slot;
    int code = slotring_allocate(scene->ring, 1, &slot);
    if (code == SLOTRING_E_FULL && scene->frees > 0 && scene->unfreed_count > 0) {
        free_some(scene);
        code = slotring_allocate(scene->ring, 1, &slot);
    }
    if (code == 0)
        fill_and_publish(scene, &slot);
    else
        CHECK_EQUAL(code, SLOTRING_E_FULL);
    return code == 0;
}

void scene_publish_many(scene_t *scene, uint64_t count)
{
    for (uint64_t n = 0; n < count; n++)
        CHECK(scene_publish(scene));
}

void scene_publish_waiting(scene_t *scene)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_wait(scene->ring, 1, PATIENCE, &slot));
    fill_and_publish(scene, &slot);
}

delivery_answer_t scene_order(scene_t *scene, enum delivery_order order)
{
    delivery_answer_t answer;
    peer_tell(&scene->reader, order);
    peer_get(&scene->reader, &answer, sizeof answer);
    return answer;
}

void scene_takes(scene_t *scene, uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n < to; n++) {
        delivery_answer_t answer = scene_order(scene, ORDER_LOOK);
        CHECK_CODE((int)answer.code, 0);
        CHECK_EQUAL(answer.tag, pattern_tag(1, n));
    }
}

slotring_reader_info_t scene_info(scene_t *scene)
{
    delivery_answer_t answer = scene_order(scene, ORDER_INFO);
    CHECK_CODE((int)answer.code, 0);
    const slotring_reader_info_t *info = &answer.info;
    CHECK_EQUAL(info->delivered + info->missed + info->passed_over + info->pending,
                info->cursor - info->start);
    return answer.info;
}
