/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_bridge_bench: prints a line of JSON for each run. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <popt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
#define PATIENCE (60 * SECOND)
#define PACK ((size_t)512 << 10)
#define PIECE ((size_t)1 << 20)
#define FRAME 40u /* of the bridge, in front of each message */

static const way_t *const ways[] = {&tcp_way, &bare_way, &bridge_way};

void need(bool is_true, const char *what)
{
    if (is_true)
        return;
    fprintf(stderr, "slotring_bridge_bench: %s: %s\n", what, strerror(errno));
    _exit(1);
}

void is_ready(bench_t *b)
{
    atomic_fetch_add(&b->shared->ready, 1);
}

bool is_over(const bench_t *b)
{
    return atomic_load(&b->shared->stop);
}

void stamp(bench_t *b, uint64_t n, void *bytes)
{
    int64_t now = bridge_now_ns();
    if (n == 0)
        atomic_store(&b->shared->began, now);
    if (b->pace_ns > 0) {
        int64_t due = atomic_load(&b->shared->began) + (int64_t)n * b->pace_ns;
        for (; now < due; now = bridge_now_ns())
            bridge_sleep_ns(due - now);
    }
    memcpy(bytes, &now, sizeof now);
}

void take_stamp(bench_t *b, const void *bytes)
{
    int64_t sent;
    uint32_t n = atomic_fetch_add(&b->shared->arrived, 1);
    memcpy(&sent, bytes, sizeof sent);
    if (b->pace_ns > 0 && n < LATENCIES)
        b->shared->latency[n] = bridge_now_ns() - sent;
}

void has_ended(bench_t *b)
{
    atomic_store(&b->shared->ended, bridge_now_ns());
}

/* ---- The server ---------------------------------------------------------------------------------------- */

static char *server_program = "nats-server";
static pid_t server;

static int listen_on(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(s >= 0 && bind(s, (struct sockaddr *)&address, size) == 0 && listen(s, 8) == 0 &&
             getsockname(s, (struct sockaddr *)&address, &size) == 0,
         "no port");
    *port = ntohs(address.sin_port);
    return s;
}

static bool answers(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = s >= 0 && connect(s, (struct sockaddr *)&address, sizeof address) == 0;
    (void)close(s);
    return there;
}

/* Larger pieces than its default go over the bare engine, too. */
static void start_server(const char *folder, char *url, size_t room)
{
    char file[400];
    uint16_t port;
    (void)close(listen_on(&port));
    (void)snprintf(file, sizeof file, "%s/server.conf", folder);
    FILE *conf = fopen(file, "w");
    need(conf != NULL, file);
    fprintf(conf,
            "listen: \"127.0.0.1:%u\"\nmax_payload: 4194304\nlog_file: \"%s/server.log\"\njetstream { "
            "store_dir: \"%s/js\" }\n",
            port, folder, folder);
    need(fclose(conf) == 0, file);
    server = fork();
    if (server == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execlp(server_program, server_program, "-c", file, (char *)NULL);
        need(false, server_program);
    }
    (void)snprintf(url, room, "nats://127.0.0.1:%u", port);
    for (int64_t end = bridge_now_ns() + PATIENCE; !answers(port); bridge_sleep_ns(10 * MILLISECOND))
        need(bridge_now_ns() < end && waitpid(server, NULL, WNOHANG) == 0, "the server does not answer");
}

