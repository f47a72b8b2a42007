/* SPDX-License-Identifier: Apache-2.0 */
/* foreign.h on POSIX systems. */
#define _FILE_OFFSET_BITS 64
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif
#include "foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/sysmacros.h>

#include "doctor_linux_places.h"
#endif

bool foreign_has_files(void)
{
#ifdef __linux__
    return true;
#else
    return false; /* a ring's files have other names there */
#endif
}

static foreign_kind_t kind_of(mode_t mode)
{
    return S_ISREG(mode)   ? FOREIGN_FILE
           : S_ISLNK(mode) ? FOREIGN_LINK
           : S_ISDIR(mode) ? FOREIGN_FOLDER
                           : FOREIGN_OTHER;
}

static bool is_same(const struct stat *status, const foreign_file_t *file)
{
    return (uint64_t)status->st_dev == file->device && (uint64_t)status->st_ino == file->object &&
           kind_of(status->st_mode) == file->kind;
}

/* A ring's users hold locks on its lock file. */
static void look_for_locks(int fd, foreign_file_t *found)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_GETLK, &lock) != 0) {
        found->unknown = true;
        return;
    }
    found->in_use = lock.l_type != F_UNLCK;
    found->pid = found->in_use && lock.l_pid > 0 ? (uint64_t)lock.l_pid : 0;
}

static void look_for_maps(const struct stat *status, foreign_file_t *found)
{
#ifdef __linux__
    long pid;
    if (!found->in_use &&
        doctor_is_mapped(major(status->st_dev), minor(status->st_dev), (uint64_t)status->st_ino, &pid)) {
        found->in_use = true;
        found->pid = (uint64_t)pid;
    }
#else
    (void)status, (void)found;
#endif
}

static int look_at_file(int folder, const char *file, foreign_file_t *found)
{
    struct stat status;
    int fd = openat(folder, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        found->unknown = true;
        return errno == EACCES || errno == EPERM ? 0 : errno;
    }
    if (fstat(fd, &status) != 0 || !is_same(&status, found)) {
        close(fd);
        return ESTALE; /* another file has the name by now */
    }
    look_for_locks(fd, found);
    look_for_maps(&status, found);
    close(fd);
    return 0;
}

static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int foreign_look(const char *folder, const char *file, foreign_file_t *found)
{
    struct stat status;
    int at = open_folder(folder), error = 0;
    *found = (foreign_file_t){.kind = FOREIGN_NONE};
    if (at < 0)
        return errno;
    if (fstatat(at, file, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        error = errno == ENOENT ? 0 : errno;
    } else {
        found->kind = kind_of(status.st_mode);
        found->owner = (uint64_t)status.st_uid;
        found->size = (uint64_t)status.st_size;
        found->device = (uint64_t)status.st_dev;
        found->object = (uint64_t)status.st_ino;
        if (found->kind == FOREIGN_FILE)
            error = look_at_file(at, file, found);
    }
    close(at);
    return error;
}

int foreign_remove(const char *folder, const char *file, const foreign_file_t *seen)
{
    struct stat status;
    int at = open_folder(folder), error = 0;
    if (at < 0)
        return errno;
    if (fstatat(at, file, &status, AT_SYMLINK_NOFOLLOW) != 0)
        error = errno == ENOENT ? 0 : errno;
    else if (!is_same(&status, seen))
        error = ESTALE;
    else if (unlinkat(at, file, 0) != 0)
        error = errno;
    close(at);
    return error;
}
