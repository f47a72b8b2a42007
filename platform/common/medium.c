/* SPDX-License-Identifier: Apache-2.0 */
/* Which file systems keep the space that was paid for. A list of those that do: tmpfs and ramfs are memory; ext and xfs
 * write into the blocks that they have given. Others look as if they did. One that copies on write takes new blocks at
 * each write-back, and one that lies on another, or on another machine, promises what is not its own: a page that is
 * touched later is then a SIGBUS. Only creation asks. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "common/medium.h"

#if defined(__linux__)
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

enum why {
    KEEPS,
    COPIES,
    REMOTE,
    STACKED,
    VIRTUAL,
    HUGE_PAGES,
    FIXED,
    UNKNOWN
};

static const char *const reasons[] = {
    [COPIES] = "takes new space for each change, and may have none then",
    [REMOTE] = "has its space elsewhere, where it may end",
    [STACKED] = "lies on another one and keeps nothing of its own",
    [VIRTUAL] = "has no files that one could make",
    [HUGE_PAGES] =
        "has files of whole huge pages only (for huge pages: a tmpfs mounted with huge=advise, and "
        "SLOTRING_HUGE_PAGES)",
    [FIXED] = "cannot be written",
    [UNKNOWN] = "is not known to keep the space that a file was given",
};

static const struct {
    uint32_t type; /* statfs(2); 32 bits of it everywhere */
    enum why why;
    const char *name;
} known[] = {
    {0x01021994, KEEPS, "tmpfs"},
    {0x858458f6, KEEPS, "ramfs"},
    {0x0000ef53, KEEPS, "ext4"},
    {0x58465342, KEEPS, "xfs"},
    {0x9123683e, COPIES, "btrfs"},
    {0x2fc12fc1, COPIES, "zfs"},
    {0xca451a4e, COPIES, "bcachefs"},
    {0xf2f52010, COPIES, "f2fs"},
    {0x00003434, COPIES, "nilfs2"},
    {0x24051905, COPIES, "ubifs"},
    {0x6969, REMOTE, "nfs"},
    {0x65735546, REMOTE, "fuse"},
    {0x01021997, REMOTE, "9p"},
    {0xff534d42, REMOTE, "cifs"},
    {0xfe534d42, REMOTE, "smb2"},
    {0x517b, REMOTE, "smb"},
    {0x00c36400, REMOTE, "ceph"},
    {0x0bd00bd3, REMOTE, "lustre"},
    {0x47504653, REMOTE, "gpfs"},
    {0x19830326, REMOTE, "beegfs"},
    {0x5346414f, REMOTE, "afs"},
    {0x01161970, REMOTE, "gfs2"},
    {0x7461636f, REMOTE, "ocfs2"},
    {0x794c7630, STACKED, "overlayfs"},
    {0xf15f, STACKED, "ecryptfs"},
    {0x61756673, STACKED, "aufs"},
    {0x958458f6, HUGE_PAGES, "hugetlbfs"},
    {0x9fa0, VIRTUAL, "proc"},
    {0x62656572, VIRTUAL, "sysfs"},
    {0x1cd1, VIRTUAL, "devpts"},
    {0x27e0eb, VIRTUAL, "cgroup"},
    {0x63677270, VIRTUAL, "cgroup2"},
    {0x64626720, VIRTUAL, "debugfs"},
    {0x73636673, VIRTUAL, "securityfs"},
    {0x73717368, FIXED, "squashfs"},
    {0x9660, FIXED, "iso9660"},
    {0xe0f5e1e2, FIXED, "erofs"},
    {0x4d44, UNKNOWN, "vfat"},
    {0x2011bab0, UNKNOWN, "exfat"},
    {0x7366746e, UNKNOWN, "ntfs"},
    {0x3153464a, UNKNOWN, "jfs"},
    {0x52654973, UNKNOWN, "reiserfs"},
};

static const char *describe(uint32_t type, enum why *why, char unnamed[32])
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].type == type) {
            *why = known[i].why;
            return known[i].name;
        }
    *why = UNKNOWN;
    snprintf(unnamed, 32, "of type 0x%lx", (unsigned long)type);
    return unnamed;
}

int sr__medium_check(const char *path, slotring_error_t *error)
{
    struct statfs status;
    char unnamed[32];
    enum why why;

    if (statfs(path, &status) != 0)
        return 0; /* not said; what is wrong with the place is told by who makes a file there */
    const char *name = describe((uint32_t)status.f_type, &why, unnamed);
    if (why == KEEPS)
        return 0;
    return sr__fail(
        error, SLOTRING_E_UNSUPPORTED, 0,
        "a ring cannot lie in %s: the file system there is %s, which %s; %s", path, name, reasons[why],
        strcmp(path, SR__MEDIUM_OF_OBJECTS) == 0 ? "mount a tmpfs there, as systems and containers usually do"
                                                 : "use a directory on tmpfs, such as /dev/shm");
}
#else
/* Shared memory is memory elsewhere, whatever directory its names lie in. */
int sr__medium_check(const char *path, slotring_error_t *error)
{
    (void)path, (void)error;
    return 0;
}
#endif
