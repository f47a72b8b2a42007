/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of shm_open. They have a name from the start, take their size once (macOS), and say little of themselves:
 * which one it is, some systems do not tell. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/medium.h"
#include "posix/registry/registry_internal.h"

bool sr__posix_object_exists(const char *object)
{
    int fd = sr__above_streams(shm_open(object, O_RDONLY, 0));

    if (fd < 0)
        return errno != ENOENT;
    close(fd);
    return true;
}

int sr__posix_object_unlink(const char *object, uid_t owner)
{
    struct stat status;
    int fd = sr__above_streams(shm_open(object, O_RDONLY, 0));
    bool others = fd >= 0 && fstat(fd, &status) == 0 && status.st_uid != owner;

    if (fd >= 0)
        close(fd);
    if (others)
        return 0;
    return shm_unlink(object) == 0 || errno == ENOENT ? 0 : errno;
}

/* macOS changes neither the mode nor the group of an object: then they must be right from the start. */
static int give_rights(int fd, mode_t mode, const sr__rights_t *rights, slotring_error_t *error)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return sr__posix_fail_os(error, errno, "cannot look at new shared memory");
    if ((status.st_mode & 0777) == mode && (!rights->has_group || status.st_gid == rights->group))
        return 0;
    int changed =
        rights->has_group && status.st_gid != rights->group ? fchown(fd, (uid_t)-1, rights->group) : 0;
    if (changed == 0 && fchmod(fd, mode) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOTSUP)
        return sr__posix_fail_os(error, errno, "cannot give the ring mode %04o and group %u", (unsigned)mode,
                                 (unsigned)rights->group);
    return sr__fail(error, SLOTRING_E_UNSUPPORTED, errno,
                    "this system makes shared memory with mode %04o and group %u, where %04o and %u are "
                    "wanted, and cannot "
                    "change them: set the umask to %04o, and this process's group, before the ring is made",
                    (unsigned)status.st_mode & 0777, (unsigned)status.st_gid, (unsigned)mode,
                    rights->has_group ? (unsigned)rights->group : (unsigned)status.st_gid,
                    0777 & ~(unsigned)mode);
}

int sr__posix_object_make(const char *object, mode_t mode, const sr__rights_t *rights, int *fd,
                          slotring_error_t *error)
{
    int made = sr__above_streams(shm_open(object, O_RDWR | O_CREAT | O_EXCL, mode));

    if (made < 0 && errno == EEXIST)
        return sr__fail(error, SLOTRING_E_EXISTS, errno, "shared memory %s exists", object);
    if (made < 0)
        return sr__posix_fail_to_make(error, errno, SR__MEDIUM_OF_OBJECTS, "shared memory");
    int failed = give_rights(made, mode, rights, error);
    if (failed != 0) {
        close(made);
        sr__posix_object_unlink(object, geteuid());
        return failed;
    }
    *fd = made;
    return 0;
}

static int fail_to_open(const sr__entry_t *entry, bool writable, slotring_error_t *error)
{
    if (errno == ENOENT)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, errno,
                        "the shared memory of ring \"%s\" (%s) does not exist any more", entry->name,
                        entry->object);
    return sr__posix_fail_os(error, errno, "may not open the shared memory of ring \"%s\" (%s) %s",
                             entry->name, entry->object,
                             writable ? "for reading and writing" : "for reading");
}

/* An object is who made the entry's: another one under its name was put there by somebody else. */
int sr__posix_object_open(const sr__place_t *place, const sr__entry_t *entry, bool writable, int *fd,
                          struct stat *status, slotring_error_t *error)
{
    int opened = sr__above_streams(shm_open(entry->object, writable ? O_RDWR : O_RDONLY, 0));
    int failed = 0;

    if (opened < 0)
        return fail_to_open(entry, writable, error);
    if (fstat(opened, status) != 0)
        failed = sr__posix_fail_os(error, errno, "cannot look at shared memory %s", entry->object);
    else if (!sr__posix_is_trusted(place, status->st_uid))
        failed =
            sr__fail(error, SLOTRING_E_OWNER, 0,
                     "the shared memory of ring \"%s\" belongs to user %u, who is neither this one (%u) nor "
                     "root nor named as trusted owner",
                     entry->name, (unsigned)status->st_uid, (unsigned)geteuid());
    if (failed != 0) {
        close(opened);
        return failed;
    }
    *fd = opened;
    return 0;
}
