/* SPDX-License-Identifier: Apache-2.0 */
#include "hosts.h"
#include "mortal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/store.h"
#include "support/files.h"

static hosts_t hosts;

const char *source_name(void)
{
    return "source";
}

const char *target_name(void)
{
    return "target";
}

hosts_t *hosts_now(void)
{
    return &hosts;
}

hosts_t *hosts_make(uint64_t slots, uint64_t slot_size)
{
    hosts = (hosts_t){.buffer = malloc(LARGEST)};
    CHECK(hosts.buffer != NULL);
    (void)snprintf(hosts.folder, sizeof hosts.folder, "%s/log", directory_path());
    CHECK_SYSTEM(mkdir(hosts.folder, 0700));
    slotring_options_init(&hosts.at_target);
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, slot_size);
    options.time_stamps = SLOTRING_TIME_MONOTONIC;
    options.description = "an ADC";
    options.description_size = 6;
    hosts.source = ring_open_with(source_name(), &options);
    return &hosts;
}

static void subscribe_at_target(uint32_t start)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, start);
    options.flags = SLOTRING_TELL_MARKS;
    hosts.reader = subscribe_with(hosts.target, &options);
}

void hosts_make_target(uint64_t slots, uint64_t slot_size)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, slot_size);
    slotring_info_t info = ring_info(hosts.source);
    options.time_stamps = SLOTRING_TIME_MONOTONIC;
    options.max_writers = hosts.target_writers;
    memcpy(options.lineage_id, info.lineage_id, sizeof options.lineage_id);
    CHECK_OK(slotring_number_of(hosts.source, ring_stats(hosts.source).published, &options.first_sequence));
    hosts.target = ring_open_with(target_name(), &options);
    subscribe_at_target(SLOTRING_FROM_NOW);
}

void hosts_wait_for_target(void)
{
    for (int64_t end = now_ns() + PATIENCE; !ring_exists(target_name());) {
        CHECK(now_ns() < end);
        bridge_sleep_ns(MILLISECOND);
    }
    hosts.target = ring_attach(target_name());
    subscribe_at_target(SLOTRING_FROM_OLDEST);
}

void hosts_wait_for_sender(void)
{
    CHECK_OK(slotring_wait_readers(hosts.source, 1, PATIENCE, NULL));
}

void remove_one(slotring_t *ring, const char *name)
{
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
}

void hosts_remove(void)
{
    char command[1000];
    if (hosts.target != NULL) {
        CHECK_OK(slotring_unsubscribe(hosts.reader));
        CHECK_OK(slotring_recover(hosts.target, NULL));
        check_ring_at_rest(hosts.target);
        remove_one(hosts.target, target_name());
    }
    check_ring(hosts.source);
    remove_one(hosts.source, source_name());
    /* A receiver that was killed leaves its lock. */
    (void)snprintf(command, sizeof command, "rm -rf '%s' '%s/.slotring-bridge.%s'", hosts.folder,
                   directory_path(), target_name());
    CHECK_EQUAL(system(command), 0);
    free(hosts.buffer);
    check_nothing_left();
}

/* ---- The two halves --------------------------------------------------------------------------------- */

static bool test_speaks(void *test)
{
    return peer_speaks(test, 0);
}

/* What a half says when it has ended. */
typedef struct last_word {
    int code;
    char text[512];
    bridge_sender_report_t sent;
    bridge_receiver_report_t received;
} last_word_t;

static bridge_engine_t *open_log(peer_t *test, enum bridge_files_role role)
{
    bridge_engine_t *engine;
    last_word_t word = {0};
    bridge_error_t error = {0};
    word.code = hosts.open_engine != NULL
                    ? hosts.open_engine(&engine, hosts.folder, hosts.log_entries, &error)
                    : bridge_files_open(&engine, hosts.folder, role, hosts.log_entries, &error);
    if (word.code == 0 && hosts.open_engine == NULL && hosts.pressure == BRIDGE_LOSSY)
        bridge_files_drop_oldest(engine);
    if (word.code == 0)
        return mortal_wrap(engine, hosts.dies_at);
    memcpy(word.text, error.text, sizeof word.text);
    peer_put(test, &word, sizeof word);
    exit(0);
}

static void sends(peer_t *test, const char *remote)
{
    last_word_t word = {0};
    bridge_error_t error;
    bridge_sender_options_t options = {.ring = source_name(), .remote = remote, .stop = {test_speaks, test}};
    slotring_options_init(&options.place);
    options.start = SLOTRING_FROM_OLDEST;
    options.pack_bytes = hosts.pack_bytes;
    options.pressure = hosts.pressure;
    options.budget_messages = hosts.pressure == BRIDGE_BUDGETED ? hosts.budget_messages : 0;
    options.budget_ns = hosts.pressure == BRIDGE_BUDGETED ? hosts.budget_ns : 0;
    options.engine = open_log(test, BRIDGE_FILES_SENDER);
    word.code = bridge_send(&options, &word.sent, &error);
    memcpy(word.text, error.text, sizeof word.text);
    options.engine->calls->close(options.engine);
    peer_put(test, &word, sizeof word);
}

