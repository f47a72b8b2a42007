/* SPDX-License-Identifier: Apache-2.0 */
/* Files that stay open for their locks.
 *
 * What APR's apr_file_lock does differs: locks of the open file (flock, as Debian builds it), which are what is needed
 * here; or locks of the process (fcntl, as APR comes), which all vanish when ANY descriptor of that file is closed and
 * which do not keep two handles of one process apart. So it is tried once, with a file of the place's; where APR's is
 * of the second kind, flock itself is taken, where the system has it. Where it has not, no ring can be used.
 *
 * A lock of an open file dies with the last reference to it. A mapping is one, where the system says so (Linux): then a
 * host that closes all descriptors does not look dead; and where it can be kept from children (madvise, for which APR
 * has no word), a death lock needs no descriptor at all. Elsewhere a child has its parent's files until its fork
 * handler has run, and the manual forbids to close what is not one's own.
 */
#include <apr_portable.h>
#include <errno.h>
#include <stdio.h>
#if APR_HAS_FLOCK_SERIALIZE
#include <sys/file.h>
#endif
#if APR_HAS_MMAP && !defined(WIN32)
#include <sys/mman.h>
#endif

#include "apr/apr_internal.h"

#define CHECKS \
    100 /* every creation in the directory cleans up and may be in the way of one; so often is not chance */

enum mechanism {
    UNTRIED,
    APR_FILE_LOCK,
    SYSTEM_FLOCK,
};

static atomic_int mechanism;

static int open_or_make(const sr__place_t *place, const char *path, enum sr__lock_file_how how,
                        const char *what, sr__lock_file_t *file, slotring_error_t *error)
{
    apr_finfo_t info;
    int failed = how == SR__LOCK_FILE_MAKE
                     ? SLOTRING_E_NOT_FOUND
                     : sr__apr_file_open(place, path, what, file->pool, &file->handle, &info, error);

    for (int i = 0; i < 100 && failed == SLOTRING_E_NOT_FOUND && how != SR__LOCK_FILE_OPEN; i++) {
        failed = sr__apr_file_make(path, what, file->pool, &file->handle, &info, error);
        if (failed == SLOTRING_E_EXISTS && how == SR__LOCK_FILE_OPEN_OR_MAKE)
            failed = sr__apr_file_open(place, path, what, file->pool, &file->handle, &info, error);
    }
    if (failed == 0)
        file->identity = sr__apr_identity_of(&info);
    return failed;
}

int sr__apr_lock_file_open(const sr__place_t *place, const char *path, enum sr__lock_file_how how,
                           const char *what, sr__lock_file_t **file, slotring_error_t *error)
{
    apr_pool_t *pool = sr__apr_pool();
    sr__lock_file_t *made = pool ? apr_pcalloc(pool, sizeof *made) : NULL;

    *file = NULL;
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for %s %s", what, path);
    made->pool = pool;
    sr__fork_forbid();
    int failed = open_or_make(place, path, how, what, made, error);
    if (failed == 0) {
#if APR_HAS_MMAP
        if (apr_mmap_create(&made->pin, made->handle, 0, (apr_size_t)sr__apr_page_size(), APR_MMAP_READ,
                            pool) != APR_SUCCESS)
            made->pin = NULL;
#endif
        sr__apr_open_files_add(made);
        *file = made;
    }
    sr__fork_allow();
    if (failed != 0)
        apr_pool_destroy(pool);
    return failed;
}

static apr_status_t lock_by_flock(apr_file_t *file, bool shared)
{
#if APR_HAS_FLOCK_SERIALIZE
    apr_os_file_t fd;
    int result;

    if (apr_os_file_get(&fd, file) != APR_SUCCESS)
        return APR_EBADF;
    do
        result = flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
    while (result != 0 && errno == EINTR);
    return result == 0 ? APR_SUCCESS : errno;
#else
    (void)file, (void)shared;
    return APR_ENOTIMPL;
#endif
}

static int lock_by(enum mechanism how, const sr__lock_file_t *file, bool shared, slotring_error_t *error)
{
    apr_status_t status =
        how == SYSTEM_FLOCK ? lock_by_flock(file->handle, shared)
                            : apr_file_lock(file->handle, (shared ? APR_FLOCK_SHARED : APR_FLOCK_EXCLUSIVE) |
                                                              APR_FLOCK_NONBLOCK);

    if (status == APR_SUCCESS)
        return 0;
    if (APR_STATUS_IS_EAGAIN(status) || APR_STATUS_IS_EACCES(status))
        return SLOTRING_E_BUSY;
    return sr__apr_fail_call(error, status, how == SYSTEM_FLOCK ? "flock of" : "apr_file_lock of",
                             "a ring's lock file");
}

