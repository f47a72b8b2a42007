/* SPDX-License-Identifier: Apache-2.0 */
/* The size of new memory, the limits on it, and what is said when there is too little. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "posix/posix_internal.h"

/* Going above this limit would raise SIGXFSZ, which kills. */
int sr__posix_check_file_limit(uint64_t size, slotring_error_t *error)
{
    struct rlimit limit;

    if (size > INT64_MAX)
        return sr__fail(error, SLOTRING_E_NO_SPACE, EFBIG, "a segment of %llu bytes is larger than any file",
                        (unsigned long long)size);
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        size <= (uint64_t)limit.rlim_cur)
        return 0;
    return sr__fail(
        error, SLOTRING_E_NO_SPACE, EFBIG,
        "a segment of %llu bytes is above this process's limit for files, %llu bytes (see ulimit -f)",
        (unsigned long long)size, (unsigned long long)limit.rlim_cur);
}

/* What the machine could still give, or at least all that it has. */
static uint64_t memory_left(void)
{
    char line[200];
    unsigned long long kib = 0;
    FILE *file = fopen("/proc/meminfo", "r");

    while (file && kib == 0 && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
            kib = 0;
    if (file)
        fclose(file);
    long pages = sysconf(_SC_PHYS_PAGES);
    if (kib > 0)
        return (uint64_t)kib * 1024;
    return pages > 0 ? (uint64_t)pages * sr__posix_page_size() : UINT64_MAX;
}

/* Committing it comes to the same end, but only after it has taken all there is from everybody else. A file system in memory
 * may have no limit (ramfs): then not even the end is an error, but the kernel ends processes to find more memory. */
static bool has_room(int fd, uint64_t size)
{
    struct statvfs space;

    if (fstatvfs(fd, &space) != 0)
        return true; /* not said */
    if (space.f_blocks == 0)
        return size <= memory_left();
    return size / space.f_frsize <= space.f_bfree;
}

int sr__posix_fail_for_space(int fd, const char *directory, uint64_t size, int number,
                             slotring_error_t *error)
{
    struct statvfs space;

    /* Give back what was got: what is reported as free is what the next attempt can have. */
    int known = ftruncate(fd, 0) == 0 && fstatvfs(fd, &space) == 0;
    if (known && space.f_blocks == 0)
        return sr__fail(
            error, SLOTRING_E_NO_SPACE, number,
            "%s has no room for a segment of %llu bytes: the file system there has no limit, and the "
            "machine has %llu bytes of memory left; make the ring smaller",
            directory, (unsigned long long)size, (unsigned long long)memory_left());
    if (!known)
        return sr__fail(error, SLOTRING_E_NO_SPACE, number, "%s has no room for a segment of %llu bytes",
                        directory, (unsigned long long)size);
    unsigned long long free_bytes = (unsigned long long)space.f_bavail * space.f_frsize;
    unsigned long long all_bytes = (unsigned long long)space.f_blocks * space.f_frsize;
    return sr__fail(error, SLOTRING_E_NO_SPACE, number,
                    "%s has no room for a segment of %llu bytes: %llu of its %llu bytes are free%s",
                    directory, (unsigned long long)size, free_bytes, all_bytes,
                    free_bytes >= size ? ", but the machine's memory or a quota is exhausted"
                                       : "; make the ring smaller or that file system larger");
}

/* Every file takes an inode, and a file system may have only so many. */
static bool has_inodes(const char *directory, unsigned long long *all)
{
    struct statvfs space;

    if (statvfs(directory, &space) != 0 || space.f_files == 0)
        return true; /* not said, or without a limit */
    *all = space.f_files;
    return space.f_favail > 0;
}

int sr__posix_fail_to_make(slotring_error_t *error, int number, const char *directory, const char *what)
{
    unsigned long long inodes = 0;

    if (number == EROFS)
        return sr__posix_fail_os(
            error, number, "cannot make %s in %s, use a directory that can be written, such as /dev/shm",
            what, directory);
    if (number == EDQUOT)
        return sr__posix_fail_os(
            error, number,
            "cannot make %s in %s, this user's share of space or of inodes there is used up: free "
            "some, or have the quota raised",
            what, directory);
    if (number != ENOSPC)
        return sr__posix_fail_os(error, number, "cannot make %s in %s", what, directory);
    if (has_inodes(directory, &inodes))
        return sr__posix_fail_os(error, number, "cannot make %s in %s, free some space there", what,
                                 directory);
    return sr__posix_fail_os(
        error, number,
        "cannot make %s in %s, where all %llu inodes are taken (df -i): remove some files, or give "
        "it more (tmpfs: mount -o remount,nr_inodes=N)",
        what, directory, inodes);
}

int sr__posix_set_size(int fd, const char *directory, uint64_t size, slotring_error_t *error)
{
    if (!has_room(fd, size))
        return sr__posix_fail_for_space(fd, directory, size, ENOSPC, error);
    if (ftruncate(fd, (off_t)size) == 0)
        return 0;
    if (errno == EFBIG || errno == ENOSPC)
        return sr__posix_fail_for_space(fd, directory, size, errno, error);
    return sr__posix_fail_os(error, errno, "cannot make a segment of %llu bytes", (unsigned long long)size);
}
