/* SPDX-License-Identifier: Apache-2.0 */
/* The mortal ones that make it hard for themselves: many threads on one handle, forks in the middle, and too few
 * descriptors or too little memory. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prove.h"
#include "support/files.h"

#define A_MOMENT (20 * MILLISECOND)

/* ---- Threads ---------------------------------------------------------------------------------------- */

typedef struct thread_work {
    slotring_t *ring;
    uint32_t seed;
} thread_work_t;

static void *thread_writes(void *argument)
{
    thread_work_t *work = argument;
    entry_t *entry = journal_entry();
    while (!storm_ending())
        (void)publish_next(work->ring, entry, A_MOMENT);
    return NULL;
}

static void *thread_reads(void *argument)
{
    thread_work_t *work = argument;
    entry_t *entry = journal_entry();
    while (!storm_ending())
        read_any(work->ring, entry, &work->seed);
    return NULL;
}

void acts_threads(const char *name, uint32_t seed)
{
    enum {
        THREADS = 6
    };
    pthread_t threads[THREADS];
    thread_work_t work[THREADS];
    slotring_t *ring = ring_attach(name);
    for (uint32_t i = 0; i < THREADS; i++) {
        work[i] = (thread_work_t){ring, seed + i};
        CHECK(pthread_create(&threads[i], NULL, i % 2 == 0 ? thread_writes : thread_reads, &work[i]) == 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_OK(slotring_close(ring));
}

/* ---- Forks ------------------------------------------------------------------------------------------ */

/* The handle is the parent's; the child takes one of its own. */
static void child_works(slotring_t *parents, const char *name)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(parents, 1, &slot), SLOTRING_E_FORKED);
    (void)slotring_close(parents); /* frees private memory only */
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    for (int i = 0; i < 20 && !storm_ending(); i++)
        (void)publish_next(ring, entry, A_MOMENT);
    CHECK_OK(slotring_close(ring));
}

static void fork_in_the_middle(slotring_t *ring, const char *name)
{
    pid_t self = getpid(), child = fork();
    CHECK_SYSTEM(child);
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == self)
            child_works(ring, name);
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        CHECK(errno == EINTR);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        FAIL("the forked child ended with status %x", (unsigned)status);
}

void acts_forking(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    slotring_slot_t slot;
    while (!storm_ending()) {
        for (uint32_t i = prove_random(&seed) % 64; i > 0; i--)
            (void)publish_next(ring, entry, A_MOMENT);
        bool writing = slotring_allocate(ring, 1, &slot) == 0;
        fork_in_the_middle(ring, name);
        if (writing)
            CHECK_OK(slotring_abort(ring, &slot));
    }
    CHECK_OK(slotring_close(ring));
}

/* ---- Want ------------------------------------------------------------------------------------------- */

/* Attaching may fail now, with an error; what fails leaves nothing, and what was open goes on. */
static void try_to_attach(const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *another = NULL;
    slotring_error_t error;
    int code = slotring_open(&another, name, &options, &error);
    if (code == 0) {
        CHECK_OK(slotring_close(another));
        return;
    }
    CHECK(another == NULL);
    CHECK_EQUAL(error.code, code);
    CHECK(error.text[0] != 0);
    atomic_fetch_add(&journal->refused, 1);
}

static void go_on(slotring_t *ring, entry_t *entry, const char *name, uint32_t *seed)
{
    for (int i = 0; i < 8 && !storm_ending(); i++) {
        try_to_attach(name);
        (void)publish_next(ring, entry, A_MOMENT);
        read_any(ring, entry, seed);
    }
}

static void without_descriptors(slotring_t *ring, entry_t *entry, const char *name, uint32_t *seed)
{
    enum {
        MOST = 64
    };
    struct rlimit all, few;
    int files[MOST], count = 0;
    CHECK_SYSTEM(getrlimit(RLIMIT_NOFILE, &all));
    few = (struct rlimit){MOST, all.rlim_max};
    CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &few));
    while (count < MOST && (files[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    go_on(ring, entry, name, seed);
    while (count > 0)
        close(files[--count]);
    CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &all));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static void without_memory(slotring_t *ring, entry_t *entry, const char *name, uint32_t *seed)
{
#ifdef SANITIZED /* a sanitizer cannot do without memory of its own */
    (void)ring, (void)entry, (void)name, (void)seed;
#else
    struct rlimit all, few;
    CHECK_SYSTEM(getrlimit(RLIMIT_AS, &all));
    few = (struct rlimit){1 << 16, all.rlim_max}; /* less than there is: nothing more is mapped */
    CHECK_SYSTEM(setrlimit(RLIMIT_AS, &few));
    go_on(ring, entry, name, seed);
    CHECK_SYSTEM(setrlimit(RLIMIT_AS, &all));
#endif
}

/* A ring larger than the machine is refused, and leaves nothing behind. */
static void too_large(void)
{
    char name[64];
    (void)snprintf(name, sizeof name, "too-large-%d", (int)getpid());
    slotring_options_t options = ring_options(SLOTRING_CREATE, 16, UINT64_C(1) << 40);
    slotring_t *ring = NULL;
    CHECK(slotring_open(&ring, name, &options, NULL) != 0);
    atomic_fetch_add(&journal->refused, 1);
}

const char *filler_path(void)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/filler", directory_path());
    return path;
}

static void check_refused(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 16, 65536);
    slotring_t *another = NULL;
    CHECK_EQUAL(slotring_open(&another, "no-space", &options, NULL), SLOTRING_E_NO_SPACE);
    atomic_fetch_add(&journal->refused, 1);
}

/* The same on a file system of another kind; or not one file more can be made. Whoever is killed in between leaves what it
 * took to the next, or to the end of the storm. */
static void without_place(slotring_t *ring, entry_t *entry, const char *name, uint32_t *seed)
{
    if (journal->place->state == PLACE_NO_INODES)
        place_take_files();
    else
        place_take_space();
    check_refused();
    go_on(ring, entry, name, seed);
    place_give_back();
}

/* Not a byte is free where the rings lie: a new one is refused, those that are there have all that they need. */
static void without_space(slotring_t *ring, entry_t *entry, const char *name, uint32_t *seed)
{
    static const char zeros[65536];
    if (!atomic_load(&journal->small))
        return;
    if (journal->place) {
        without_place(ring, entry, name, seed);
        return;
    }
    int file = open(filler_path(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    while (write(file, zeros, sizeof zeros) > 0) {
    }
    CHECK_EQUAL(errno, ENOSPC);
    check_refused();
    go_on(ring, entry, name, seed);
    close(file);
    CHECK_SYSTEM(
        unlink(filler_path())); /* one that is killed leaves it to the next, or to the end of the storm */
}

void acts_starved(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        without_descriptors(ring, entry, name, &seed);
        without_memory(ring, entry, name, &seed);
        too_large();
        without_space(ring, entry, name, &seed);
    }
    CHECK_OK(slotring_close(ring));
}
