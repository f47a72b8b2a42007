/* SPDX-License-Identifier: Apache-2.0 */
/* The bitmap of free slots: a search finds them wherever they are, and a bitmap that is wrong, because a process was
 * stopped or killed in the middle or because somebody wrote there, costs time and nothing else. */
#include <stdlib.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define MANY 262400u /* more than 64 to the third: all four levels matter */

static slotring_slot_t *taken; /* by index */
static slotring_t *ring;

/* A ring whose slots are all being written. */
static void take_all(uint32_t slots)
{
    ring = ring_create(ring_name(), slots, 1);
    taken = calloc(slots, sizeof *taken);
    CHECK(taken != NULL);
    for (uint32_t n = 0; n < slots; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        CHECK(slot.index < slots && taken[slot.index].data == NULL);
        taken[slot.index] = slot;
    }
    CHECK_CODE(slotring_allocate(ring, 1, &taken[0]), SLOTRING_E_FULL);
}

static void give_all_back(void)
{
    free(taken);
    ring_remove(ring, ring_name()); /* closing gives back what is being written */
}

/* Gives the slot back, which must be the next one that is got. */
static void comes_back(uint32_t index)
{
    check_context("slot %u", index);
    CHECK_OK(slotring_abort(ring, &taken[index]));
    CHECK_OK(slotring_allocate(ring, 1, &taken[index]));
    CHECK_EQUAL(taken[index].index, index);
    CHECK_CODE(slotring_allocate(ring, 1, &(slotring_slot_t){0}), SLOTRING_E_FULL);
    check_context("%s", "");
}

static void the_only_free_slot_is_found(void)
{
    static const uint32_t indices[] = {0,      MANY - 1, 63, 64,     4095,     4096,
                                       262143, 262144,   1,  131072, MANY - 1, 0};
    take_all(MANY);
    for (size_t i = 0; i < sizeof indices / sizeof indices[0]; i++)
        comes_back(indices[i]);
    give_all_back();
}

/* A process was stopped between the last slot of a word and the levels above it. */
static void upper_bits_without_lower_ones(void)
{
    take_all(5000);
    sr__view_t *view = &ring->member.view;
    for (uint32_t level = 1; level < SR__FREE_MAP_LEVELS; level++) {
        for (uint32_t above = level; above < SR__FREE_MAP_LEVELS; above++)
            atomic_store(&view->free_map[above][0], above == level ? 3u : 1u);
        CHECK_CODE(slotring_allocate(ring, 1, &(slotring_slot_t){0}), SLOTRING_E_FULL);
        for (uint32_t above = 1; above < SR__FREE_MAP_LEVELS; above++)
            CHECK_EQUAL(atomic_load(&view->free_map[above][0]), 0); /* they are right again */
        comes_back(4999);
        comes_back(0);
    }
    give_all_back();
}

/* Bits for slots, and for words of bits, that there are not. */
static void bits_past_the_end(void)
{
    take_all(70);
    sr__view_t *view = &ring->member.view;
    for (uint32_t level = 0; level < SR__FREE_MAP_LEVELS; level++) {
        uint32_t last = view->free_map_words[level] - 1;
        atomic_store(&view->free_map[level][last], UINT64_C(1) << 63);
        for (uint32_t above = level + 1; above < SR__FREE_MAP_LEVELS; above++)
            atomic_store(&view->free_map[above][0], level == 0 && above == 1 ? 2u : 1u);
        CHECK_CODE(slotring_allocate(ring, 1, &(slotring_slot_t){0}), SLOTRING_E_FULL);
        for (uint32_t at = 0; at < SR__FREE_MAP_LEVELS; at++) /* none of them is in a search's way any more */
            CHECK_EQUAL(atomic_load(&view->free_map[at][at == level ? last : 0]), 0);
        comes_back(69);
    }
    give_all_back();
}

/* Bits of the free map for slots that another producer writes are cleared, and free slots are found all the same. */
static void bits_for_slots_that_are_taken(void)
{
    take_all(70);
    sr__view_t *view = &ring->member.view;
    for (uint32_t slot = 0; slot < 70; slot++)
        sr__free_map_set(view, slot);
    comes_back(37);
    CHECK_EQUAL(atomic_load(&view->free_map[0][0]), 0);
    CHECK_EQUAL(atomic_load(&view->free_map[0][1]), 0);
    give_all_back();
}

static const test_case_t cases[] = {
    {"the_only_free_slot_is_found", the_only_free_slot_is_found, 0},
    {"upper_bits_without_lower_ones", upper_bits_without_lower_ones, 0},
    {"bits_past_the_end", bits_past_the_end, 0},
    {"bits_for_slots_that_are_taken", bits_for_slots_that_are_taken, 0},
    {NULL, NULL, 0},
};

const test_suite_t free_map_suite = {"free_map", cases, NULL};
