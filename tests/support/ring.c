/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "suite.h"
#include "support/internals.h"

const char *ring_name_of(const char *suffix)
{
    static char names[8][SLOTRING_NAME_MAX + 1];
    static unsigned next;
    char *name = names[next++ % 8];
    (void)snprintf(name, sizeof names[0], "test-%d-%s%s", (int)getpid(), test_name(), suffix);
    return name;
}

const char *ring_name(void)
{
    static char name[SLOTRING_NAME_MAX + 1];
    if (name[0] == 0)
        (void)snprintf(name, sizeof name, "%s", ring_name_of(""));
    return name;
}

/* The one that this test is run over, whatever the test does to the environment. */
static const sr__backend_t *backend(void)
{
    static const sr__backend_t *chosen;
    if (chosen == NULL)
        chosen = sr__backend_find(NULL, NULL);
    CHECK(chosen != NULL);
    return chosen;
}

slotring_options_t ring_options(uint32_t mode, uint64_t slots, uint64_t slot_size)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = mode;
    options.slot_size = slot_size;
    options.total_size = slots * slot_size;
    options.max_holds = UINT32_MAX; /* no limit: that is what the suite holds is about */
    return options;
}

/* Where a ring goes with its last user, somebody has to stay for it to be closed and opened again: an observer, who is
 * no participant. The latest ones only, a test needs no more. */
#define KEEPERS 16

static struct {
    slotring_t *observer;
    char name[SLOTRING_NAME_MAX + 1];
} keepers[KEEPERS];

static void let_go(unsigned k)
{
    if (keepers[k].observer != NULL)
        CHECK_OK(slotring_close(keepers[k].observer));
    keepers[k].observer = NULL;
}

bool ring_persists(void)
{
    return (backend()->capabilities & SLOTRING_CAN_PERSIST) != 0;
}

bool ring_shares_users(void)
{
    return (backend()->capabilities & SLOTRING_CAN_SHARE_USERS) != 0;
}

static void keep_no_more(const char *name)
{
    for (unsigned k = 0; k < KEEPERS; k++)
        if (strcmp(keepers[k].name, name) == 0)
            let_go(k);
}

void ring_keep(const char *name)
{
    static unsigned next;
    slotring_options_t observing = ring_options(SLOTRING_OBSERVE, 0, 0);
    observing.backend = backend()->name;
    slotring_t *observer;
    if (ring_persists() || slotring_open(&observer, name, &observing, NULL) != 0)
        return;         /* nothing to do; or removed already, or damaged on purpose */
    keep_no_more(name); /* an earlier ring of this name, or this one */
    let_go(next);
    (void)snprintf(keepers[next].name, sizeof keepers[next].name, "%s", name);
    keepers[next].observer = observer;
    next = (next + 1) % KEEPERS;
}

slotring_t *ring_open_with(const char *name, const slotring_options_t *options)
{
    slotring_t *ring = NULL;
    slotring_error_t error;
    int code = slotring_open(&ring, name, options, &error);
    if (code != 0)
        FAIL("opening \"%s\" gave %s: %s", name, slotring_error_name(code), error.text);
    CHECK(ring != NULL);
    if (options == NULL || options->mode <= SLOTRING_CREATE)
        ring_keep(name);
    return ring;
}

slotring_t *ring_create(const char *name, uint64_t slots, uint64_t slot_size)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, slot_size);
    return ring_open_with(name, &options);
}

slotring_t *ring_attach(const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    return ring_open_with(name, &options);
}

slotring_t *ring_observe(const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    return ring_open_with(name, &options);
}

slotring_options_t ring_options_sleepy(uint32_t mode, uint64_t slots)
{
    slotring_options_t options = ring_options(mode, slots, slots == 0 ? 0 : 64);
    options.wait_slice_ns = 10 * SECOND;
    options.spin_ns = 1;
    return options;
}

slotring_t *ring_open_sleepy(const char *name, uint32_t mode, uint64_t slots)
{
    slotring_options_t options = ring_options_sleepy(mode, slots);
    return ring_open_with(name, &options);
}

void ring_remove(slotring_t *ring, const char *name)
{
    ring_keep(name);
    CHECK_OK(slotring_close(ring));
    slotring_error_t error;
    int code = slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, &error);
    if (code != 0)
        FAIL("removing \"%s\" gave %s: %s", name, slotring_error_name(code), error.text);
    keep_no_more(name);
    check_nothing_left();
}