static void receives(peer_t *test, const char *remote)
{
    last_word_t word = {0};
    bridge_error_t error;
    bridge_receiver_options_t options = {.ring = target_name(), .stop = {test_speaks, test}};
    (void)remote;
    options.place = hosts.at_target;
    options.silence_ns = hosts.silence_ns;
    options.engine = open_log(test, BRIDGE_FILES_RECEIVER);
    word.code = bridge_receive(&options, &word.received, &error);
    memcpy(word.text, error.text, sizeof word.text);
    options.engine->calls->close(options.engine);
    peer_put(test, &word, sizeof word);
}

peer_t start_sender_of(const char *remote)
{
    return peer_fork(sends, remote);
}

peer_t start_sender(void)
{
    return start_sender_of("there");
}

peer_t start_receiver(void)
{
    return peer_fork(receives, "there");
}

static last_word_t stop(peer_t *half)
{
    last_word_t word;
    if (!peer_speaks(half, 0)) /* it has not ended by itself */
        peer_tell(half, 1);
    peer_get(half, &word, sizeof word);
    peer_join(half);
    if (word.code != BRIDGE_STOPPED)
        FAIL("a half of the bridge ended with %d: %s", word.code, word.text);
    return word;
}

bridge_sender_report_t stop_sender(peer_t *sender)
{
    return stop(sender).sent;
}

bridge_receiver_report_t stop_receiver(peer_t *receiver)
{
    return stop(receiver).received;
}

void hosts_stop(peer_t *half)
{
    store_t store;
    CHECK_SYSTEM(store_open(&store, hosts.folder));
    CHECK_SYSTEM(store_enter(&store));
    peer_stop(half);
    store_leave(&store);
    store_close(&store);
}

void expect_end(peer_t *half, int code, const char *words)
{
    last_word_t word;
    peer_get(half, &word, sizeof word);
    peer_join(half);
    check_context("%s", word.text);
    CHECK_EQUAL(word.code, code);
    CHECK_CONTAINS(word.text, words);
    check_context("%s", "");
}

/* ---- Messages --------------------------------------------------------------------------------------- */

uint64_t size_of_message(uint64_t n)
{
    uint64_t tag = pattern_tag(1, n);
    return n % 50 == 7 ? 0 : n % 10 == 3 ? pattern_length(tag, LARGEST) : pattern_length(tag, 300);
}

bool send_one_within(slotring_t *ring, uint64_t n, int64_t timeout_ns)
{
    slotring_slot_t slot;
    uint64_t size = size_of_message(n);
    pattern_fill(hosts.buffer, size, pattern_tag(1, n));
    int code = slotring_allocate_span(ring, size, timeout_ns, &slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_FULL)
        return false;
    CHECK_OK(code);
    slot.tag = pattern_tag(1, n);
    if (size > 0)
        CHECK_OK(slotring_scatter(ring, &slot, 0, hosts.buffer, size));
    CHECK_OK(slotring_mark_ready(ring, &slot, size));
    return true;
}

void send_one(slotring_t *ring, uint64_t n)
{
    CHECK(send_one_within(ring, n, PATIENCE));
}

/* Of a receiver that ended, readers are told. */
static int next_of_any_life(slotring_slot_t *slot)
{
    int code;
    while ((code = slotring_next(hosts.reader, PATIENCE, slot)) == SLOTRING_E_SOURCE_LOST ||
           code == SLOTRING_E_END)
        bridge_sleep_ns(code == SLOTRING_E_END ? MILLISECOND : 0);
    return code;
}

void expect_message(uint64_t n, uint64_t number)
{
    slotring_slot_t slot;
    uint64_t got = 0, there;
    check_context("message %llu", (unsigned long long)n);
    CHECK_OK(next_of_any_life(&slot));
    CHECK_EQUAL(slot.tag, pattern_tag(1, n));
    CHECK_EQUAL(slot.length, size_of_message(n));
    if (slot.length > 0)
        CHECK_OK(slotring_gather(hosts.target, &slot, 0, hosts.buffer, slot.length, &got));
    CHECK_EQUAL(pattern_verify(hosts.buffer, slot.length, slot.tag), slot.length);
    CHECK_OK(slotring_number_of(hosts.target, slot.sequence, &there));
    CHECK_EQUAL(there, number);
    CHECK_OK(slotring_reader_release(hosts.reader));
    check_context("%s", "");
}

void expect_messages(uint64_t from, uint64_t end)
{
    for (uint64_t n = from; n < end; n++)
        expect_message(n, n);
}

void expect_news(int code)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(hosts.reader, PATIENCE, &slot), code);
}

slotring_t *open_producer(const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.client_name = name;
    return ring_open_with(source_name(), &options);
}

void expect_lost(int code, const char *name)
{
    slotring_participant_t who;
    expect_news(code);
    CHECK_OK(slotring_reader_death(hosts.reader, &who));
    CHECK_STRING(who.name, name);
    CHECK_EQUAL(who.proxy, 1);
}

slotring_mark_t expect_mark(uint32_t kind)
{
    slotring_mark_t mark;
    expect_news(SLOTRING_E_MARK);
    CHECK_OK(slotring_reader_mark(hosts.reader, &mark));
    CHECK_EQUAL(mark.kind, kind);
    return mark;
}
