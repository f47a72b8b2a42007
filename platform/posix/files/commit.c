/* SPDX-License-Identifier: Apache-2.0 */
/* Pays for the memory of a file by asking for its blocks (posix_fallocate). */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "posix/posix_internal.h"

/* Commits are done piece by piece: a signal undoes the one it interrupts, so that a program with a fast timer
 * would never finish a large one. A piece that was interrupted is tried again at half its size. */
#define COMMIT_PIECE ((uint64_t)64 << 20)

/* Where a file system cannot ask for blocks (ramfs, ext2) they are had by writing them. The C library of GNU does that by
 * itself, others do not. The file is new, and nobody else's yet. 0 or errno. */
static int write_zeros(int fd, uint64_t offset, uint64_t size)
{
    static const char zeros[65536];

    while (size > 0) {
        ssize_t wrote = pwrite(fd, zeros, size < sizeof zeros ? (size_t)size : sizeof zeros, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote < 0 ? errno : ENOSPC;
        offset += (uint64_t)wrote;
        size -= (uint64_t)wrote;
    }
    return 0;
}

static int commit_piece(int fd, uint64_t offset, uint64_t size)
{
    int number = posix_fallocate(fd, (off_t)offset, (off_t)size);
    return number == EOPNOTSUPP || number == ENOSYS ? write_zeros(fd, offset, size) : number;
}

int sr__posix_commit(int fd, void *memory, const char *directory, uint64_t size, slotring_error_t *error)
{
    (void)memory;
    uint64_t piece = COMMIT_PIECE, page = sr__posix_page_size();

    for (uint64_t done = 0; done < size;) {
        uint64_t now = size - done < piece ? size - done : piece;
        int number = commit_piece(fd, done, now);
        if (number == 0) {
            done += now;
        } else if (number == EINTR) {
            piece = piece / 2 > page ? piece / 2 : page;
        } else if (number == ENOSPC || number == ENOMEM || number == EFBIG || number == EDQUOT) {
            return sr__posix_fail_for_space(fd, directory, size, number, error);
        } else {
            return sr__posix_fail_os(error, number, "cannot commit a segment of %llu bytes in %s",
                                     (unsigned long long)size, directory);
        }
    }
    return 0;
}