static struct {
    void *memory;
    sr__segment_t *segment;
} mapped[4];

bool ring_exists(const char *name)
{
    sr__place_t *place;
    CHECK_OK(backend()->names.place_open(NULL, name, &place, NULL));
    bool exists = backend()->segments.exists(place);
    backend()->names.place_close(place);
    return exists;
}

size_t ring_size(const char *name)
{
    const sr__backend_t *os = backend();
    sr__place_t *place;
    sr__segment_t *segment;
    CHECK_OK(os->names.place_open(NULL, name, &place, NULL));
    CHECK_OK(os->segments.open(place, false, &segment, NULL));
    size_t size = (size_t)os->segments.size(segment);
    os->segments.close(segment);
    os->names.place_close(place);
    return size;
}

void *ring_map(const char *name, size_t *size)
{
    const sr__backend_t *os = backend();
    sr__place_t *place;
    unsigned m = 0;
    while (m < 3 && mapped[m].memory != NULL)
        m++;
    CHECK(mapped[m].memory == NULL);
    CHECK_OK(os->names.place_open(NULL, name, &place, NULL));
    CHECK_OK(os->segments.open(place, true, &mapped[m].segment, NULL));
    os->names.place_close(place);
    *size = (size_t)os->segments.size(mapped[m].segment);
    CHECK_OK(os->segments.map(mapped[m].segment, *size, 0, NULL));
    return mapped[m].memory = os->segments.memory(mapped[m].segment);
}

void ring_unmap(void *memory)
{
    unsigned m = 0;
    while (m < 3 && mapped[m].memory != memory)
        m++;
    CHECK(mapped[m].memory == memory);
    mapped[m].memory = NULL;
    backend()->segments.close(mapped[m].segment);
}

#ifdef __GLIBC__
bool ring_changed_since(void *copy, const void *memory, size_t size)
{
    if (memcmp(copy, memory, size) == 0)
        return false;
    memcpy(copy, memory, size);
    return true;
}
#else
bool ring_changed_since(void *copy, const void *memory, size_t size)
{
    uint64_t *before = copy, difference = 0;
    const uint64_t *now = memory;
    CHECK(size % sizeof *now == 0);
    for (size_t i = 0; i < size / sizeof *now; i++) {
        difference |= before[i] ^ now[i];
        before[i] = now[i];
    }
    return difference != 0;
}
#endif

slotring_stats_t ring_stats(slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    CHECK_OK(slotring_get_stats(ring, &stats));
    return stats;
}

slotring_info_t ring_info(slotring_t *ring)
{
    slotring_info_t info = {.struct_size = sizeof info};
    CHECK_OK(slotring_info(ring, &info));
    return info;
}

slotring_reader_info_t reader_info(slotring_reader_t *reader)
{
    slotring_reader_info_t info;
    CHECK_OK(slotring_reader_info(reader, &info));
    CHECK_EQUAL(info.delivered + info.missed + info.passed_over + info.pending, info.cursor - info.start);
    return info;
}

void prepare(slotring_t *ring, uint32_t producer, uint64_t number, slotring_slot_t *slot, uint64_t *length)
{
    CHECK_OK(slotring_allocate_wait(ring, 1, PATIENCE, slot));
    slot->tag = pattern_tag(producer, number);
    *length = pattern_length(slot->tag, slot->capacity);
    pattern_fill(slot->data, *length, slot->tag);
}

slotring_ticket_t publish(slotring_t *ring, uint32_t producer, uint64_t number)
{
    slotring_slot_t slot;
    uint64_t length;
    prepare(ring, producer, number, &slot, &length);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    return slot.ticket;
}

void publish_from(slotring_t *ring, uint64_t first, uint64_t end)
{
    for (uint64_t n = first; n < end; n++)
        publish(ring, 1, n);
}

slotring_reader_options_t reader_options(uint32_t mode, uint32_t start)
{
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.mode = mode;
    options.start = start;
    return options;
}

slotring_reader_t *subscribe_with(slotring_t *ring, const slotring_reader_options_t *options)
{
    slotring_reader_t *reader = NULL;
    CHECK_OK(slotring_subscribe(ring, options, &reader));
    CHECK(reader != NULL);
    return reader;
}

