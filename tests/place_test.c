/* SPDX-License-Identifier: Apache-2.0 */
/* Where rings may lie: on each file system either a ring works, to the last byte and whatever others do to the space
 * there, or it is refused when it is made, with the name of the file system and what to do. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/apr.h"
#include "support/files.h"
#include "support/places.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

static void check_place(const char *name)
{
    const place_kind_t *kind = place_kind_of(name);
    CHECK(kind != NULL);
    const char *reason = places_begin();
    if (!reason)
        reason = place_mount(kind);
    if (reason)
        SKIP("%s", reason);
    if (!place_can_be_listed()) {
        place_unmount();
        SKIP("the files of this folder cannot be listed by this process");
    }
    CHECK_EQUAL(place_try(kind, 40, 65536) != 0, !kind->refused);
    place_unmount();
}

static void asks_for_too_much(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    FILE *file =
        fopen("/proc/self/oom_score_adj", "w"); /* if it is not refused, this process is the one to go */
    CHECK(file != NULL && fputs("1000", file) >= 0 && fclose(file) == 0);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, (uint64_t)sysconf(_SC_PHYS_PAGES) * 4096);
    slotring_t *ring = NULL;
    slotring_error_t error;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_NO_SPACE);
    CHECK_CONTAINS(error.text, "memory");
    CHECK_EQUAL(directory_entries(place_path(), NULL, 0), 0);
}

/* A file system without a limit has all the memory of the machine, and more is an error there too. */
static void ramfs_has_an_end(void)
{
    if (sizeof(void *) < 8)
        SKIP("a process of 32 bits cannot map more than the machine has");
    const char *reason = places_begin();
    if (!reason)
        reason = place_mount(place_kind_of("ramfs"));
    if (reason)
        SKIP("%s", reason);
    peer_t peer = peer_fork(asks_for_too_much, "");
    peer_join(&peer);
    place_unmount();
}

/* On the disk itself, beside what the system keeps of it in memory. */
static bool disk_has(const void *bytes, size_t size)
{
    char path[700];
    (void)snprintf(path, sizeof path, "%s/image", directory_path());
    size_t all = file_size(path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_SYSTEM(file);
    void *disk = mmap(NULL, all, PROT_READ, MAP_PRIVATE, file, 0);
    CHECK(disk != MAP_FAILED);
    bool found = memmem(disk, all, bytes, size) != NULL;
    CHECK_SYSTEM(munmap(disk, all));
    close(file);
    return found;
}

/* A power cut right after the creation leaves what is known for a ring. */
static void first_page_is_on_the_disk(void)
{
    if (over_registry())
        SKIP("rings lie in memory, and the system knows no other place");
    const char *reason = places_begin();
    if (!reason)
        reason = place_mount(place_kind_of("ext4"));
    if (reason)
        SKIP("%s", reason);
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_info_t info = ring_info(ring);
    CHECK(disk_has(info.ring_id, sizeof info.ring_id));
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    place_unmount();
}

/* A place that becomes read-only: the system refuses it while the ring is in use. Afterwards who takes part is told, and who
 * looks may look. */
static void check_remount(const char *name)
{
    const place_kind_t *kind = place_kind_of(name);
    CHECK(kind != NULL);
    const char *words = over_registry() ? "ead-only" : "read-only now: make it writable";
    const char *reason = places_begin();
    if (!reason)
        reason = place_mount(kind);
    if (reason)
        SKIP("%s", reason);
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    CHECK_EQUAL(place_make_read_only(true), EBUSY);
    read_once(ring, &ticket);
    publish(ring, 1, 1);
    check_ring_at_rest(ring);
    CHECK_OK(slotring_close(ring));
    CHECK_EQUAL(place_make_read_only(true), 0);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_error_t error;
    ring = NULL;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_ACCESS);
    CHECK_CONTAINS(error.text, words);
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, &error), SLOTRING_E_ACCESS);
    CHECK_CONTAINS(error.text, words);
    if (!over_apr()) { /* whose observers have a mapping */
        ring = ring_observe(ring_name());
        CHECK_EQUAL(ring_stats(ring).published, 2);
        check_ring(ring);
        CHECK_OK(slotring_close(ring));
    }
    CHECK_EQUAL(place_make_read_only(false), 0);
    ring = ring_attach(ring_name());
    read_once(ring, &ticket);
    check_ring_at_rest(ring);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    place_unmount();
}

static void tmpfs_remounted_read_only(void)
{
    check_remount("tmpfs");
}

static void ext4_remounted_read_only(void)
{
    check_remount("ext4");
}

#define ON(name)            \
    static void name(void)  \
    {                       \
        check_place(#name); \
    }
ON(tmpfs)
ON(tmpfs_full)
ON(tmpfs_without_inodes)
ON(tmpfs_read_only)
ON(ramfs)
ON(hugetlbfs)
ON(overlayfs)
ON(ext2)
ON(ext4)
ON(ext4_of_small_blocks)
ON(ext4_full)
ON(ext4_without_inodes)
ON(ext4_read_only)
ON(xfs)
ON(btrfs)
ON(btrfs_full)

static const test_case_t cases[] = {
#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
    CASE(tmpfs),
    CASE(tmpfs_full),
    CASE(tmpfs_without_inodes),
    CASE(tmpfs_read_only),
    CASE(ramfs),
    CASE(hugetlbfs),
    CASE(overlayfs),
    CASE(ext2),
    CASE(ext4),
    CASE(ext4_of_small_blocks),
    CASE(ext4_full),
    CASE(ext4_without_inodes),
    CASE(ext4_read_only),
    CASE(xfs),
    CASE(btrfs),
    CASE(btrfs_full),
    CASE(ramfs_has_an_end),
    CASE(first_page_is_on_the_disk),
    CASE(tmpfs_remounted_read_only),
    CASE(ext4_remounted_read_only),
#undef CASE
    {NULL, NULL, 0},
};

const test_suite_t place_suite = {"place", cases, NULL};
