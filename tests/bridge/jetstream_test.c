/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge over a real server, which is killed as well. Without nats-server each test is a skip. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jetstream/jetstream.h"
#include "storm.h"
#include "support/files.h"

typedef struct server {
    char program[64], folder[420], port[8], url[40];
    pid_t pid;
    const char *password; /* that it wants; NULL: none */
    uint64_t log_bytes;
} server_t;

static server_t server;

static bool find_program(void)
{
    static const char *const places[] = {"/usr/sbin/nats-server", "/usr/bin/nats-server",
                                         "/usr/local/bin/nats-server"};
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++)
        if (access(places[i], X_OK) == 0)
            (void)snprintf(server.program, sizeof server.program, "%s", places[i]);
    return server.program[0] != 0;
}

static struct sockaddr_in local_address(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static uint16_t free_port(void)
{
    struct sockaddr_in address = local_address(0);
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_SYSTEM(s);
    CHECK_SYSTEM(bind(s, (struct sockaddr *)&address, size));
    CHECK_SYSTEM(getsockname(s, (struct sockaddr *)&address, &size));
    CHECK_SYSTEM(close(s));
    return ntohs(address.sin_port);
}

static bool answers(void)
{
    struct sockaddr_in address = local_address((uint16_t)atoi(server.port));
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_SYSTEM(s);
    bool there = connect(s, (struct sockaddr *)&address, sizeof address) == 0;
    CHECK_SYSTEM(close(s));
    return there;
}

static void start_server(void)
{
    char log[450];
    (void)snprintf(log, sizeof log, "%s/log", server.folder);
    server.pid = fork();
    CHECK_SYSTEM(server.pid);
    if (server.pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        const char *const with[] = {server.program,
                                    "-a",
                                    "127.0.0.1",
                                    "-p",
                                    server.port,
                                    "-js",
                                    "-sd",
                                    server.folder,
                                    "-l",
                                    log,
                                    server.password ? "--user" : NULL,
                                    "daq",
                                    "--pass",
                                    server.password,
                                    NULL};
        (void)execv(server.program, (char *const *)with);
        _exit(127);
    }
    for (int64_t end = now_ns() + PATIENCE; !answers();) {
        CHECK(now_ns() < end);
        CHECK_EQUAL(waitpid(server.pid, NULL, WNOHANG), 0);
        bridge_sleep_ns(10 * MILLISECOND);
    }
}

static void kill_server(void)
{
    CHECK_SYSTEM(kill(server.pid, SIGKILL));
    CHECK_EQUAL(waitpid(server.pid, NULL, 0), server.pid);
}

static int open_jetstream(bridge_engine_t **engine, const char *folder, uint64_t entries,
                          bridge_error_t *error)
{
    bridge_jetstream_options_t options = {.servers = {server.url}, .stream = "there"};
    (void)folder;
    options.bytes = server.log_bytes;
    options.entries = entries;
    options.user = server.password != NULL ? "daq" : NULL;
    options.password = "ring";
    return bridge_jetstream_open(engine, &options, error);
}

/* NULL: skipped. */
static hosts_t *make(const char *password)
{
    if (!find_program()) {
        test_skip("there is no nats-server (Debian, Ubuntu: nats-server)");
        return NULL;
    }
    hosts_t *h = hosts_make(64, 4096);
    h->open_engine = open_jetstream;
    server.password = password;
    server.log_bytes = 32u << 20;
    (void)snprintf(server.folder, sizeof server.folder, "%s/js", h->folder);
    (void)snprintf(server.port, sizeof server.port, "%u", free_port());
    (void)snprintf(server.url, sizeof server.url, "nats://127.0.0.1:%s", server.port);
    CHECK_SYSTEM(mkdir(server.folder, 0700));
    start_server();
    return h;
}

static void unmake(void)
{
    kill_server();
    hosts_remove();
}

static void each_message_and_mark_arrives_once(void)
{
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    hosts_make_target(64, 3000);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    for (uint64_t n = 0; n < 100; n++) {
        send_one(h->source, n);
        if (n == 50)
            CHECK_OK(slotring_mark(h->source, SLOTRING_MARK_USER, 0, n, NULL, 0, NULL));
        if (n >= 20)
            expect_message(n - 20, n - 20);
        if (n == 70)
            CHECK_EQUAL(expect_mark(SLOTRING_MARK_USER).value, 50);
    }
    expect_messages(80, 100);
    CHECK_EQUAL(stop_sender(&sender).messages, 100);
    bridge_receiver_report_t received = stop_receiver(&receiver);
    CHECK_EQUAL(received.messages, 100);
    CHECK_EQUAL(received.gaps + received.again, 0);
    unmake();
}

static void what_is_there_outlives_all_of_them(void)
{
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    hosts_make_target(64, 4096);
    for (uint64_t round = 0; round < 3; round++) {
        peer_t sender = start_sender();
        hosts_wait_for_sender();
        for (uint64_t n = 10 * round; n < 10 * round + 10; n++)
            send_one(h->source, n);
        CHECK_OK(slotring_drain(h->source, SLOTRING_DRAIN_ALL, PATIENCE)); /* the server has it */
        peer_kill(&sender);
        kill_server();
        start_server();
        peer_t receiver = start_receiver();
        expect_messages(10 * round, 10 * round + 10);
        peer_kill(&receiver);
    }
    unmake();
}

/* Without a receiver; the producer is let go when one comes. */
static void fill_and_empty(hosts_t *h)
{
    hosts_make_target(64, 4096);
    peer_t sender = start_sender();
    hosts_wait_for_sender();
    uint64_t published = 0;
    while (send_one_within(h->source, published, SECOND))
        CHECK(++published < 1000);
    peer_t receiver = start_receiver();
    send_one(h->source, published);
    expect_messages(0, published + 1);
    CHECK_AT_LEAST(stop_sender(&sender).full, 1);
    CHECK_EQUAL(stop_receiver(&receiver).gaps, 0);
    unmake();
}

static void a_full_stream_holds_the_producer_back(void)
{
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    h->log_entries = 3;
    fill_and_empty(h);
}

static void one_with_a_limit_of_bytes_too(void)
{
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    server.log_bytes = 100000;
    h->pack_bytes = 8192;
    fill_and_empty(h);
}

/* Until nothing more is taken. */
static uint64_t fill_log(bridge_engine_t *engine)
{
    static const uint8_t bytes[400];
    uint64_t last = 0, stored;
    int code = BRIDGE_OK;
    for (; code == BRIDGE_OK && last < 1000; last++)
        if ((code = engine->calls->append_if(engine, last, bytes, sizeof bytes)) == BRIDGE_OK)
            code = engine->calls->settle(engine, PATIENCE, &stored);
    CHECK_EQUAL(code, BRIDGE_FULL);
    return last - 1;
}

/* A server that refuses what is more compares the bytes without what it adds itself. An entry that fits by these few is taken, and the
 * oldest one goes for it. */
static void a_full_stream_drops_nothing_for_what_comes(void)
{
    if (make(NULL) == NULL)
        return;
    for (unsigned n = 0; n < 20; n++) { /* of these sizes, entries exceed one by a few bytes */
        char name[20];
        bridge_engine_t *engine;
        bridge_error_t error = {0};
        bridge_entry_t entry;
        (void)snprintf(name, sizeof name, "size%u", n);
        bridge_jetstream_options_t options = {
            .servers = {server.url}, .stream = name, .bytes = 20000 + 32 * n};
        CHECK_EQUAL(bridge_jetstream_open(&engine, &options, &error), BRIDGE_OK);
        check_context("a log of %llu bytes", (unsigned long long)options.bytes);
        CHECK_AT_LEAST(fill_log(engine), 20);
        CHECK_EQUAL(engine->calls->read_from(engine, 0, PATIENCE, &entry), BRIDGE_OK);
        CHECK_EQUAL(entry.sequence, 1);
        engine->calls->close(engine);
    }
    check_context("%s", "");
    unmake();
}

static void what_the_server_lost_is_sent_again(void)
{
    char command[1300];
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    hosts_make_target(64, 4096);
    peer_t sender = start_sender();
    hosts_wait_for_sender();
    send_one(h->source, 0);
    CHECK_OK(slotring_drain(h->source, SLOTRING_DRAIN_ALL, PATIENCE));
    kill_server(); /* its disk as it was then */
    (void)snprintf(command, sizeof command, "cp -r '%s' '%s.then'", server.folder, server.folder);
    CHECK_EQUAL(system(command), 0);
    start_server();
    for (uint64_t n = 1; n < 20; n++)
        send_one(h->source, n);
    CHECK_OK(slotring_drain(h->source, SLOTRING_DRAIN_ALL, PATIENCE));
    kill_server();
    (void)snprintf(command, sizeof command, "rm -r '%s' && mv '%s.then' '%s'", server.folder, server.folder,
                   server.folder);
    CHECK_EQUAL(system(command), 0);
    start_server();
    peer_t receiver = start_receiver();
    expect_messages(0, 20);
    CHECK_AT_LEAST(stop_sender(&sender).resent, 1);
    CHECK_EQUAL(stop_receiver(&receiver).gaps, 0);
    unmake();
}

static void a_wrong_password_is_said_at_once(void)
{
    hosts_t *h = make("another");
    if (h == NULL)
        return;
    hosts_make_target(64, 4096);
    peer_t sender = start_sender(), receiver = start_receiver();
    expect_end(&sender, BRIDGE_REFUSED, "uthorization");
    expect_end(&receiver, BRIDGE_REFUSED, "uthorization");
    unmake();
}

static void one_receiver_writes_into_a_ring(void)
{
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    hosts_make_target(64, 4096);
    peer_t sender = start_sender(), receiver = start_receiver();
    send_one(h->source, 0);
    expect_messages(0, 1);
    peer_stop(&receiver);
    peer_t second = start_receiver();
    expect_end(&second, BRIDGE_REFUSED, "another receiver writes into ring");
    peer_continue(&receiver);
    send_one(h->source, 1);
    expect_messages(1, 2);
    (void)stop_sender(&sender);
    (void)stop_receiver(&receiver);
    unmake();
}

static void a_server_that_is_away_is_a_lost_source(void)
{
    slotring_slot_t slot;
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    h->silence_ns = SECOND + SECOND / 2;
    hosts_make_target(64, 4096);
    peer_t receiver = start_receiver(), sender = start_sender();
    hosts_wait_for_sender();
    slotring_t *crate = open_producer("crate 3");
    send_one(crate, 0);
    expect_message(0, 0);
    CHECK_CODE(slotring_next(h->reader, 2 * SECOND, &slot), SLOTRING_E_TIMEOUT); /* the sender gives signs */
    kill_server();
    expect_lost(SLOTRING_E_SOURCE_LOST, "crate 3");
    start_server();
    send_one(crate, 1);
    expect_message(1, 1);
    CHECK_OK(slotring_close(crate));
    (void)stop_sender(&sender);
    CHECK_EQUAL(stop_receiver(&receiver).silences, 1);
    unmake();
}

static void kill_and_start_server(const hosts_t *h, unsigned dice)
{
    (void)h;
    kill_server();
    bridge_sleep_ns((int64_t)(dice % 50) * MILLISECOND);
    start_server();
}

static void kills_of_all_three_lose_and_double_nothing(void)
{
    hosts_t *h = make(NULL);
    if (h == NULL)
        return;
    storm_rage(h, scaled(300), STORM_ALL, kill_and_start_server);
    unmake();
}

static const test_case_t cases[] = {
    {"each_message_and_mark_arrives_once", each_message_and_mark_arrives_once, 0},
    {"what_is_there_outlives_all_of_them", what_is_there_outlives_all_of_them, 0},
    {"a_full_stream_holds_the_producer_back", a_full_stream_holds_the_producer_back, 0},
    {"one_with_a_limit_of_bytes_too", one_with_a_limit_of_bytes_too, 0},
    {"a_full_stream_drops_nothing_for_what_comes", a_full_stream_drops_nothing_for_what_comes, 0},
    {"what_the_server_lost_is_sent_again", what_the_server_lost_is_sent_again, 0},
    {"a_wrong_password_is_said_at_once", a_wrong_password_is_said_at_once, 0},
    {"one_receiver_writes_into_a_ring", one_receiver_writes_into_a_ring, 0},
    {"a_server_that_is_away_is_a_lost_source", a_server_that_is_away_is_a_lost_source, 0},
    {"kills_of_all_three_lose_and_double_nothing", kills_of_all_three_lose_and_double_nothing, 0},
    {NULL, NULL, 0},
};

const test_suite_t bridge_jetstream_suite = {"bridge_jetstream", cases, NULL};