static double server_seconds(void)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", server);
    FILE *file = fopen(path, "r");
    need(file != NULL && fgets(text, sizeof text, file) != NULL, path);
    (void)fclose(file);
    const char *behind = strrchr(text, ')');
    need(behind != NULL &&
             sscanf(behind, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2,
         path);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double children_seconds(void)
{
    struct rusage r;
    need(getrusage(RUSAGE_CHILDREN, &r) == 0, "getrusage");
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

/* ---- A run ---------------------------------------------------------------------------------------------- */

static pid_t start(bench_t *b, void (*role)(bench_t *b))
{
    pid_t pid = fork();
    need(pid >= 0, "fork");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        role(b);
        _exit(0);
    }
    return pid;
}

static void wait_for(const bench_t *b, bool (*come)(const bench_t *b, uint32_t ready), uint32_t ready,
                     const char *what)
{
    int status;
    int64_t last = bridge_now_ns();
    uint32_t arrived = 0;
    for (; !come(b, ready); bridge_sleep_ns(MILLISECOND)) {
        pid_t dead = waitpid(-1, &status, WNOHANG);
        need(dead <= 0 || status == 0, "a process failed");
        if (atomic_load(&b->shared->arrived) != arrived)
            last = bridge_now_ns();
        arrived = atomic_load(&b->shared->arrived);
        need(bridge_now_ns() - last < PATIENCE, what);
    }
}

static bool are_ready(const bench_t *b, uint32_t ready)
{
    return atomic_load(&b->shared->ready) >= ready;
}

static bool ended(const bench_t *b, uint32_t ready)
{
    (void)ready;
    return atomic_load(&b->shared->ended) != 0;
}

static int by_time(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void print(const bench_t *b, const way_t *way, int round, double seconds, double of_server,
                  double of_others)
{
    uint32_t n = atomic_load(&b->shared->arrived);
    n = n < LATENCIES ? n : LATENCIES;
    printf("{\"way\": \"%s\", \"round\": %d, \"size\": %zu, \"messages\": %" PRIu64
           ", \"seconds\": %.4f, \"processor\": %.3f, \"of_server\": %.3f",
           way->name, round, b->size, b->count, seconds, of_server + of_others, of_server);
    if (b->pace_ns > 0) {
        qsort(b->shared->latency, n, sizeof b->shared->latency[0], by_time);
        printf(", \"pack_us\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f", (double)b->pack_ns / 1e3,
               (double)b->shared->latency[n / 2] / 1e3, (double)b->shared->latency[n * 99 / 100] / 1e3);
    }
    printf("}\n");
    (void)fflush(stdout);
}

static void run(bench_t *b, const way_t *way, int round)
{
    pid_t all[HELPERS + 2];
    uint32_t count = 0;
    memset(b->shared, 0, sizeof *b->shared);
    way->prepare(b);
    double server_before = server_seconds(), before = children_seconds();
    for (unsigned i = 0; i < HELPERS; i++)
        if (way->help[i] != NULL)
            all[count++] = start(b, way->help[i]);
    all[count++] = start(b, way->receive);
    wait_for(b, are_ready, 1, "the receiving end is not ready");
    all[count++] = start(b, way->send);
    wait_for(b, ended, 0, "nothing arrives any more");
    atomic_store(&b->shared->stop, true);
    for (uint32_t i = 0; i < count; i++)
        (void)waitpid(all[i], NULL, 0);
    double seconds = (double)(atomic_load(&b->shared->ended) - atomic_load(&b->shared->began)) / 1e9;
    print(b, way, round, seconds, server_seconds() - server_before, children_seconds() - before);
    way->clean(b);
}

/* ---- All of them ------------------------------------------------------------------------------------------ */

static void choose(bench_t *b, uint64_t bytes)
{
    b->count = bytes / b->size;
    b->under_way = b->size <= 65536 && b->size > 64 ? 64 : 16;
    b->unit = b->size;
    if (b->size < 4096 && b->pace_ns == 0)
        b->unit = PACK / (b->size + FRAME) * (b->size + FRAME);
    else if (b->size > PIECE)
        b->unit = PIECE;
    if (b->pace_ns > 0)
        b->count = bytes;
    uint64_t in_unit = b->unit > b->size ? b->unit / (b->size + FRAME) : 1;
    b->count = (b->count + in_unit - 1) / in_unit * in_unit;
    b->units = b->unit < b->size ? b->count * (b->size / b->unit) : b->count / in_unit;
}

int main(int argc, const char **argv)
{
    int rounds = 5, paced = 0, pack_us = 5000, megabytes = 512;
    char *size = "65536", *only = NULL, *rings = NULL, *store = NULL, url[64];
    const struct poptOption options[] = {
        {"size", 0, POPT_ARG_STRING, &size, 0, "bytes of a message", "N"},
        {"rounds", 0, POPT_ARG_INT, &rounds, 0, "each way once in each", "N"},
        {"megabytes", 0, POPT_ARG_INT, &megabytes, 0, "of a run", "N"},
        {"paced", 0, POPT_ARG_INT, &paced, 0, "instead: so many messages, one each 5 ms, for latencies", "N"},
        {"pack-us", 0, POPT_ARG_INT, &pack_us, 0, "so long the bridge lets messages wait for others", "N"},
        {"only", 0, POPT_ARG_STRING, &only, 0, "one way: tcp, bare or bridge", "WAY"},
        {"server", 0, POPT_ARG_STRING, &server_program, 0, "nats-server", "PROGRAM"},
        {"rings", 0, POPT_ARG_STRING, &rings, 0, "an empty folder for the rings", "FOLDER"},
        {"store", 0, POPT_ARG_STRING, &store, 0, "one for the server", "FOLDER"},
        POPT_AUTOHELP POPT_TABLEEND};
    poptContext context = poptGetContext(NULL, argc, argv, options, 0);
    int code = poptGetNextOpt(context);
    bench_t b = {.url = url, .size = strtoull(size, NULL, 10), .pace_ns = paced > 0 ? 5 * MILLISECOND : 0};
    if (code != -1 || b.size < 8 || rounds < 1 || rings == NULL || store == NULL) {
        fprintf(stderr, "slotring_bridge_bench: %s\n",
                code < -1 ? poptStrerror(code) : "--rings and --store are needed, and a size is 8 at least");
        return 2;
    }
    b.pack_ns = pack_us > 0 ? (int64_t)pack_us * 1000 : 1;
    b.shared = mmap(NULL, sizeof *b.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(b.shared != MAP_FAILED, "no memory");
    need(setenv("SLOTRING_DIR", rings, 1) == 0, "setenv");
    choose(&b, paced > 0 ? (uint64_t)paced : (uint64_t)megabytes << 20);
    start_server(store, url, sizeof url);
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
            if (only == NULL || strcmp(only, ways[i]->name) == 0)
                run(&b, ways[i], round);
    (void)kill(server, SIGKILL);
    (void)waitpid(server, NULL, 0);
    poptFreeContext(context);
    return 0;
}
