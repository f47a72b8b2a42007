/* SPDX-License-Identifier: Apache-2.0 */
/* Too little shared memory is an error at creation, and never a fault later: tried on a small file system of its
 * own, in a mount namespace of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#define MIB (UINT64_C(1) << 20)

/* Over a registry all memory comes from /dev/shm, whatever the directory: there that is made small. */
static const char *small_directory(void)
{
    static char path[600];
    if (over_registry())
        return "/dev/shm";
    (void)snprintf(path, sizeof path, "%s/small", directory_path());
    return path;
}

/* A file system of 16 MiB; NULL, or why it cannot be had. It goes with this process. */
static const char *mount_small(void)
{
    static char reason[200];
    if (!over_registry())
        CHECK_SYSTEM(mkdir(small_directory(), 0700));
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", small_directory(), "tmpfs", 0, "size=16m") != 0) {
        (void)snprintf(reason, sizeof reason, "no private mount of a small tmpfs (needs root): %s",
                       strerror(errno));
        if (!over_registry())
            (void)rmdir(small_directory());
        return reason;
    }
    (void)setenv("SLOTRING_DIR", small_directory(), 1);
    return NULL;
}

static void unmount_small(void)
{
    CHECK_SYSTEM(umount2(small_directory(), MNT_DETACH));
    if (!over_registry())
        CHECK_SYSTEM(rmdir(small_directory()));
    (void)setenv("SLOTRING_DIR", directory_path(), 1);
}

static void check_no_space(uint64_t size, const char *asked)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, size / 4096, 4096);
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_NO_SPACE);
    CHECK(ring == NULL);
    CHECK_CONTAINS(error.text, asked);
    CHECK_EQUAL(directory_entries(small_directory(), NULL, 0), 0);
}

static void too_little(void)
{
    const char *reason = mount_small();
    if (reason != NULL)
        SKIP("%s", reason);
    check_no_space(64 * MIB, "");
    check_no_space(17 * MIB, "");
    check_no_space(16 * MIB, ""); /* the payload would fit, the control part does not */
    if (sizeof(void *) > 4)       /* else there is a better reason to refuse it */
        check_no_space(UINT64_C(8000) * MIB, "");
    slotring_options_t options = ring_options(SLOTRING_CREATE, 64, MIB / 8);
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_info_t info = ring_info(ring);
    memset(info.payload, 0x5a, (size_t)info.payload_size); /* all of it is there */
    slotring_t *second = NULL;
    CHECK_CODE(slotring_open(&second, ring_name_of("-second"), &options, NULL), SLOTRING_E_NO_SPACE);
    for (uint64_t n = 0; n < 200; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        read_once(ring, &ticket);
    }
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    ring = ring_open_with(ring_name(), &options); /* what was removed is free again */
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    unmount_small();
}

static void error_says_how_much(void)
{
    const char *reason = mount_small();
    if (reason != NULL)
        SKIP("%s", reason);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 64, MIB);
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_NO_SPACE);
    /* what was asked for, in bytes or MiB, and what there is */
    CHECK(strstr(error.text, "64") != NULL || strstr(error.text, "67") != NULL);
    CHECK(strstr(error.text, "16") != NULL);
    CHECK_CONTAINS(error.text, small_directory());
    unmount_small();
}

static void others_fill_it_later(void)
{
    /* the ring has paid for its memory: whatever others do to the file system, writing does not fault */
    const char *reason = mount_small();
    if (reason != NULL)
        SKIP("%s", reason);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 32, MIB / 8);
    slotring_t *ring = ring_open_with(ring_name(), &options);
    char path[700];
    (void)snprintf(path, sizeof path, "%s/filler", small_directory());
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    static char block[65536];
    memset(block, 1, sizeof block);
    while (write(file, block, sizeof block) > 0) {
    }
    CHECK_EQUAL(errno, ENOSPC);
    close(file);
    for (uint64_t n = 0; n < 100; n++) {
        slotring_slot_t slot;
        CHECK_OK(slotring_allocate(ring, 1, &slot));
        memset(slot.data, (int)n, (size_t)slot.capacity);
        CHECK_OK(slotring_mark_ready(ring, &slot, slot.capacity));
    }
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    slotring_t *other = ring_attach(ring_name()); /* nor does attaching need room */
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    CHECK_SYSTEM(unlink(path));
    unmount_small();
}

static void none_at_all(void)
{
    /* not even for a first page */
    const char *reason = mount_small();
    if (reason != NULL)
        SKIP("%s", reason);
    char path[700];
    (void)snprintf(path, sizeof path, "%s/filler", small_directory());
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    static char block[4096];
    memset(block, 1, sizeof block);
    while (write(file, block, sizeof block) > 0) {
    }
    CHECK_EQUAL(errno, ENOSPC);
    for (int pages = 0; pages < 4; pages++) { /* then with a page or two */
        slotring_options_t options = ring_options(SLOTRING_CREATE, 32, 4096);
        slotring_t *ring = NULL;
        check_context("%d pages", pages);
        CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_NO_SPACE);
        CHECK_EQUAL(directory_entries(small_directory(), NULL, 0), 1);
        off_t size = lseek(file, 0, SEEK_CUR) / 4096 * 4096 - 4096;
        CHECK_SYSTEM(ftruncate(file, size));
        CHECK_EQUAL(lseek(file, size, SEEK_SET), size);
    }
    check_context("%s", "");
    close(file);
    CHECK_SYSTEM(unlink(path));
    unmount_small();
}

