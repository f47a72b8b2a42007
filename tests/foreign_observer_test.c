/* SPDX-License-Identifier: Apache-2.0 */
/* What an observer who is another user has of a ring: descriptors to read by, no mapping, no lock that matters. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#define OTHER_USER 65533

static void become_another(void)
{
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setresgid(OTHER_USER, OTHER_USER, OTHER_USER));
    CHECK_SYSTEM(setresuid(OTHER_USER, OTHER_USER, OTHER_USER));
}

/* Calls `each` for every descriptor that leads to the ring's segment; how many there are. */
static unsigned each_descriptor(void (*each)(int file))
{
    unsigned count = 0;
    DIR *all = opendir("/proc/self/fd");
    CHECK(all != NULL);
    struct stat ring, status;
    CHECK_SYSTEM(stat(ring_memory_path(ring_name()), &ring));
    for (struct dirent *entry; (entry = readdir(all)) != NULL;) {
        int file = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fstat(file, &status) != 0 || status.st_dev != ring.st_dev ||
            status.st_ino != ring.st_ino)
            continue;
        count++;
        each(file);
    }
    closedir(all);
    return count;
}

static void check_no_mapping(void)
{
    char line[1000];
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL)
        if (strstr(line, "slotring.") != NULL || strstr(line, "slotring-lock.") != NULL)
            FAIL("an observer has mapped %s", line);
    fclose(maps);
}

static void check_writes_nothing(int file)
{
    char path[64];
    CHECK_EQUAL(fcntl(file, F_GETFL) & O_ACCMODE, O_RDONLY);
    CHECK(write(file, "x", 1) < 0);
    CHECK(ftruncate(file, 0) < 0);
    CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED);
    CHECK_EQUAL(errno, EACCES);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    CHECK(open(path, O_RDWR | O_CLOEXEC) < 0); /* nor by way of that */
    CHECK_EQUAL(errno, EACCES);
}

/* A mapping that it makes for itself is for reading, and stays so. */
static void check_write_faults(int file)
{
    volatile uint8_t *memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    CHECK((void *)memory != MAP_FAILED);
    CHECK(mprotect((void *)(uintptr_t)memory, 4096, PROT_READ | PROT_WRITE) < 0);
    CHECK_EQUAL(errno, EACCES);
    fflush(NULL);
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        memory[0] = 1;
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK_SYSTEM(munmap((void *)(uintptr_t)memory, 4096));
}

/* Locks on the segment are allowed to everybody who can read it, and mean nothing. */
static void lock_all_of_it(int file)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    CHECK_SYSTEM(fcntl(file, F_OFD_SETLK, &lock));
}

static void observes(peer_t *test, const char *argument)
{
    (void)argument;
    become_another();
    slotring_t *ring = ring_observe(ring_name());
    slotring_slot_t info;
    uint8_t buffer[100];
    CHECK_OK(slotring_copy_sequence(ring, 0, buffer, sizeof buffer, &info));
    CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
    check_no_mapping();
    CHECK_AT_LEAST(each_descriptor(check_writes_nothing), 1);
    CHECK_AT_LEAST(each_descriptor(check_write_faults), 1);
    for (int flags = O_RDONLY; flags <= O_RDWR; flags++) {
        CHECK(open(ring_lock_path(ring_name()), flags | O_CLOEXEC) < 0);
        CHECK_EQUAL(errno, EACCES);
    }
    CHECK_AT_LEAST(each_descriptor(lock_all_of_it), 1);
    peer_tell(test, 1);
    peer_expect(test, 2);
    slotring_list_entry_t entry;
    uint32_t count;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(entry.status, 0);
    CHECK_OK(slotring_close(ring));
}

static void attends(peer_t *test, const char *argument)
{
    (void)argument;
    slotring_t *ring = ring_attach(ring_name());
    publish(ring, 2, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void observers_change_nothing(void)
{
    if (geteuid() != 0)
        SKIP("only root can become another user");
    if (!ring_shares_users())
        SKIP("this backend makes rings for their owner alone");
    if (over_registry())
        SKIP("observers look through a mapping for reading here, and have no descriptor");
    if (!process_forks_without_marked_memory())
        SKIP("a forked process keeps what its parent has mapped for itself alone");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    options.access = SLOTRING_ACCESS_ALL_OBSERVE;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    publish(ring, 1, 0);
    peer_t observer = peer_fork(observes, "");
    peer_expect(&observer, 1);
    /* with all its locks: others come, die, are known to be dead, and come again */
    for (int i = 0; i < 3; i++) {
        peer_t peer = peer_fork(attends, "");
        peer_expect(&peer, 1);
        CHECK_EQUAL(ring_stats(ring).participants, 2);
        peer_kill(&peer);
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        CHECK_OK(slotring_recover(ring, &recovery));
        CHECK_EQUAL(recovery.participants, 1);
    }
    peer_tell(&observer, 2);
    peer_join(&observer);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- A lock file that somebody else could read ------------------------------------------------------- */

static void locks_it(peer_t *test, const char *argument)
{
    (void)argument;
    become_another();
    int file = open(ring_lock_path(ring_name()), O_RDONLY | O_CLOEXEC);
    CHECK(file < 0);
    CHECK_EQUAL(errno, EACCES);
    peer_tell(test, 1);
}

static void no_mode_lets_observers_lock(void)
{
    if (geteuid() != 0)
        SKIP("only root can become another user");
    if (!ring_shares_users())
        SKIP("this backend makes rings for their owner alone");
    static const uint32_t modes[] = {SLOTRING_ACCESS_OWNER, SLOTRING_ACCESS_GROUP_OBSERVE,
                                     SLOTRING_ACCESS_GROUP, SLOTRING_ACCESS_ALL_OBSERVE};
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    for (size_t m = 0; m < sizeof modes / sizeof modes[0]; m++) {
        check_context("access %u", modes[m]);
        slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
        options.access = modes[m];
        slotring_t *ring = ring_open_with(ring_name(), &options);
        peer_t peer = peer_fork(locks_it, "");
        peer_expect(&peer, 1);
        peer_join(&peer);
        ring_remove(ring, ring_name());
    }
    check_context("%s", "");
}

static const test_case_t cases[] = {
    {"observers_change_nothing", observers_change_nothing, 0},
    {"no_mode_lets_observers_lock", no_mode_lets_observers_lock, 0},
    {NULL, NULL, 0},
};

const test_suite_t foreign_observer_suite = {"foreign_observer", cases, NULL};
