/* SPDX-License-Identifier: Apache-2.0 */
/* Two copies of the library in one process, as when a program and a plug-in each bring their own: each open is a
 * participant of its own, and what one copy closes or forks takes nothing from the other. The first copy is linked
 * into this program, the second one is the shared library whose path is the argument. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "slotring/slotring.h"

#define CHECK(condition)                                                                              \
    do {                                                                                              \
        if (!(condition)) {                                                                           \
            slotring_error_t last;                                                                    \
            slotring_last_error(&last);                                                               \
            fprintf(stderr, "%s:%d: not true: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
                    last.text);                                                                       \
            exit(1);                                                                                  \
        }                                                                                             \
    } while (0)

/* What the test uses of a copy. */
typedef struct copy {
    int (*open)(slotring_t **, const char *, const slotring_options_t *, slotring_error_t *);
    int (*close)(slotring_t *);
    int (*allocate)(slotring_t *, uint64_t, slotring_slot_t *);
    int (*mark_ready)(slotring_t *, slotring_slot_t *, uint64_t);
    int (*acquire)(slotring_t *, const slotring_ticket_t *, slotring_slot_t *);
    int (*release)(slotring_t *, slotring_slot_t *);
    int (*participants)(slotring_t *, slotring_participant_t *, uint32_t, uint32_t *);
} copy_t;

static const copy_t linked = {
    slotring_open,    slotring_close,       slotring_allocate, slotring_mark_ready, slotring_acquire_for_read,
    slotring_release, slotring_participants};

static char name[64];

static void find(void *library, const char *symbol, void *function)
{
    void *found = dlsym(library, symbol);
    CHECK(found != NULL);
    memcpy(function, &found,
           sizeof found); /* a pointer to a function and one to data are of one size in POSIX */
}

static copy_t load(const char *path)
{
    copy_t copy;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fprintf(stderr, "%s\n", dlerror());
    CHECK(library != NULL);
    find(library, "slotring_open", &copy.open);
    find(library, "slotring_close", &copy.close);
    find(library, "slotring_allocate", &copy.allocate);
    find(library, "slotring_mark_ready", &copy.mark_ready);
    find(library, "slotring_acquire_for_read", &copy.acquire);
    find(library, "slotring_release", &copy.release);
    find(library, "slotring_participants", &copy.participants);
    CHECK(copy.open != linked.open);
    return copy;
}

static slotring_t *join(const copy_t *copy, uint32_t mode)
{
    slotring_options_t options;
    slotring_t *ring = NULL;
    slotring_options_init(&options);
    options.mode = mode;
    if (mode == SLOTRING_CREATE) {
        options.total_size = 8 * 64;
        options.slot_size = 64;
    }
    CHECK(copy->open(&ring, name, &options, NULL) == 0);
    return ring;
}

/* One copy's message is read by the other. */
static void pass(const copy_t *from, slotring_t *producer, const copy_t *to, slotring_t *consumer)
{
    slotring_slot_t slot, held;
    CHECK(from->allocate(producer, 6, &slot) == 0);
    memcpy(slot.data, "Hello", 6);
    CHECK(from->mark_ready(producer, &slot, 6) == 0);
    CHECK(to->acquire(consumer, &slot.ticket, &held) == 0);
    CHECK(held.length == 6 && memcmp(held.data, "Hello", 6) == 0);
    CHECK(from->release(producer, &held) == SLOTRING_E_NOT_OWNER); /* each has its own references */
    CHECK(to->release(consumer, &held) == 0);
}

/* Another process finds `expected` participants alive beside itself, nobody dead and the ring in use. */
static void check_from_outside(uint32_t expected, const copy_t *other, slotring_t *inherited)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        slotring_slot_t slot;
        slotring_recovery_t recovery = {.struct_size = sizeof recovery};
        slotring_participant_t list[8];
        uint32_t count = 0;
        if (inherited)
            CHECK(other->allocate(inherited, 1, &slot) == SLOTRING_E_FORKED);
        CHECK(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL) == SLOTRING_E_BUSY);
        slotring_t *ring = join(&linked, SLOTRING_ATTACH);
        CHECK(slotring_recover(ring, &recovery) == 0);
        CHECK(recovery.participants == 0);
        CHECK(slotring_participants(ring, list, 8, &count) == 0);
        CHECK(count == expected + 1);
        CHECK(slotring_close(ring) == 0);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Also after a failure, and in a child that failed. */
static void remove_ring(void)
{
    (void)slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, NULL);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    copy_t loaded = load(argv[1]);
    snprintf(name, sizeof name, "test-two-copies-%ld", (long)getpid());
    CHECK(atexit(remove_ring) == 0);
    slotring_t *first = join(&linked, SLOTRING_CREATE), *second = join(&loaded, SLOTRING_ATTACH);
    slotring_participant_t list[4];
    uint32_t count = 0;
    CHECK(slotring_participants(first, list, 4, &count) == 0);
    CHECK(count == 2 && list[0].pid == list[1].pid && list[0].index != list[1].index);
    pass(&linked, first, &loaded, second);
    pass(&loaded, second, &linked, first);
    check_from_outside(2, &loaded, second);
    CHECK(loaded.close(second) == 0); /* takes no lock of the other copy along … */
    check_from_outside(1, &linked, first);
    second = join(&loaded, SLOTRING_ATTACH);
    CHECK(slotring_close(first) == 0); /* … and the other way round */
    check_from_outside(1, &loaded, second);
    first = join(&linked, SLOTRING_ATTACH);
    pass(&loaded, second, &linked, first);
    CHECK(loaded.close(second) == 0);
    CHECK(slotring_close(first) == 0);
    CHECK(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL) == 0);
    return 0;
}