int sr__apr_lock_file_lock(sr__lock_file_t *file, bool shared, slotring_error_t *error)
{
    if (!sr__apr_lock_file_is_open(file))
        return sr__apr_fail_call(error, APR_EBADF, "somebody else closed the descriptor of",
                                 "a ring's lock file");
    return lock_by((enum mechanism)atomic_load(&mechanism), file, shared, error);
}

void sr__apr_lock_file_unpin(sr__lock_file_t *file)
{
    sr__fork_forbid();
    sr__apr_open_file_unpin(file);
    sr__fork_allow();
}

bool sr__apr_lock_file_hide(sr__lock_file_t *file)
{
    bool hidden = false;

#if APR_HAS_MMAP && defined(MADV_DONTFORK)
    sr__fork_forbid();
    if (file->pin && sr__apr_lock_file_is_open(file) &&
        madvise(file->pin->mm, file->pin->size, MADV_DONTFORK) == 0) {
        apr_file_close(file->handle);
        file->handle = NULL;
        file->hidden = hidden = true;
    }
    sr__fork_allow();
#else
    (void)file;
#endif
    return hidden;
}

/* A descriptor that the host has closed may be another file's by now: APR would close that one. Then what APR holds of
 * it is left alone for ever, which costs 8 KiB each time. */
void sr__apr_lock_file_close(sr__lock_file_t *file)
{
    if (!file)
        return;
    sr__fork_forbid();
    sr__open_files_remove(&file->open);
    sr__apr_open_file_unpin(file);
    if (!file->handle || sr__apr_lock_file_is_open(file))
        apr_pool_destroy(file->pool); /* closes it */
    else
        sr__apr_pool_abandon(file->pool);
    sr__fork_allow();
}

void sr__apr_lock_file_abandon(sr__lock_file_t *file)
{
    if (!file || !file->hidden) {
        sr__apr_lock_file_close(file);
        return;
    }
    sr__fork_forbid();
    sr__open_files_remove(&file->open);
    sr__apr_pool_abandon(file->pool); /* its clean-up would unmap */
    sr__fork_allow();
}

/* Are two open files of one process kept apart? */
static bool excludes(enum mechanism how, const sr__lock_file_t *first, const sr__lock_file_t *second)
{
    return lock_by(how, first, false, NULL) == 0 && lock_by(how, second, false, NULL) == SLOTRING_E_BUSY &&
           lock_by(how, second, true, NULL) == SLOTRING_E_BUSY;
}

/* E_UNSUPPORTED without a sentence: neither does, or somebody who cleans up had the file for a moment. */
static int try_mechanisms(const sr__place_t *place, slotring_error_t *error)
{
    static const char what[] = "a file to try locks with";
    char id[SR__APR_ID_DIGITS + 1], path[SR__APR_OBJECT_MAX];
    sr__lock_file_t *first = NULL, *second = NULL;

    /* A journal without contents: what a killed process leaves of it is cleaned away like any other. */
    if (!sr__apr_new_id(id) || !sr__apr_journal_path(place, id, path, sizeof path))
        return sr__fail(error, SLOTRING_E_OS, 0, "no name for %s in %s", what, place->directory);
    int failed = sr__apr_lock_file_open(place, path, SR__LOCK_FILE_MAKE, what, &first, error);
    if (failed == 0)
        failed = sr__apr_lock_file_open(place, path, SR__LOCK_FILE_OPEN, what, &second, error);
    sr__apr_file_remove(path, what, NULL);
    if (failed == 0 && excludes(APR_FILE_LOCK, first, second))
        atomic_store(&mechanism, APR_FILE_LOCK);
    else if (failed == 0 && excludes(SYSTEM_FLOCK, first, second))
        atomic_store(&mechanism, SYSTEM_FLOCK);
    else if (failed == 0 || failed == SLOTRING_E_NOT_FOUND || failed == SLOTRING_E_EXISTS)
        failed = SLOTRING_E_UNSUPPORTED;
    sr__apr_lock_file_close(first);
    sr__apr_lock_file_close(second);
    return failed;
}

int sr__apr_locks_check(const sr__place_t *place, slotring_error_t *error)
{
    int failed = atomic_load(&mechanism) != UNTRIED ? 0 : SLOTRING_E_UNSUPPORTED;

    for (int i = 0; i < CHECKS && failed == SLOTRING_E_UNSUPPORTED; i++)
        failed = try_mechanisms(place, error);
    if (failed != SLOTRING_E_UNSUPPORTED)
        return failed;
    return sr__fail(error, failed, 0,
                    "the locks of files in %s belong to processes and not to open files: backend \"apr\" "
                    "cannot tell the living from the dead there; use another directory or backend",
                    place->directory);
}
