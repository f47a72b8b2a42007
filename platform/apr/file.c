/* SPDX-License-Identifier: Apache-2.0 */
/* Files: looked at and opened with distrust, made for their owner alone, found by the beginning of their names. */
#include <apr_strings.h>
#include <apr_tables.h>
#include <string.h>

#include "apr/apr_internal.h"

#define LOOKED_AT (APR_FINFO_TYPE | APR_FINFO_IDENT | APR_FINFO_NLINK | APR_FINFO_USER | APR_FINFO_SIZE)

apr_status_t sr__apr_look(const char *path, apr_finfo_t *info, apr_pool_t *pool)
{
    apr_status_t status = apr_stat(info, path, LOOKED_AT | APR_FINFO_LINK, pool);
    return status == APR_INCOMPLETE && (info->valid & APR_FINFO_IDENT) == APR_FINFO_IDENT ? APR_SUCCESS
                                                                                          : status;
}

sr__identity_t sr__apr_identity_of(const apr_finfo_t *info)
{
    return (sr__identity_t){.device = (uint64_t)info->device, .object = (uint64_t)info->inode};
}

sr__identity_t sr__apr_identity_at(const char *path, apr_status_t *status, apr_pool_t *pool)
{
    apr_finfo_t info;

    *status = apr_stat(&info, path, APR_FINFO_IDENT, pool);
    if (*status == APR_INCOMPLETE && (info.valid & APR_FINFO_IDENT) == APR_FINFO_IDENT)
        *status = APR_SUCCESS;
    return *status == APR_SUCCESS ? sr__apr_identity_of(&info) : (sr__identity_t){0};
}

bool sr__apr_path_is(const char *path, sr__identity_t identity)
{
    apr_finfo_t info;
    apr_pool_t *pool = sr__apr_pool();
    bool is = pool && sr__apr_look(path, &info, pool) == APR_SUCCESS &&
              sr__identity_equal(sr__apr_identity_of(&info), identity);

    if (pool)
        apr_pool_destroy(pool);
    return is;
}

bool sr__apr_path_exists(const char *path)
{
    apr_finfo_t info;
    apr_pool_t *pool = sr__apr_pool();
    apr_status_t status = pool ? sr__apr_look(path, &info, pool) : APR_ENOMEM;

    if (pool)
        apr_pool_destroy(pool);
    return !APR_STATUS_IS_ENOENT(status) && !APR_STATUS_IS_ENOTDIR(status);
}

static int fail_to_open(apr_status_t status, const char *path, const char *what, slotring_error_t *error)
{
    if (APR_STATUS_IS_ENOENT(status))
        return sr__fail(error, SLOTRING_E_NOT_FOUND, status, "%s %s does not exist", what, path);
    if (APR_STATUS_IS_EACCES(status))
        return sr__fail(error, SLOTRING_E_ACCESS, status,
                        "may not open %s %s: rings of backend \"apr\" are their owner's alone", what, path);
    return sr__apr_fail(error, status, "cannot open %s %s", what, path);
}

static int distrust(const sr__place_t *place, const apr_finfo_t *info, const char *path, const char *what,
                    slotring_error_t *error)
{
    if (info->filetype != APR_REG)
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, 0,
            "%s %s is not a regular file but %s, which slotring never puts there: take it away, or use "
            "another ring name or directory",
            what, path,
            info->filetype == APR_DIR    ? "a directory"
            : info->filetype == APR_LNK  ? "a symbolic link"
            : info->filetype == APR_PIPE ? "a pipe"
                                         : "a socket or a device");
    if ((info->valid & APR_FINFO_NLINK) && info->nlink == 0)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, 0, "%s %s has just been removed", what, path);
    if ((info->valid & APR_FINFO_NLINK) && info->nlink != 1)
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, 0,
            "%s %s has %d names (hard links), a ring's file has one: take the others away, or use another "
            "ring name or directory",
            what, path, (int)info->nlink);
    if (!(info->valid & APR_FINFO_USER) || sr__apr_is_trusted(place, info->user))
        return 0;
    return sr__fail(
        error, SLOTRING_E_OWNER, 0,
        "%s %s belongs to a user (%lu) who is neither this one nor root nor named as trusted "
        "owner, or who stands for any user without a number here: use another ring name or directory",
        what, path, (unsigned long)info->user);
}

