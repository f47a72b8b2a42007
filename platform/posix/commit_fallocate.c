/* SPDX-License-Identifier: Apache-2.0 */
/* Pays for the memory of a file by asking for its blocks (posix_fallocate). */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>

#include "posix_internal.h"

/* Commits are done piece by piece: a signal undoes the one it interrupts, so that a program with a fast timer
 * would never finish a large one. A piece that was interrupted is tried again at half its size. */
#define COMMIT_PIECE ((uint64_t)64 << 20)

int sr__posix_commit(int fd, void *memory, const char *directory, uint64_t size, slotring_error_t *error)
{
    (void)memory;
    uint64_t piece = COMMIT_PIECE, page = sr__posix_page_size();

    for (uint64_t done = 0; done < size;) {
        uint64_t now = size - done < piece ? size - done : piece;
        int number = posix_fallocate(fd, (off_t)done, (off_t)now);
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
