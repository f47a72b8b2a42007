/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's description of a ring: given at creation, the same for everybody, and never changed. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

static slotring_t *create_described(const void *description, uint64_t size)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    options.description = description;
    options.description_size = size;
    return ring_open_with(ring_name(), &options);
}

static void expect_description(slotring_t *ring, const void *description, uint64_t size)
{
    uint8_t copy[SLOTRING_DESCRIPTION_MAX];
    uint64_t length = 77;
    slotring_info_t info = {.struct_size = sizeof info};
    CHECK_OK(slotring_info(ring, &info));
    CHECK_EQUAL(info.description_size, size);
    CHECK_OK(slotring_description(ring, copy, sizeof copy, &length));
    CHECK_EQUAL(length, size);
    CHECK(size == 0 || memcmp(copy, description, (size_t)size) == 0);
}

static uint64_t findings_of(slotring_t *ring)
{
    uint64_t findings;
    CHECK_OK(slotring_check(ring, NULL, NULL, &findings));
    return findings;
}

static void everybody_reads_it(void)
{
    static const char text[] = "digitizer 3\nsamples: int16, little-endian\n";
    slotring_t *ring = create_described(text, sizeof text), *other = ring_attach(ring_name());
    slotring_t *observer = ring_observe(ring_name());
    expect_description(ring, text, sizeof text);
    expect_description(other, text, sizeof text);
    expect_description(observer, text, sizeof text);
    CHECK_EQUAL(findings_of(observer), 0);
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

/* Who attaches says nothing about it. */
static void an_attaching_one_does_not_change_it(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE_OR_ATTACH, 4, 64);
    slotring_t *ring = create_described("first", 5);
    options.description = "second";
    options.description_size = 6;
    slotring_t *other = ring_open_with(ring_name(), &options);
    expect_description(other, "first", 5);
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static void none_is_no_error(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    uint64_t length = 77;
    expect_description(ring, NULL, 0);
    CHECK_OK(slotring_description(ring, NULL, 0, &length));
    CHECK_EQUAL(length, 0);
    ring_remove(ring, ring_name());
}

static void sizes(void)
{
    uint8_t most[SLOTRING_DESCRIPTION_MAX + 1], copy[SLOTRING_DESCRIPTION_MAX];
    uint64_t length;
    for (size_t i = 0; i < sizeof most; i++)
        most[i] = (uint8_t)(i * 7 + i / 256);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    slotring_t *ring;
    slotring_error_t error;
    options.description = most;
    options.description_size = sizeof most;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_SIZE);
    CHECK_CONTAINS(error.text, "4097 bytes; the limit is 4096");
    options.description = NULL;
    options.description_size = 1;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
    ring = create_described(most, SLOTRING_DESCRIPTION_MAX);
    expect_description(ring, most, SLOTRING_DESCRIPTION_MAX);
    CHECK_CODE(slotring_description(ring, copy, sizeof copy - 1, &length), SLOTRING_E_SIZE);
    CHECK_EQUAL(length, SLOTRING_DESCRIPTION_MAX);
    CHECK_CODE(slotring_description(ring, NULL, sizeof copy, &length), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_description(ring, copy, sizeof copy, NULL), SLOTRING_E_INVALID);
    publish(ring, 1, 0); /* it lies where nothing else does */
    expect_description(ring, most, SLOTRING_DESCRIPTION_MAX);
    ring_remove(ring, ring_name());
}

static void damage_is_told(void)
{
    char copy[16];
    uint64_t length;
    slotring_t *ring = create_described("calibrated", 10);
    slotring_t *observer = ring_observe(ring_name());
    CHECK_EQUAL(findings_of(ring), 0);
    ring->member.view.meta[3] ^= 1;
    CHECK_CODE(slotring_description(ring, copy, sizeof copy, &length), SLOTRING_E_CORRUPT);
    CHECK_CODE(slotring_description(observer, copy, sizeof copy, &length), SLOTRING_E_CORRUPT);
    CHECK_EQUAL(findings_of(ring), 1);
    CHECK_EQUAL(findings_of(observer), 1);
    ring->member.view.meta[3] ^= 1;
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"everybody_reads_it", everybody_reads_it, 0},
    {"an_attaching_one_does_not_change_it", an_attaching_one_does_not_change_it, 0},
    {"none_is_no_error", none_is_no_error, 0},
    {"sizes", sizes, 0},
    {"damage_is_told", damage_is_told, 0},
    {NULL, NULL, 0},
};

const test_suite_t description_suite = {"description", cases, NULL};
