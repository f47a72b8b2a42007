/* SPDX-License-Identifier: Apache-2.0 */
/* Files: opened with distrust, recognised again later. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/proc.h"
#include "posix/posix_internal.h"

sr__identity_t sr__posix_identity_of(const struct stat *status)
{
    return (sr__identity_t){.device = (uint64_t)status->st_dev, .object = (uint64_t)status->st_ino};
}

static bool is(const struct stat *status, sr__identity_t identity)
{
    return sr__identity_equal(sr__posix_identity_of(status), identity);
}

bool sr__posix_fd_is(int fd, sr__identity_t identity)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 && is(&status, identity);
}

bool sr__posix_fd_is_nameless(int fd, sr__identity_t identity)
{
    struct stat status;
    return fd >= 0 && fstat(fd, &status) == 0 && is(&status, identity) && status.st_nlink == 0;
}

bool sr__posix_path_is(const char *path, sr__identity_t identity)
{
    struct stat status;
    return lstat(path, &status) == 0 && is(&status, identity);
}

bool sr__posix_path_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

void sr__posix_fd_close(_Atomic int *fd, sr__identity_t identity)
{
    int number = atomic_exchange(fd, -1);

    if (sr__posix_fd_is(number, identity))
        close(number);
}

/* Somebody has put something else under the name of a ring's file. */
static int fail_for_kind(const char *path, mode_t mode, const char *what, int number, slotring_error_t *error)
{
    const char *kind = S_ISDIR(mode)    ? "a directory"
                       : S_ISLNK(mode)  ? "a symbolic link"
                       : S_ISFIFO(mode) ? "a pipe"
                       : S_ISSOCK(mode) ? "a socket"
                                        : "a device";
    return sr__fail(
        error, SLOTRING_E_NOT_A_RING, number,
        "%s %s is not a regular file but %s, which slotring never puts there: take it away, or use "
        "another ring name or directory",
        what, path, kind);
}

static int fail_to_open(const char *path, bool writable, const char *what, int number,
                        slotring_error_t *error)
{
    struct stat status;
    const char *how = writable ? "for reading and writing" : "for reading";

    if ((number == ELOOP || number == ENXIO || number == EISDIR) && lstat(path, &status) == 0 &&
        !S_ISREG(status.st_mode))
        return fail_for_kind(path, status.st_mode, what, number, error);
    if (number == ENOENT)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, number, "%s %s does not exist", what, path);
    if (number == EACCES && lstat(path, &status) == 0)
        return sr__fail(error, SLOTRING_E_ACCESS, number,
                        "may not open %s %s %s: it belongs to user %u and group %u with mode %04o", what,
                        path, how, (unsigned)status.st_uid, (unsigned)status.st_gid,
                        (unsigned)status.st_mode & 07777);
    if (number == EROFS)
        return sr__posix_fail_os(error, number,
                                 "cannot open %s %s %s, its file system is read-only now: make it writable "
                                 "(mount -o remount,rw), or only observe the ring",
                                 what, path, how);
    return sr__posix_fail_os(error, number, "cannot open %s %s %s", what, path, how);
}

static int distrust(const sr__place_t *place, const struct stat *status, const char *path, const char *what,
                    slotring_error_t *error)
{
    unsigned owner = (unsigned)status->st_uid;

    if (!S_ISREG(status->st_mode))
        return fail_for_kind(path, status->st_mode, what, 0, error);
    if (status->st_nlink == 0)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, 0, "%s %s has just been removed", what, path);
    if (status->st_nlink != 1)
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, 0,
            "%s %s has %lu names (hard links), a ring's file has one: take the others away (find -inum "
            "%llu), or use another ring name or directory",
            what, path, (unsigned long)status->st_nlink, (unsigned long long)status->st_ino);
    if (sr__posix_is_trusted(place, status->st_uid))
        return 0;
    if (status->st_uid == sr__proc_overflow_user())
        return sr__fail(
            error, SLOTRING_E_OWNER, 0,
            "%s %s belongs to user %u, who stands for any user without a number here and is never "
            "trusted: use a user namespace that has a number for them, or another directory",
            what, path, owner);
    return sr__fail(
        error, SLOTRING_E_OWNER, 0,
        "%s %s belongs to user %u, who is neither this one (%u) nor root nor named as trusted owner: name "
        "that "
        "user (trusted_owner, --trust-owner) if you trust them, or use another ring name or directory",
        what, path, owner, (unsigned)geteuid());
}