slotring_reader_t *subscribe(slotring_t *ring, uint32_t mode, uint32_t start)
{
    slotring_reader_options_t options = reader_options(mode, start);
    return subscribe_with(ring, &options);
}

uint64_t take(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, PATIENCE, &slot));
    pattern_check(&slot);
    uint64_t tag = slot.tag;
    CHECK_OK(slotring_reader_release(reader));
    return tag;
}

void take_out(slotring_reader_t *reader, slotring_slot_t *slot, uint64_t number)
{
    CHECK_OK(slotring_next(reader, 0, slot));
    pattern_check(slot);
    CHECK_EQUAL(slot->tag, pattern_tag(1, number));
}

void take_now(slotring_reader_t *reader, uint64_t tag)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    pattern_check(&slot);
    CHECK_EQUAL(slot.tag, tag);
    CHECK_OK(slotring_reader_release(reader));
}

void hold(slotring_t *ring, const slotring_ticket_t *ticket, slotring_slot_t *slot)
{
    CHECK_OK(slotring_acquire_for_read(ring, ticket, slot));
    pattern_check(slot);
}

void read_once(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot;
    hold(ring, ticket, &slot);
    CHECK_OK(slotring_release(ring, &slot));
}

static void collect_finding(void *user, const char *finding)
{
    char *text = user;
    size_t used = strlen(text);
    (void)snprintf(text + used, 700 - used, "%s%s", used == 0 ? "" : "; ", finding);
}

static void collect_finding_inside(void *user, const char *finding)
{
    if (strstr(finding, "can join") == NULL)
        collect_finding(user, finding);
}

/* A test that takes a ring's files away knows it; all else must be sound. */
void check_ring(slotring_t *ring)
{
    char text[700] = "";
    uint64_t findings = 0;
    bool removed = ring_info(ring).removed;
    CHECK_OK(slotring_check(ring, removed ? collect_finding_inside : collect_finding, text, &findings));
    if (text[0] != 0 || (findings != 0 && !removed))
        FAIL("the audit found %llu faults: %s", (unsigned long long)findings, text);
}

bool ring_is_full(slotring_t *ring)
{
    slotring_slot_t slot;
    int code = slotring_allocate(ring, 1, &slot);
    if (code == 0)
        CHECK_OK(slotring_abort(ring, &slot));
    else
        CHECK_CODE(code, SLOTRING_E_FULL);
    return code != 0;
}

void check_ring_at_rest(slotring_t *ring)
{
    check_ring(ring);
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.slots_writing, 0);
    CHECK_EQUAL(stats.slots_held, 0);
    CHECK_EQUAL(stats.slots_free + stats.slots_ready, ring_info(ring).slot_count);
}

/* Every slot of the ring goes through the caller's hands at once: none has been lost. */
static void check_every_slot(slotring_t *ring)
{
    uint64_t count = ring_info(ring).slot_count;
    slotring_slot_t *slots = calloc((size_t)count, sizeof *slots);
    CHECK(slots != NULL);
    for (uint64_t i = 0; i < count; i++) {
        check_context("slot %llu of %llu in hand", (unsigned long long)i, (unsigned long long)count);
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
    }
    check_context("%s", "");
    for (uint64_t i = 0; i < count; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    free(slots);
}

void check_recovered(slotring_t *ring, uint64_t participants)
{
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring_at_rest(ring);
    CHECK_EQUAL(ring_stats(ring).participants, participants);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 3; n++) {
        slotring_ticket_t ticket = publish(ring, 4000, n);
        read_once(ring, &ticket);
        CHECK_EQUAL(take(reader), pattern_tag(4000, n));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_end_stream(ring));
    check_every_slot(ring);
    CHECK_OK(slotring_end_stream(ring));
    check_ring_at_rest(ring);
}

int64_t now_ns(void)
{
    return (int64_t)sr__backends[0]->system.clock_ns();
}

bool same_ticket(const slotring_ticket_t *a, const slotring_ticket_t *b)
{
    return memcmp(a->ring_id, b->ring_id, sizeof a->ring_id) == 0 && a->sequence == b->sequence &&
           a->slot == b->slot && a->flags == b->flags;
}
