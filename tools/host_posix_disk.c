/* SPDX-License-Identifier: Apache-2.0 */
/* host_disk.h on POSIX systems. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif
#define _FILE_OFFSET_BITS 64

#include "host_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define AT_ONCE 64u                      /* parts of one call */
#define MOST_AT_ONCE ((uint64_t)1 << 30) /* bytes of one read or write */

int host_open_record(const char *path, bool create, int *file)
{
    struct stat status;
    *file = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0666);
    if (*file < 0)
        return errno;
    if (fstat(*file, &status) == 0 && S_ISREG(status.st_mode))
        return 0;
    close(*file);
    *file = -1;
    return EINVAL; /* a pipe or a device cannot be cut */
}

int host_lock(int file)
{
    if (flock(file, LOCK_EX | LOCK_NB) == 0 || errno == ENOSYS || errno == EOPNOTSUPP || errno == ENOTSUP)
        return 0; /* a file system without locks */
    return errno;
}

bool host_is_locked(int error)
{
    return error == EWOULDBLOCK;
}

int host_file_size(int file, uint64_t *size)
{
    struct stat status;
    if (fstat(file, &status) != 0)
        return errno;
    *size = (uint64_t)status.st_size;
    return 0;
}

int host_read_at(int file, uint64_t offset, void *buffer, uint64_t size, uint64_t *got)
{
    *got = 0;
    while (*got < size) {
        uint64_t part = size - *got < MOST_AT_ONCE ? size - *got : MOST_AT_ONCE;
        ssize_t result = pread(file, (char *)buffer + *got, (size_t)part, (off_t)(offset + *got));
        if (result < 0 && errno != EINTR)
            return errno;
        if (result == 0)
            break;
        *got += result > 0 ? (uint64_t)result : 0;
    }
    return 0;
}

/* As many parts as one call takes, without the first `done` bytes of the first one. */
static int gather(const host_part_t *parts, size_t count, uint64_t done, struct iovec *vectors)
{
    int used = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < count && used < (int)AT_ONCE && total < MOST_AT_ONCE; i++, done = 0) {
        uint64_t size = parts[i].size - done;
        if (size == 0)
            continue;
        if (size > MOST_AT_ONCE - total)
            size = MOST_AT_ONCE - total;
        vectors[used].iov_base = (char *)(uintptr_t)parts[i].data + done;
        vectors[used++].iov_len = (size_t)size;
        total += size;
    }
    return used;
}

int host_write_parts(int file, const host_part_t *parts, size_t count)
{
    uint64_t done = 0; /* of the first part */
    while (count > 0) {
        struct iovec vectors[AT_ONCE];
        if (done == parts[0].size) {
            parts++, count--, done = 0;
            continue;
        }
        ssize_t put = writev(file, vectors, gather(parts, count, done, vectors));
        if (put < 0 && errno != EINTR)
            return errno;
        for (uint64_t left = put > 0 ? (uint64_t)put : 0; left > 0;) {
            uint64_t step = parts[0].size - done < left ? parts[0].size - done : left;
            left -= step;
            done += step;
            if (done == parts[0].size && left > 0)
                parts++, count--, done = 0;
        }
    }
    return 0;
}

void host_reserve(int file, uint64_t offset, uint64_t size)
{
#if defined(FALLOC_FL_KEEP_SIZE)
    (void)fallocate(file, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)size);
#else
    (void)file, (void)offset, (void)size;
#endif
}

int host_cut(int file, uint64_t size)
{
    if (ftruncate(file, (off_t)size) != 0)
        return errno;
    return lseek(file, (off_t)size, SEEK_SET) < 0 ? errno : 0;
}

/* The folder of a file, to be freed; NULL: no memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    char *folder = malloc(length + 2);
    if (!folder)
        return NULL;
    memcpy(folder, path, length);
    strcpy(folder + length, slash ? (length == 0 ? "/" : "") : ".");
    return folder;
}

int host_sync_folder(const char *path)
{
    char *folder = folder_of(path);
    int file = folder ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
    int error = !folder ? ENOMEM : file < 0 ? errno : 0;
    free(folder);
    if (file < 0)
        return error;
    error = fsync(file) != 0 && errno != EINVAL && errno != ENOTSUP ? errno : 0;
    close(file);
    return error;
}

int host_each_name(const char *path, void (*found)(void *user, const char *name), void *user)
{
    char *folder = folder_of(path);
    DIR *directory = folder ? opendir(folder) : NULL;
    int error = !folder ? ENOMEM : !directory ? errno : 0;
    free(folder);
    if (!directory)
        return error;
    for (struct dirent *entry; (errno = 0, entry = readdir(directory)) != NULL;)
        found(user, entry->d_name);
    error = errno;
    closedir(directory);
    return error;
}
