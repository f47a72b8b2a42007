/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever had the lock before may have taken the file away: is it still the one that the name leads to? */
static bool is_there(const bridge_lock_t *lock)
{
    struct stat mine, named;
    return fstat(lock->file, &mine) == 0 && lstat(lock->path, &named) == 0 && mine.st_ino == named.st_ino &&
           mine.st_dev == named.st_dev;
}

static int try_it(bridge_lock_t *lock, const char *ring, bridge_error_t *error)
{
    lock->file = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock->file < 0)
        return bridge_fail(error, BRIDGE_REFUSED, "cannot lock %s: %s", lock->path, strerror(errno));
    if (flock(lock->file, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;
        (void)close(lock->file);
        lock->file = -1;
        return why == EWOULDBLOCK
                   ? bridge_fail(error, BRIDGE_REFUSED, "another receiver writes into ring \"%s\"", ring)
                   : bridge_fail(error, BRIDGE_REFUSED, "cannot lock %s: %s", lock->path, strerror(why));
    }
    if (is_there(lock))
        return 0;
    (void)close(lock->file);
    lock->file = -1;
    return BRIDGE_AGAIN;
}

int bridge_lock_take(bridge_lock_t *lock, const char *directory, const char *ring, bridge_error_t *error)
{
    const char *named = secure_getenv("SLOTRING_DIR");
    if (directory == NULL)
        directory = named != NULL && named[0] != 0 ? named : "/dev/shm";
    lock->file = -1;
    /* No ring has a name with a leading dot. */
    if (snprintf(lock->path, sizeof lock->path, "%s/.slotring-bridge.%s", directory, ring) >=
        (int)sizeof lock->path)
        return bridge_fail(error, BRIDGE_REFUSED, "the name of ring \"%s\" is too long", ring);
    int code;
    while ((code = try_it(lock, ring, error)) == BRIDGE_AGAIN)
        continue;
    return code;
}

void bridge_lock_give(bridge_lock_t *lock)
{
    if (lock->file < 0)
        return;
    (void)unlink(lock->path);
    (void)close(lock->file);
    lock->file = -1;
}