static void too_little_address_space(void)
{
    struct rlimit limit;
    CHECK_SYSTEM(getrlimit(RLIMIT_AS, &limit));
    slotring_t *ring = ring_create(ring_name(), 4, MIB);
    CHECK_OK(slotring_close(ring));
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    SKIP("a sanitizer needs the address space that this test takes away");
#else
    struct rlimit small = {.rlim_cur = 256 * MIB, .rlim_max = limit.rlim_max};
    CHECK_SYSTEM(setrlimit(RLIMIT_AS, &small));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 400, MIB);
    slotring_error_t error = {0};
    int code = slotring_open(&ring, ring_name_of("-large"), &options, &error);
    slotring_t *fits = NULL;
    options = ring_options(SLOTRING_ATTACH, 0, 0);
    int small_code = slotring_open(&fits, ring_name(), &options, NULL);
    void *more = mmap(NULL, (size_t)(400 * MIB), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_SYSTEM(setrlimit(RLIMIT_AS, &limit));
    if (more != MAP_FAILED) { /* by the system, or by what emulates it */
        CHECK_SYSTEM(munmap(more, (size_t)(400 * MIB)));
        if (code == 0) {
            CHECK_OK(slotring_close(ring));
            CHECK_OK(slotring_unlink(ring_name_of("-large"), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
        }
        ring_remove(fits, ring_name());
        SKIP("the limit of the address space (RLIMIT_AS) is not enforced here");
    }
    CHECK(code == SLOTRING_E_ADDRESS_SPACE || code == SLOTRING_E_NO_MEMORY);
    CHECK(strlen(error.text) > 20);
    CHECK_OK(small_code);
    ring_remove(fits, ring_name());
#endif
}

static void file_size_limit(void)
{
    /* a limit on file sizes sends SIGXFSZ to who runs into it; a library must turn that into an error */
    struct rlimit limit;
    CHECK_SYSTEM(getrlimit(RLIMIT_FSIZE, &limit));
    struct rlimit small = {.rlim_cur = MIB, .rlim_max = limit.rlim_max};
    CHECK_SYSTEM(setrlimit(RLIMIT_FSIZE, &small));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, MIB);
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    int code = slotring_open(&ring, ring_name(), &options, &error);
    CHECK_SYSTEM(setrlimit(RLIMIT_FSIZE, &limit));
    CHECK(code == SLOTRING_E_NO_SPACE || code == SLOTRING_E_OS);
    CHECK(strlen(error.text) > 20);
    check_nothing_left();
}

static void no_descriptor_is_left(void)
{
    /* what the system refuses for a reason that has no code of its own comes with its number and its words */
    struct rlimit limit;
    CHECK_SYSTEM(getrlimit(RLIMIT_NOFILE, &limit));
    int next = dup(0);
    CHECK_SYSTEM(next);
    CHECK_SYSTEM(close(next));
    struct rlimit small = {.rlim_cur = (rlim_t)next, .rlim_max = limit.rlim_max};
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &small));
    int code = slotring_open(&ring, ring_name(), &options, &error);
    CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &limit));
    CHECK(ring == NULL);
    CHECK_CODE(code, SLOTRING_E_OS);
    CHECK_EQUAL(error.os_code, EMFILE);
    CHECK_CONTAINS(error.text, strerror(EMFILE));
    check_nothing_left();
    ring_remove(ring_create(ring_name(), 4, 100), ring_name());
}

/* A pollable reader takes two descriptors; the error says how many there may be, and what to do. The reader goes on. */
static void no_descriptor_is_left_for_a_reader(void)
{
    struct rlimit limit;
    intptr_t descriptor;
    char number[32];
    slotring_error_t error;
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_SYSTEM(getrlimit(RLIMIT_NOFILE, &limit));
    for (int more = 0; more < 2; more++) {
        int next = dup(0);
        CHECK_SYSTEM(next);
        CHECK_SYSTEM(close(next));
        struct rlimit small = {.rlim_cur = (rlim_t)(next + more), .rlim_max = limit.rlim_max};
        CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &small));
        int code = slotring_reader_descriptor(reader, &descriptor);
        CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &limit));
        CHECK_CODE(code, SLOTRING_E_OS);
        slotring_last_error(&error);
        CHECK_EQUAL(error.os_code, EMFILE);
        snprintf(number, sizeof number, "%llu", (unsigned long long)small.rlim_cur);
        CHECK_CONTAINS(error.text, number);
        CHECK_CONTAINS(error.text, "ulimit -n");
    }
    CHECK_OK(slotring_reader_descriptor(reader, &descriptor));
    publish(ring, 1, 0);
    take_now(reader, pattern_tag(1, 0));
    ring_remove(ring, ring_name());
}

static void a_file_system_that_cannot(void)
{
    if (access("/proc/self/fd", R_OK) != 0)
        SKIP("needs /proc");
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.directory = "/proc";
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    int code = slotring_open(&ring, ring_name(), &options, &error);
    CHECK(ring == NULL);
    CHECK_CONTAINS(error.text, "/proc");
    if (over_registry()) { /* which cannot tell why it may not make a file there */
        CHECK(code != 0);
        return;
    }
    CHECK_CODE(code, SLOTRING_E_UNSUPPORTED);
    CHECK_CONTAINS(error.text, "tmpfs");
}

static const test_case_t cases[] = {
    {"too_little", too_little, 0},
    {"error_says_how_much", error_says_how_much, 0},
    {"others_fill_it_later", others_fill_it_later, 0},
    {"none_at_all", none_at_all, 0},
    {"too_little_address_space", too_little_address_space, 0},
    {"file_size_limit", file_size_limit, 0},
    {"no_descriptor_is_left", no_descriptor_is_left, 0},
    {"no_descriptor_is_left_for_a_reader", no_descriptor_is_left_for_a_reader, 0},
    {"a_file_system_that_cannot", a_file_system_that_cannot, 0},
    {NULL, NULL, 0},
};

const test_suite_t space_suite = {"space", cases, NULL};
