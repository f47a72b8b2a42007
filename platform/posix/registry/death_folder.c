/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a ring's death locks. It belongs to the ring's owner, who may so remove what others who take part made
 * in it; the rights on it, and in it, follow those on the mutex file. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

char *sr__posix_deaths_path(const sr__place_t *place, sr__identity_t mutex, uid_t owner)
{
    size_t size = strlen(place->lock_path) + 48;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s.%llx.%lu", place->lock_path, (unsigned long long)mutex.object,
                 (unsigned long)owner);
    return path;
}

/* As the mutex file's. Who may write to that may make files here. 0 or errno. */
static int give_rights(int fd, const struct stat *mutex, bool folder)
{
    struct stat status;
    mode_t mode = mutex->st_mode & 0666;

    if (folder)
        mode |= (mode & 0222) >> 1;
    if (fstat(fd, &status) != 0)
        return errno;
    uid_t owner = geteuid() == 0 && status.st_uid != mutex->st_uid ? mutex->st_uid : (uid_t)-1;
    /* Where all may write, whose group it is does not matter. */
    bool for_group = (mode & 0022) == 0020;
    gid_t group = for_group && status.st_gid != mutex->st_gid ? mutex->st_gid : (gid_t)-1;
    if ((owner != (uid_t)-1 || group != (gid_t)-1) && fchown(fd, owner, group) != 0)
        return errno;
    return (status.st_mode & 0777) == mode || fchmod(fd, mode) == 0 ? 0 : errno;
}

int sr__posix_deaths_rights(int fd, const sr__locks_t *locks)
{
    struct stat mutex;

    if (fstat(atomic_load(&locks->file.fd), &mutex) != 0)
        return errno;
    return give_rights(fd, &mutex, false);
}

static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int sr__posix_deaths_make(const sr__locks_t *locks)
{
    struct stat mutex, status;

    if (fstat(atomic_load(&locks->file.fd), &mutex) != 0)
        return errno;
    if (mutex.st_uid != geteuid() && geteuid() != 0)
        return ENOENT; /* its owner's to make; and whoever could be meant by it is gone */
    if (mkdir(locks->deaths, 0700) != 0 && errno != EEXIST)
        return errno;
    int fd = open_folder(locks->deaths);
    if (fd < 0)
        return errno;
    int number = fstat(fd, &status) != 0 ? errno : 0;
    if (number == 0 && status.st_uid != mutex.st_uid && status.st_uid != 0)
        number = EPERM; /* somebody else's */
    if (number == 0)
        number = give_rights(fd, &mutex, true);
    close(fd);
    return number;
}

/* The rights of the folder, and of what is in it, after those of the mutex file have changed. */
int sr__posix_deaths_adapt(const sr__place_t *place, slotring_error_t *error)
{
    struct stat mutex;
    char *folder = NULL;
    int number = lstat(place->lock_path, &mutex) == 0 ? 0 : errno;

    if (number == 0 && !(folder = sr__posix_deaths_path(place, sr__posix_identity_of(&mutex), mutex.st_uid)))
        number = ENOMEM;
    char **files = folder ? sr__posix_scan(folder, "") : NULL;
    for (char **file = files; file && *file && number == 0; file++) {
        bool itself = strcmp(*file, ".") == 0;
        char *path = strcmp(*file, "..") != 0 ? sr__posix_join(folder, "", *file) : NULL;
        int fd = path ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
        if (fd >= 0) {
            number = give_rights(fd, &mutex, itself);
            close(fd);
        }
        free(path);
    }
    sr__posix_scan_free(files);
    free(folder);
    return number == 0 ? 0 : sr__posix_fail_os(error, number, "cannot give the ring's locks their rights");
}

static int is_locked(int fd, const char **call)
{
    struct stat status;

    *call = "fstat";
    if (fstat(fd, &status) != 0)
        return SLOTRING_E_OS;
    *call = "open";
    errno = EINVAL;
    if (!S_ISREG(status.st_mode))
        return SLOTRING_E_OS;
    *call = "flock";
    int number = sr__posix_flock(fd, LOCK_SH);
    errno = number;
    return number == 0 ? 0 : number == EAGAIN ? 1 : SLOTRING_E_OS;
}

/* No fork in between: a child would have the shared lock for as long as it lives. */
int sr__posix_death_is_held(const char *path, const char **call)
{
    const char *ignored;

    sr__fork_forbid();
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int held = fd >= 0 ? is_locked(fd, call ? call : &ignored) : sr__posix_code_of(errno);
    int number = errno;
    if (fd >= 0)
        close(fd);
    else if (call)
        *call = "open";
    sr__fork_allow();
    errno = number;
    return held;
}

typedef bool (*with_path)(const char *path);

/* Calls `look` for each lock in the folder, until it returns true. */
static bool any(char **files, const char *folder, with_path look)
{
    bool yes = false;

    for (char **file = files; file && *file && !yes; file++) {
        char *path = (*file)[0] != '.' ? sr__posix_join(folder, "", *file) : NULL;
        yes = path && look(path);
        free(path);
    }
    return yes;
}

static bool may_be_held(const char *path)
{
    int held = sr__posix_death_is_held(path, NULL);
    /* What may not be opened was never complete. */
    return held != 0 && held != SLOTRING_E_NOT_FOUND && held != SLOTRING_E_ACCESS;
}

bool sr__posix_deaths_held(const char *folder)
{
    char **files = sr__posix_scan(folder, "");

    if (!files)
        return errno != ENOENT;
    bool held = any(files, folder, may_be_held);
    sr__posix_scan_free(files);
    return held;
}

/* Under its lock, so that nobody takes it who would then have one without a name. */
static bool remove_lock(const char *path)
{
    struct stat status;

    sr__fork_forbid();
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        (void)unlink(path);
    if (fd >= 0 && fstat(fd, &status) == 0 && sr__posix_flock(fd, LOCK_EX) == 0 &&
        sr__posix_path_is(path, sr__posix_identity_of(&status)))
        (void)unlink(path);
    if (fd >= 0)
        close(fd);
    sr__fork_allow();
    return false;
}

void sr__posix_deaths_clean(const char *folder)
{
    if (sr__posix_deaths_held(folder))
        return;
    char **files = sr__posix_scan(folder, "");
    (void)any(files, folder, remove_lock);
    sr__posix_scan_free(files);
    (void)rmdir(folder);
}
