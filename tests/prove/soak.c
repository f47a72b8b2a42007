/* SPDX-License-Identifier: Apache-2.0 */
/* A long run: one producer, one lossless reader, each in a process of its own. Every sequence number and tag is
 * checked, memory must stay flat, and at the end the counters must say exactly what was done. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prove.h"
#include "support/files.h"

#define WARM_UP 100000u              /* messages before memory is looked at first */
#define GROWTH (UINT64_C(256) << 10) /* bytes of private memory that may come and go by chance */

/* Private memory of this process, in bytes. */
static uint64_t private_memory(void)
{
    char text[256] = "";
    unsigned long pages[3] = {0};
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    CHECK_SYSTEM(file);
    CHECK_SYSTEM(read(file, text, sizeof text - 1));
    close(file);
    CHECK_EQUAL(sscanf(text, "%lu %lu %lu", &pages[0], &pages[1], &pages[2]), 3);
    return (uint64_t)(pages[1] - pages[2]) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t ring_memory(const char *name)
{
    struct stat about;
    CHECK_SYSTEM(stat(ring_path(name), &about));
    return (uint64_t)about.st_blocks * 512;
}

static void check_flat(uint64_t before, uint64_t messages)
{
    uint64_t now = private_memory(), grown = now > before ? now - before : 0;
    uint64_t most = atomic_load(&journal->grown);
    while (grown > most && !atomic_compare_exchange_weak(&journal->grown, &most, grown)) {
    }
    if (grown > GROWTH)
        FAIL("private memory grew from %llu to %llu bytes in %llu messages", (unsigned long long)before,
             (unsigned long long)now, (unsigned long long)messages);
}

/* The tag tells the message, and the payload's only word is made of it: what is soaked is the ring, not memcpy. */
static void produce(const char *name, const prove_options_t *options)
{
    slotring_t *ring = ring_attach(name);
    uint64_t before = 0;
    for (uint64_t n = 0; options->messages == 0 ? !storm_ending() : n < options->messages; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate_wait(ring, 8, PATIENCE, &slot));
        uint64_t word = ~n;
        memcpy(slot.data, &word, sizeof word);
        slot.tag = n;
        CHECK_OK(slotring_mark_ready(ring, &slot, sizeof word));
        if (n == WARM_UP)
            before = private_memory();
        if (n > WARM_UP && n % (1 << 22) == 0)
            check_flat(before, n);
    }
    CHECK_OK(slotring_close(ring));
}

static void consume(const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    uint64_t before = 0, shared = ring_memory(name);
    atomic_fetch_add(&journal->seated, 1);
    for (uint64_t n = 0;; n++) {
        slotring_slot_t slot;
        int code = slotring_next(reader, PATIENCE, &slot);
        if (code == SLOTRING_E_END)
            break;
        CHECK_OK(code);
        uint64_t word;
        memcpy(&word, slot.data, sizeof word);
        if (slot.sequence != n || slot.tag != n || word != ~n || slot.length != sizeof word)
            FAIL("message %llu came as sequence %llu, tag %llu, contents %llx", (unsigned long long)n,
                 (unsigned long long)slot.sequence, (unsigned long long)slot.tag, (unsigned long long)word);
        CHECK_OK(slotring_reader_release(reader));
        if (n == WARM_UP)
            before = private_memory();
        if (n > WARM_UP && n % (1 << 22) == 0) {
            check_flat(before, n);
            CHECK_EQUAL(ring_memory(name), shared);
        }
        atomic_store_explicit(&journal->last, n + 1, memory_order_relaxed);
    }
    CHECK_EQUAL(ring_memory(name), shared);
    CHECK_OK(slotring_close(ring));
}

static pid_t begin(const char *role, const char *name, const prove_options_t *options)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    CHECK_SYSTEM(pid);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(0);
        check_in_helper(role);
        if (options != NULL)
            produce(name, options);
        else
            consume(name);
        _exit(0);
    }
    return pid;
}

static void end_of(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        CHECK(errno == EINTR);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        FAIL("process %d ended with status %x", (int)pid, (unsigned)status);
}

/* No drift: everything is counted, once. */
static void check_counters(slotring_t *ring, uint64_t messages)
{
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, messages);
    CHECK_EQUAL(stats.bytes_written, 8 * messages);
    CHECK_EQUAL(stats.bytes_read, 8 * messages);
    CHECK_EQUAL(stats.recycled + stats.overwritten + stats.slots_ready, messages);
    CHECK_EQUAL(stats.missed + stats.stale + stats.freed + stats.aborted + stats.repaired, 0);
    CHECK_EQUAL(stats.producers_ended, 1);
    check_recovered(ring, 1);
}

static void soak_one_ring(const prove_options_t *options)
{
    const char *name = ring_name();
    slotring_t *ring = ring_create(name, options->slots, options->slot_size);
    pid_t reader = begin("the reader", name, NULL);
    for (int64_t begun = now_ns(); atomic_load(&journal->seated) == 0; (void)usleep(1000))
        CHECK(now_ns() - begun < PATIENCE);
    pid_t producer = begin("the producer", name, options);
    int64_t end = now_ns() + (int64_t)(options->seconds * SECOND);
    while (options->messages == 0 && now_ns() < end)
        (void)usleep(10000);
    atomic_store(&journal->ending, 1);
    end_of(producer);
    end_of(reader);
    check_counters(ring, atomic_load(&journal->last));
    ring_remove(ring, name);
}

int soak(const prove_options_t *options)
{
    prove_options_t o = *options;
    if (o.messages == 0 && o.seconds <= 0)
        o.messages = 10000000;
    int64_t begun = now_ns();
    atomic_store(&journal->last, 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        check_in_helper("the soak itself");
        soak_one_ring(&o);
        _exit(0);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    bool found = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    printf(
        "{\"what\": \"soak\", \"seconds\": %.1f, \"tried\": %llu, \"unit\": \"messages\", "
        "\"remark\": \"private memory grew by %llu KiB at most, shared memory %s; counters %s\", \"found\": "
        "%d}\n",
        (double)(now_ns() - begun) / SECOND, (unsigned long long)atomic_load(&journal->last),
        (unsigned long long)atomic_load(&journal->grown) / 1024, found ? "not known" : "by nothing",
        found ? "not known" : "exact", found);
    return found;
}
