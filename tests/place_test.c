/* SPDX-License-Identifier: Apache-2.0 */
/* Where rings may lie: on each file system either a ring works, to the last byte and whatever others do to the space
 * there, or it is refused when it is made, with the name of the file system and what to do. */
#include <string.h>

#include "support/places.h"
#include "support/ring.h"
#include "support/suite.h"

static void check_place(const char *name)
{
    const place_kind_t *kind = place_kinds;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    CHECK(kind->name != NULL);
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
#undef CASE
    {NULL, NULL, 0},
};

const test_suite_t place_suite = {"place", cases, NULL};
