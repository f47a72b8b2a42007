/* SPDX-License-Identifier: Apache-2.0 */
/* A core file has nothing of a ring that grows with its slots, whoever crashes and whatever became of the ring's name. The
 * first pages, with who is there, are memory like any other. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define MIB (UINT64_C(1) << 20)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* Is the page at `address` one that core files leave out ("dd" of VmFlags)? -1: the system does not say. */
static int is_left_out(const void *address)
{
    char line[600];
    bool here = false;
    int answer = -1;
    FILE *file = fopen("/proc/self/smaps", "r");
    while (file && answer < 0 && fgets(line, sizeof line, file)) {
        unsigned long long begin, end, at = (unsigned long long)(uintptr_t)address;
        if (sscanf(line, "%llx-%llx ", &begin, &end) == 2)
            here = begin <= at && at < end;
        else if (here && strncmp(line, "VmFlags:", 8) == 0)
            answer = strstr(line, " dd ") != NULL;
    }
    if (file)
        fclose(file);
    return answer;
}

/* Does it say so of memory of which it is certain? Emulators may pass the question on, and not the request. */
static bool system_says_what_is_left_out(void)
{
#ifdef MADV_DONTDUMP
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *memory = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool says = memory != MAP_FAILED && madvise(memory, page, MADV_DONTDUMP) == 0 && is_left_out(memory) == 1;
    if (memory != MAP_FAILED)
        munmap(memory, page);
    return says;
#else
    return false;
#endif
}

/* All of it but the beginning; the beginning as any memory. */
static void check_mapping(slotring_t *ring)
{
    const uint8_t *memory = ring->member.os->segments.memory(ring->member.segment);
    uint64_t constant = sr__layout_constant_size(&ring->member.view.header),
             size = ring->member.view.header.segment_size;
    CHECK(memory == (const uint8_t *)ring->member.view.state - SR__PAGE);
    CHECK_EQUAL(constant % SR__PAGE, 0);
    uint64_t page = ring->member.os->system.page_size(), first = (constant + page - 1) / page * page;
    for (uint64_t at = 0; at < size; at += page)
        if (is_left_out(memory + at) != (at >= first))
            FAIL("byte %llu of %llu is %sleft out", (unsigned long long)at, (unsigned long long)size,
                 at >= first ? "not " : "");
}

static void leaves_out_what_grows_with_the_slots(void)
{
    if (!system_says_what_is_left_out())
        SKIP("the system does not say which memory a core file has");
    slotring_t *creator = ring_create(ring_name(), 40, 4096);
    slotring_t *attached = ring_attach(ring_name());
    check_mapping(creator);
    check_mapping(attached);
    CHECK_OK(slotring_close(attached));
    ring_remove(creator, ring_name());
}

static void crash_in(const char *folder)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    if (chdir(folder) != 0 || setrlimit(RLIMIT_CORE, &all) != 0)
        _exit(1);
    (void)signal(SIGABRT, SIG_DFL);
    abort();
}

/* Where the system puts core files, if it is a file in the folder of who crashes. */
static bool core_is_in_folder(void)
{
    char pattern[200] = "|";
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "r");
    if (file) {
        if (!fgets(pattern, sizeof pattern, file))
            pattern[0] = '|';
        fclose(file);
    }
    return pattern[0] != '|' && strchr(pattern, '/') == NULL;
}

/* KiB of the disk that a folder's files take, holes left out; and the folder goes. */
static uint64_t weigh_and_remove(const char *folder)
{
    char command[1400], text[64] = "";
    (void)snprintf(command, sizeof command, "du -sk '%s' && rm -rf '%s'", folder, folder);
    FILE *output = popen(command, "r");
    CHECK(output != NULL && fgets(text, sizeof text, output) != NULL);
    CHECK_EQUAL(pclose(output), 0);
    return strtoull(text, NULL, 10);
}

/* 64 MiB of messages, in a ring that has lost its name: such memory is no file's any more, and would be dumped. */
static void of_a_ring_without_a_name(void)
{
    if (SANITIZED)
        SKIP("a sanitizer's own memory would be in the core file");
    if (!system_says_what_is_left_out())
        SKIP("the system does not say which memory a core file has");
    char folder[600];
    struct rlimit limit;
    CHECK_EQUAL(getrlimit(RLIMIT_CORE, &limit), 0);
    if (!core_is_in_folder() || limit.rlim_max != RLIM_INFINITY)
        SKIP("core files go elsewhere here, or are not allowed");
    slotring_t *ring = ring_create(ring_name(), 64, MIB);
    slotring_info_t info = ring_info(ring);
    memset(info.payload, 0x5a, (size_t)info.payload_size);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    (void)snprintf(folder, sizeof folder, "%s/core", directory_path());
    CHECK_EQUAL(mkdir(folder, 0700), 0);
    fflush(NULL);
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0)
        crash_in(folder);
    int status = 0;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && WCOREDUMP(status));
    uint64_t kib = weigh_and_remove(folder);
    CHECK_AT_LEAST(kib, 100); /* it is a core file */
    CHECK_AT_LEAST(32 * 1024, kib);
    CHECK_OK(slotring_close(ring));
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"leaves_out_what_grows_with_the_slots", leaves_out_what_grows_with_the_slots, 0},
    {"of_a_ring_without_a_name", of_a_ring_without_a_name, 0},
    {NULL, NULL, 0},
};

const test_suite_t dump_suite = {"dump", cases, NULL};
