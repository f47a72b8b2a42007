/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one NUMA node: given, or refused with a sentence that says why. Machines with one node have number 0. */
#include <stdio.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"

static slotring_options_t on_node(uint32_t mode, uint32_t node)
{
    slotring_options_t options = ring_options(mode, mode == SLOTRING_ATTACH ? 0 : 16, 4096);
    if (mode == SLOTRING_ATTACH)
        options.slot_size = 0;
    options.flags = SLOTRING_ON_NUMA_NODE;
    options.numa_node = node;
    return options;
}

static int try_node(uint32_t mode, uint32_t node, slotring_t **ring, slotring_error_t *error)
{
    slotring_options_t options = on_node(mode, node);
    *ring = NULL;
    return slotring_open(ring, ring_name(), &options, error);
}

/* NULL: this system gives no memory of a node, and has said so. */
static slotring_t *create_on(uint32_t node)
{
    slotring_t *plain = ring_create(ring_name_of("-plain"), 2, 64), *ring;
    bool can_bind = (ring_info(plain).capabilities & SLOTRING_CAN_BIND_MEMORY) != 0;
    slotring_error_t error;
    ring_remove(plain, ring_name_of("-plain"));
    int code = try_node(SLOTRING_CREATE, node, &ring, &error);
    if (code == SLOTRING_E_UNSUPPORTED) {
        CHECK_CONTAINS(error.text, "numa_node is 0");
        CHECK_CONTAINS(error.text, can_bind ? "mbind is refused" : "cannot bind memory to a NUMA node");
        CHECK(ring == NULL);
        CHECK(!ring_exists(ring_name()));
    } else {
        CHECK_CODE(code, 0);
        CHECK(can_bind);
        ring_keep(ring_name());
    }
    return ring;
}

static void a_ring_lies_on_its_node(void)
{
    slotring_t *ring = create_on(0);
    if (!ring)
        return;
    CHECK_EQUAL(ring_info(ring).numa_node, 0);
    CHECK_EQUAL(ring_info(ring).memory_node, 0);
    slotring_t *observer = ring_observe(ring_name());
    CHECK_EQUAL(ring_info(observer).numa_node, 0);
    CHECK_EQUAL(ring_info(observer).memory_node, SLOTRING_NO_NUMA_NODE);
    CHECK_OK(slotring_close(observer));
    for (uint64_t n = 0; n < 40; n++)
        publish(ring, 1, n);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void other_rings_have_none(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_info_t info = ring_info(ring);
    CHECK_EQUAL(info.numa_node, SLOTRING_NO_NUMA_NODE);
    if (!(info.capabilities & SLOTRING_CAN_BIND_MEMORY))
        CHECK_EQUAL(info.memory_node, SLOTRING_NO_NUMA_NODE);
    ring_remove(ring, ring_name());
}

static void who_attaches_asks_for_the_same_node(void)
{
    slotring_t *ring = create_on(0), *second;
    slotring_error_t error;
    if (!ring)
        return;
    CHECK_OK(try_node(SLOTRING_ATTACH, 0, &second, &error));
    CHECK_OK(slotring_close(second));
    CHECK_CODE(try_node(SLOTRING_ATTACH, 1, &second, &error), SLOTRING_E_GEOMETRY);
    CHECK_CONTAINS(error.text, "was made for NUMA node 0, asked for is node 1");
    second = ring_attach(ring_name()); /* who does not ask takes it as it is */
    CHECK_OK(slotring_close(second));
    ring_remove(ring, ring_name());
    ring = ring_create(ring_name(), 16, 4096);
    CHECK_CODE(try_node(SLOTRING_CREATE_OR_ATTACH, 0, &second, &error), SLOTRING_E_GEOMETRY);
    CHECK_CONTAINS(error.text, "was made for no NUMA node, asked for is node 0");
    ring_remove(ring, ring_name());
}

/* A kernel can have 1024 nodes, so no machine has these. */
static void nodes_that_are_none(void)
{
    static const uint32_t none[] = {1023, 1024, 1025, UINT32_MAX - 1};
    slotring_t *ring = create_on(0);
    if (!ring)
        return;
    ring_remove(ring, ring_name());
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char text[80];
        slotring_error_t error;
        check_context("node %u", (unsigned)none[i]);
        CHECK_CODE(try_node(SLOTRING_CREATE, none[i], &ring, &error), SLOTRING_E_INVALID);
        (void)snprintf(text, sizeof text, "numa_node is %u: this machine has memory on the nodes",
                       (unsigned)none[i]);
        CHECK_CONTAINS(error.text, text);
        CHECK(!ring_exists(ring_name()));
    }
    check_context("%s", "");
}

static void a_node_has_an_end(void)
{
    slotring_t *ring = create_on(0);
    slotring_error_t error;
    if (!ring)
        return;
    ring_remove(ring, ring_name());
    slotring_options_t options = on_node(SLOTRING_CREATE, 0);
    options.total_size = UINT64_C(1) << 46; /* refused by what is looked at first: the folder, or the node */
    options.slot_size = UINT64_C(1) << 32;
    int code = slotring_open(&ring, ring_name(), &options, &error);
    CHECK_CODE(code, sizeof(void *) < 8 ? SLOTRING_E_ADDRESS_SPACE : SLOTRING_E_NO_SPACE);
    CHECK(!ring_exists(ring_name()));
}

static void options_that_contradict_each_other(void)
{
    slotring_t *ring;
    slotring_error_t error;
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.numa_node = 1;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "numa_node is 1");
    CHECK_CODE(try_node(SLOTRING_CREATE, SLOTRING_NO_NUMA_NODE, &ring, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "stands for no node");
    options.numa_node = 0;
    options.reserved[sizeof options.reserved / sizeof options.reserved[0] - 1] = 1;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "reserved");
}

static const test_case_t cases[] = {
    {"a_ring_lies_on_its_node", a_ring_lies_on_its_node, 0},
    {"other_rings_have_none", other_rings_have_none, 0},
    {"who_attaches_asks_for_the_same_node", who_attaches_asks_for_the_same_node, 0},
    {"nodes_that_are_none", nodes_that_are_none, 0},
    {"a_node_has_an_end", a_node_has_an_end, 0},
    {"options_that_contradict_each_other", options_that_contradict_each_other, 0},
    {NULL, NULL, 0},
};

const test_suite_t numa_suite = {"numa", cases, NULL};