int sr__posix_file_open(const sr__place_t *place, const char *path, bool writable, const char *what, int *fd,
                        struct stat *status, slotring_error_t *error)
{
    /* O_NONBLOCK: a pipe of that name must not hang us. */
    int flags = (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int opened = sr__above_streams(open(path, flags));

    if (opened < 0)
        return fail_to_open(path, writable, what, errno, error);
    int failed = fstat(opened, status) == 0
                     ? distrust(place, status, path, what, error)
                     : sr__posix_fail_os(error, errno, "cannot look at %s %s", what, path);
    if (failed != 0) {
        close(opened);
        return failed;
    }
    *fd = opened;
    return 0;
}

/* To remove a name takes the right to change its folder, and in a sticky one such as /dev/shm to own either. */
static int judge_removal(const char *path, const struct stat *file, const char *folder_path, const char *what,
                         slotring_error_t *error)
{
    struct stat folder;
    uid_t me = geteuid();

    if (stat(folder_path, &folder) != 0)
        return 0;
    if (faccessat(AT_FDCWD, folder_path, W_OK | X_OK, AT_EACCESS) != 0 && errno == EACCES)
        return sr__fail(error, SLOTRING_E_ACCESS, EACCES,
                        "cannot remove %s %s: it belongs to user %u, and user %u may not change the folder, "
                        "which belongs to user %u and group %u with mode %04o",
                        what, path, (unsigned)file->st_uid, (unsigned)me, (unsigned)folder.st_uid,
                        (unsigned)folder.st_gid, (unsigned)folder.st_mode & 07777);
    if (!(folder.st_mode & S_ISVTX) || me == 0 || me == file->st_uid || me == folder.st_uid)
        return 0;
    return sr__fail(error, SLOTRING_E_ACCESS, EPERM,
                    "cannot remove %s %s: it belongs to user %u, and in a sticky folder only that user, the "
                    "folder's owner (user %u) and root may remove it",
                    what, path, (unsigned)file->st_uid, (unsigned)folder.st_uid);
}

int sr__posix_file_may_unlink(const char *path, const char *what, slotring_error_t *error)
{
    struct stat file;
    char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    int failed = 0;

    if (slash && lstat(path, &file) == 0) {
        slash[slash == folder ? 1 : 0] = '\0';
        failed = judge_removal(path, &file, folder, what, error);
    }
    free(folder);
    return failed;
}

int sr__posix_file_unlink(const char *path, const char *what, slotring_error_t *error)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return 0;
    struct stat status;
    int number = errno;
    if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, number,
            "cannot remove %s %s: it is a directory, which slotring never puts there; take it away "
            "yourself (rmdir, rm -r)",
            what, path);
    if (number == EROFS)
        return sr__posix_fail_os(error, number,
                                 "cannot remove %s %s, its file system is read-only now: make it writable "
                                 "(mount -o remount,rw)",
                                 what, path);
    int failed = number == EACCES || number == EPERM ? sr__posix_file_may_unlink(path, what, error) : 0;
    return failed != 0 ? failed : sr__posix_fail_os(error, number, "cannot remove %s %s", what, path);
}

char *sr__posix_join(const char *directory, const char *prefix, const char *name)
{
    const char *slash = strcmp(directory, "/") == 0 ? "" : "/";
    size_t size = strlen(directory) + strlen(slash) + strlen(prefix) + strlen(name) + 1;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s%s%s%s", directory, slash, prefix, name);
    return path;
}