/* APR follows symbolic links: what is to be opened is looked at before and after, and must be the same. */
int sr__apr_file_open(const sr__place_t *place, const char *path, const char *what, apr_pool_t *pool,
                      apr_file_t **file, apr_finfo_t *info, slotring_error_t *error)
{
    apr_finfo_t before;
    apr_status_t status = sr__apr_look(path, &before, pool);

    if (status != APR_SUCCESS)
        return fail_to_open(status, path, what, error);
    if (before.filetype != APR_REG) /* opening a pipe could hang */
        return distrust(place, &before, path, what, error);
    status = apr_file_open(file, path, APR_FOPEN_READ | APR_FOPEN_WRITE, APR_OS_DEFAULT, pool);
    if (status != APR_SUCCESS)
        return fail_to_open(status, path, what, error);
    status = apr_file_info_get(info, LOOKED_AT, *file);
    int failed = status == APR_SUCCESS || status == APR_INCOMPLETE
                     ? distrust(place, info, path, what, error)
                     : sr__apr_fail(error, status, "cannot look at %s %s", what, path);
    if (failed == 0 && !sr__identity_equal(sr__apr_identity_of(&before), sr__apr_identity_of(info)))
        failed =
            sr__fail(error, SLOTRING_E_NOT_FOUND, 0, "%s %s was replaced while it was opened", what, path);
    if (failed != 0)
        apr_file_close(*file);
    return failed;
}

int sr__apr_file_peek(const sr__place_t *place, const char *path, apr_pool_t *pool, apr_file_t **file,
                      sr__identity_t *identity, slotring_error_t *error)
{
    apr_finfo_t info;

    apr_status_t status =
        apr_file_open(file, path, APR_FOPEN_READ | APR_FOPEN_NONBLOCK, APR_OS_DEFAULT, pool);
    if (status != APR_SUCCESS)
        return sr__apr_fail_call(error, status, "cannot ask for a death lock: apr_file_open of", path);
    status = apr_file_info_get(&info, LOOKED_AT, *file);
    *identity = sr__apr_identity_of(&info);
    if (status != APR_SUCCESS && status != APR_INCOMPLETE)
        return sr__apr_fail_call(error, status, "cannot ask for a death lock: apr_file_info_get of", path);
    return distrust(place, &info, path, "a participant's lock file", error);
}

int sr__apr_file_make(const char *path, const char *what, apr_pool_t *pool, apr_file_t **file,
                      apr_finfo_t *info, slotring_error_t *error)
{
    apr_status_t status =
        apr_file_open(file, path, APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL,
                      SR__APR_ONLY_OWNER, pool);

    if (APR_STATUS_IS_EEXIST(status))
        return sr__fail(error, SLOTRING_E_EXISTS, status, "%s %s exists", what, path);
    if (status != APR_SUCCESS)
        return sr__apr_fail(error, status, "cannot make %s %s", what, path);
    status = apr_file_perms_set(path, SR__APR_ONLY_OWNER); /* the umask may have taken some away */
    if (status == APR_ENOTIMPL || status == APR_INCOMPLETE)
        status = APR_SUCCESS;
    if (status == APR_SUCCESS)
        status = apr_file_info_get(info, LOOKED_AT, *file);
    if (status == APR_SUCCESS || status == APR_INCOMPLETE)
        return 0;
    apr_file_close(*file);
    if (APR_STATUS_IS_ENOENT(status)) /* somebody cleaned it away: as if it had not been made */
        return sr__fail(error, SLOTRING_E_EXISTS, status, "%s %s was removed at once", what, path);
    return sr__apr_fail(error, status, "cannot make %s %s", what, path);
}

int sr__apr_file_remove(const char *path, const char *what, slotring_error_t *error)
{
    apr_pool_t *pool = sr__apr_pool();
    apr_status_t status = pool ? apr_file_remove(path, pool) : APR_ENOMEM;

    if (pool)
        apr_pool_destroy(pool);
    if (status == APR_SUCCESS || APR_STATUS_IS_ENOENT(status))
        return 0;
    return sr__apr_fail(error, status, "cannot remove %s %s (is it slotring's? see who put it there)", what,
                        path);
}

char **sr__apr_scan(const char *directory, const char *prefix, apr_pool_t *pool, apr_status_t *status)
{
    apr_array_header_t *names = apr_array_make(pool, 16, sizeof(char *));
    apr_dir_t *listing;
    apr_finfo_t info;

    *status = apr_dir_open(&listing, directory, pool);
    if (*status != APR_SUCCESS)
        return NULL;
    for (;;) {
        apr_status_t read = apr_dir_read(&info, APR_FINFO_NAME, listing);
        if (read != APR_SUCCESS && read != APR_INCOMPLETE)
            break;
        if (strncmp(info.name, prefix, strlen(prefix)) == 0)
            *(char **)apr_array_push(names) = apr_pstrdup(pool, info.name);
    }
    apr_dir_close(listing);
    *(char **)apr_array_push(names) = NULL;
    return (char **)(void *)names->elts;
}
