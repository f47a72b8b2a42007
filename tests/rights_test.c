/* SPDX-License-Identifier: Apache-2.0 */
/* Survivors who can open nothing any more: they gave up their rights, changed their root, live in a sandbox, have no
 * descriptor or no memory left, or the ring's files are gone. Somebody dies who is in everybody's way. They repair all the
 * same, since they have had what it takes since they attached; or, where the platform asks by opening files, they say once
 * what they miss, and who still can repairs. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/apr.h"
#include "support/files.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 4u
#define OTHER_USER 65533

/* ---- Ways to lose what one had ------------------------------------------------------------------------ */

static void lose_nothing(void) {}

static void lose_rights(void)
{
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setgid(OTHER_USER));
    CHECK_SYSTEM(setuid(OTHER_USER));
}

static void lose_root(void)
{
    CHECK_SYSTEM(chroot(directory_path()));
    CHECK_SYSTEM(chdir("/"));
}

/* A sandbox in which nothing can be opened. */
static void lose_open(void)
{
    static struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef SYS_open
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open, 1, 0),
#else
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0),
#endif
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof rules[0], rules};
    CHECK_SYSTEM(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_SYSTEM(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
}

static void lose_descriptors(void)
{
    struct rlimit few = {64, 64};
    CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &few));
    while (dup(STDERR_FILENO) >= 0)
        ;
    CHECK_EQUAL(errno, EMFILE);
}

static void lose_memory(void)
{
    struct rlimit none = {1, 1};
    CHECK_SYSTEM(setrlimit(RLIMIT_AS, &none));
    CHECK(mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
}

/* The ring's files, and what goes with them. */
static void lose_files(void)
{
    char entry[4096];
    if (over_registry())
        registry_entry_path(directory_path(), ring_name(), entry, sizeof entry);
    else
        (void)snprintf(entry, sizeof entry, "%s/slotring.%s", directory_path(), ring_name());
    CHECK_SYSTEM(unlink(entry));
    CHECK_SYSTEM(unlink(ring_lock_path(ring_name())));
}

static const struct way {
    const char *name;
    void (*lose)(void);
    bool opens; /* not where each question opens a file */
} ways[] = {
    {"nothing", lose_nothing, false},
    {"rights", lose_rights, true},
    {"root", lose_root, true},
    {"open", lose_open, true},
    {"memory", lose_memory, false},
    {"files", lose_files, false},
    {"descriptors", lose_descriptors, true},
};

static const struct way *way_of(const char *name)
{
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    FAIL("no way to lose %s", name);
}

/* ---- The dead and the survivor ------------------------------------------------------------------------ */

static void subscribes(peer_t *test, const char *name)
{
    (void)subscribe(ring_attach(name), SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void attends(peer_t *test, const char *name)
{
    (void)ring_attach(name);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static atomic_uint complaints;
static char complaint[SLOTRING_ERROR_TEXT_SIZE];

static void note(void *user, const char *text)
{
    (void)user;
    if (strstr(text, "cannot repair") && atomic_fetch_add(&complaints, 1) == 0)
        (void)snprintf(complaint, sizeof complaint, "%s", text);
}

static void fill(slotring_t *ring)
{
    slotring_slot_t slot;
    while (slotring_allocate(ring, 1, &slot) == 0)
        CHECK_OK(slotring_mark_ready(ring, &slot, 1));
}

/* A slot of the ring that the dead one kept full. */
static void goes_on(slotring_t *ring)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_wait(ring, 1, PATIENCE, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_EQUAL(atomic_load(&complaints), 0);
}

/* One dead, whom nobody has been in the way of. */
static void recovers(slotring_t *ring)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 1);
}

/* It cannot: so it names the call and the system's number, and complains once however often it tries. */
static void says_why(slotring_t *ring, const struct way *way)
{
    slotring_slot_t slot;
    slotring_error_t error;
    for (int turn = 0; turn < 4; turn++)
        CHECK_CODE(slotring_allocate_wait(ring, 1, 120 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(atomic_load(&complaints), 1);
    CHECK_CONTAINS(complaint, way->opens ? "open" : "memory");
    CHECK_CODE(slotring_recover(ring, NULL), way->opens ? SLOTRING_E_OS : SLOTRING_E_NO_MEMORY);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, way->opens ? "open" : "memory");
    CHECK(error.os_code != 0 || !way->opens);
}

static bool can_repair(const struct way *way)
{
    bool asks_with_memory = over_apr() && way->lose == lose_memory;
    return !over_registry() || !(way->opens || asks_with_memory);
}

static void survives(peer_t *test, const char *how)
{
    const struct way *way = way_of(how);
    slotring_t *ring = ring_attach(ring_name());
    slotring_set_log(note, NULL);
    fill(ring);
    way->lose();
    peer_tell(test, 1);
    peer_expect(test, 1); /* its reader is dead */
    if (can_repair(way))
        goes_on(ring);
    else
        says_why(ring, way);
    peer_tell(test, 2);
    peer_expect(test, 2); /* and another one */
    if (can_repair(way))
        recovers(ring);
}

static void after_losing(const char *what)
{
    slotring_t *ring = ring_create(ring_name(), SLOTS, 100);
    peer_t reader = peer_start(BY_EXEC, "rights-subscribes", ring_name());
    peer_expect(&reader, 1);
    peer_t other = peer_start(BY_EXEC, "rights-attends", ring_name());
    peer_expect(&other, 1);
    peer_t survivor = peer_fork(survives, what);
    peer_expect(&survivor, 1);
    peer_kill(&reader);
    peer_tell(&survivor, 1);
    peer_expect(&survivor, 2);
    peer_kill(&other);
    peer_tell(&survivor, 2);
    peer_join(&survivor);
    check_recovered(ring, 1);
    if (strcmp(what, "files") != 0) {
        ring_remove(ring, ring_name());
        return;
    }
    CHECK_OK(slotring_close(ring));
    (void)registry_objects(directory_path(), true); /* memory that has a name of its own */
}

static void with_everything(void)
{
    after_losing("nothing");
}

static void after_setuid(void)
{
    if (geteuid() != 0)
        SKIP("only root can give up its rights");
    after_losing("rights");
}

static void after_chroot(void)
{
    if (geteuid() != 0)
        SKIP("only root can change its root");
    after_losing("root");
}

static void in_a_sandbox(void)
{
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        SKIP("the system has no sandbox");
    after_losing("open");
}

static void without_a_descriptor(void)
{
    after_losing("descriptors");
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static bool memory_can_be_lost(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {1, 1};
        _exit(setrlimit(RLIMIT_AS, &none) == 0 &&
              mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    }
    CHECK_SYSTEM(waitpid(child, &status, 0));
    return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}
#endif

static void without_memory(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    SKIP("a sanitizer needs the address space that this test takes away");
#else
    if (!memory_can_be_lost())
        SKIP("the limit of address space is not kept here");
    after_losing("memory");
#endif
}

static void without_its_files(void)
{
    after_losing("files");
}

static const test_case_t cases[] = {
    {"with_everything", with_everything, 0},
    {"after_setuid", after_setuid, 0},
    {"after_chroot", after_chroot, 0},
    {"in_a_sandbox", in_a_sandbox, 0},
    {"without_a_descriptor", without_a_descriptor, 0},
    {"without_memory", without_memory, 0},
    {"without_its_files", without_its_files, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"rights-subscribes", subscribes},
    {"rights-attends", attends},
    {NULL, NULL},
};

const test_suite_t rights_suite = {"rights", cases, roles};
