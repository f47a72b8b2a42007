/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int judge(const char *path, const struct stat *s, bridge_error_t *error)
{
    if (!S_ISREG(s->st_mode))
        return bridge_fail(error, BRIDGE_REFUSED, "%s is not a file", path);
    if (s->st_uid != geteuid() && s->st_uid != 0)
        return bridge_fail(error, BRIDGE_REFUSED, "%s has a secret, and belongs to user %u: chown it", path,
                           (unsigned)s->st_uid);
    if ((s->st_mode & 077) != 0)
        return bridge_fail(error, BRIDGE_REFUSED,
                           "%s has a secret, and others may use it (mode %03o): chmod 600 %s", path,
                           (unsigned)s->st_mode & 0777, path);
    return BRIDGE_OK;
}

/* O_NONBLOCK: a pipe must not hold it up before it is refused. */
static int open_it(const char *path, int *file, bridge_error_t *error)
{
    struct stat s;
    *file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*file < 0 || fstat(*file, &s) != 0) {
        int why = errno;
        if (*file >= 0)
            (void)close(*file);
        return bridge_fail(error, BRIDGE_REFUSED, "cannot open %s: %s", path, strerror(why));
    }
    int failed = judge(path, &s, error);
    if (failed)
        (void)close(*file);
    return failed;
}

int bridge_secret_check(const char *path, bridge_error_t *error)
{
    int file, failed = open_it(path, &file, error);
    if (!failed)
        (void)close(file);
    return failed;
}

int bridge_secret_read(const char *path, char *text, size_t size, bridge_error_t *error)
{
    size_t used = 0;
    ssize_t got = 1;
    int file, failed = open_it(path, &file, error);
    if (failed)
        return failed;
    while (got != 0 && used < size && memchr(text, '\n', used) == NULL) {
        got = read(file, text + used, size - used);
        if (got < 0 && errno != EINTR)
            break;
        used += got > 0 ? (size_t)got : 0;
    }
    int why = errno;
    (void)close(file);
    if (got < 0)
        return bridge_fail(error, BRIDGE_REFUSED, "cannot read %s: %s", path, strerror(why));
    const char *end = memchr(text, '\n', used);
    size_t length = end != NULL ? (size_t)(end - text) : used;
    if (length == size)
        return bridge_fail(error, BRIDGE_REFUSED, "the first line of %s has more than %zu bytes", path,
                           size - 1);
    text[length] = '\0';
    if (strlen(text) == 0 || strlen(text) != length)
        return bridge_fail(error, BRIDGE_REFUSED, "the first line of %s is empty, or has a zero byte", path);
    return BRIDGE_OK;
}
