/* SPDX-License-Identifier: Apache-2.0 */
/* Pays for new memory by reading zeros from /dev/zero into each page of it, a byte each: a page that cannot be had fails
 * the system call (EFAULT), where a touch would be a SIGBUS. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "posix/posix_internal.h"

#define AT_ONCE 256u /* pages; systems take 1024 */

/* Finding the end of all memory would take it from everybody else first. */
static bool machine_has(uint64_t size)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    return pages <= 0 || size / sr__posix_page_size() < (uint64_t)pages;
}

/* 0 or errno. */
static int touch(int zero, char *memory, uint64_t pages, size_t page)
{
    struct iovec bytes[AT_ONCE];

    for (uint64_t done = 0; done < pages;) {
        int count = 0;
        for (; count < (int)AT_ONCE && done + (uint64_t)count < pages; count++)
            bytes[count] = (struct iovec){.iov_base = memory + (done + (uint64_t)count) * page, .iov_len = 1};
        ssize_t got = readv(zero, bytes, count);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0)
            return EIO;
        if (got > 0)
            done += (uint64_t)got;
    }
    return 0;
}

int sr__posix_commit(int fd, void *memory, const char *where, uint64_t size, slotring_error_t *error)
{
    if (!machine_has(size))
        return sr__posix_fail_for_space(fd, where, size, ENOMEM, error);
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    if (zero < 0)
        return sr__posix_fail_os(error, errno, "cannot open /dev/zero to commit a segment of %llu bytes",
                                 (unsigned long long)size);
    size_t page = (size_t)sr__posix_page_size();
    int number = touch(zero, memory, (size + page - 1) / page, page);
    close(zero);
    if (number == EFAULT || number == ENOMEM)
        return sr__posix_fail_for_space(fd, where, size, ENOSPC, error);
    if (number != 0)
        return sr__posix_fail_os(error, number, "cannot commit a segment of %llu bytes in %s",
                                 (unsigned long long)size, where);
    return 0;
}
