/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what with a ring's files. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/text.h"
#include "posix/posix_internal.h"

/* Observers get nothing on the lock file: a lock of theirs would make the dead look alive. */
static const struct {
    mode_t segment, lock;
    bool grouped;
} modes[] = {
    [SLOTRING_ACCESS_OWNER] = {0600, 0600, false}, [SLOTRING_ACCESS_GROUP_OBSERVE] = {0640, 0600, true},
    [SLOTRING_ACCESS_GROUP] = {0660, 0660, true},  [SLOTRING_ACCESS_ALL_OBSERVE] = {0644, 0600, false},
    [SLOTRING_ACCESS_ALL] = {0666, 0666, false},
};

/* The databases of users and groups want a buffer of unknown size. */
#define LOOKUP_BUFFER_FIRST 1024u
#define LOOKUP_BUFFER_LAST (1024u * 1024u)

static int find_user(const char *name, uid_t *uid)
{
    struct passwd entry, *found = NULL;
    int result = ERANGE;

    for (size_t size = LOOKUP_BUFFER_FIRST; result == ERANGE && size <= LOOKUP_BUFFER_LAST; size *= 4) {
        char *buffer = malloc(size);
        if (!buffer)
            return ENOMEM;
        result = getpwnam_r(name, &entry, buffer, size, &found);
        if (result == 0 && found)
            *uid = entry.pw_uid;
        free(buffer);
    }
    return found ? 0 : result ? result : ENOENT;
}

static int find_group(const char *name, gid_t *gid)
{
    struct group entry, *found = NULL;
    int result = ERANGE;

    for (size_t size = LOOKUP_BUFFER_FIRST; result == ERANGE && size <= LOOKUP_BUFFER_LAST; size *= 4) {
        char *buffer = malloc(size);
        if (!buffer)
            return ENOMEM;
        result = getgrnam_r(name, &entry, buffer, size, &found);
        if (result == 0 && found)
            *gid = entry.gr_gid;
        free(buffer);
    }
    return found ? 0 : result ? result : ENOENT;
}

int sr__posix_user_find(const char *user, uid_t *uid, slotring_error_t *error)
{
    uint32_t id;

    if (sr__text_id(user, &id)) {
        *uid = id;
        return 0;
    }
    int result = find_user(user, uid);
    if (result == 0)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, result, "no user \"%s\" is known on this machine", user);
}

int sr__posix_rights_of(const sr__segment_config_t *config, sr__rights_t *rights, slotring_error_t *error)
{
    uint32_t id;

    memset(rights, 0, sizeof *rights);
    if (config->access >= sizeof modes / sizeof modes[0])
        return sr__fail(error, SLOTRING_E_INVALID, 0, "access mode %u is unknown, the last one is %d",
                        (unsigned)config->access, SLOTRING_ACCESS_ALL);
    rights->segment = modes[config->access].segment;
    rights->lock = modes[config->access].lock;
    rights->has_group = modes[config->access].grouped;
    rights->group = getegid();
    if (!config->group)
        return 0;
    if (sr__text_id(config->group, &id)) {
        rights->group = id;
        return 0;
    }
    int result = find_group(config->group, &rights->group);
    if (result == 0)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, result, "no group \"%s\" is known on this machine",
                    config->group);
}

bool sr__posix_rights_are(const struct stat *status, mode_t mode, const sr__rights_t *rights)
{
    return (status->st_mode & 07777) == mode && (!rights->has_group || status->st_gid == rights->group);
}

int sr__posix_rights_apply(int fd, mode_t mode, const sr__rights_t *rights, slotring_error_t *error)
{
    /* The group first: changing it may take bits of the mode away. */
    if (rights->has_group && fchown(fd, (uid_t)-1, rights->group) != 0)
        return sr__posix_fail_os(error, errno, "cannot give the ring to group %u; is this process a member?",
                                 (unsigned)rights->group);
    if (fchmod(fd, mode) != 0)
        return sr__posix_fail_os(error, errno, "cannot set the ring's mode to %04o", (unsigned)mode);
    return 0;
}

/* A lock file that was adopted may have been made for other rights. Now is the moment to set them: with
 * the mutex held and no segment there, the file is nobody else's. */
int sr__posix_rights_adapt(const sr__place_t *place, const sr__rights_t *rights, slotring_error_t *error)
{
    struct stat status;
    int fd;
    int failed =
        sr__posix_file_open(place, place->lock_path, false, "the ring's lock file", &fd, &status, error);

    if (failed != 0)
        return failed;
    if (!sr__posix_rights_are(&status, rights->lock, rights))
        failed = sr__posix_rights_apply(fd, rights->lock, rights, error);
    close(fd);
    return failed;
}
