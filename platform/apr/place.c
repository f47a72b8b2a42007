/* SPDX-License-Identifier: Apache-2.0 */
/* Where a ring's files lie: a folder with one entry for each ring, under the hash of its name. Names of up to 200
 * bytes, compared as bytes, fit into no file system's names; the entry holds the real one. */
#include <apr_env.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if APR_HAVE_UNISTD_H
#include <unistd.h>
#endif

#include "apr/apr_internal.h"

#define SHARED_MEMORY_FOLDER "/dev/shm" /* emptied when the machine starts, as its objects are */
#define OTHER_FOLDER "/tmp"

void sr__apr_entry_name(const char *name, char text[sizeof SR__APR_PREFIX + SR__HASH_DIGITS])
{
    memcpy(text, SR__APR_PREFIX, sizeof SR__APR_PREFIX - 1);
    sr__text_hash_digits(name, text + sizeof SR__APR_PREFIX - 1);
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *made = malloc(size);

    if (made)
        memcpy(made, text, size);
    return made;
}

static char *join(const char *directory, const char *file)
{
    const char *slash = directory[strlen(directory) - 1] == '/' ? "" : "/";
    size_t size = strlen(directory) + 1 + strlen(file) + 1;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s%s%s", directory, slash, file);
    return path;
}

/* APR has no word for this: a program with more rights than its caller must not obey the caller's environment. */
static bool environment_is_trusted(void)
{
#if APR_HAVE_UNISTD_H
    return getuid() == geteuid() && getgid() == getegid();
#else
    return true;
#endif
}

static bool is_directory(const char *path, apr_pool_t *pool)
{
    apr_finfo_t info;
    apr_status_t status = apr_stat(&info, path, APR_FINFO_TYPE, pool);
    return (status == APR_SUCCESS || status == APR_INCOMPLETE) && info.filetype == APR_DIR;
}

static const char *wanted_directory(const sr__place_config_t *config, apr_pool_t *pool)
{
    char *environment = NULL;
    const char *temporary = NULL;

    if (config && config->directory)
        return config->directory;
    if (environment_is_trusted() && apr_env_get(&environment, "SLOTRING_DIR", pool) == APR_SUCCESS &&
        *environment)
        return environment;
    if (is_directory(SHARED_MEMORY_FOLDER, pool))
        return SHARED_MEMORY_FOLDER;
    /* Not apr_temp_dir_get at once: it follows TMPDIR, which differs between those who are to meet. */
    if (is_directory(OTHER_FOLDER, pool) || apr_temp_dir_get(&temporary, pool) != APR_SUCCESS)
        return OTHER_FOLDER;
    return temporary;
}

static int find_directory(sr__place_t *place, const char *directory, apr_pool_t *pool,
                          slotring_error_t *error)
{
    char *whole = NULL;
    apr_finfo_t info;
    apr_status_t status = *directory ? apr_stat(&info, directory, APR_FINFO_TYPE, pool) : APR_ENOENT;

    if (status != APR_SUCCESS && status != APR_INCOMPLETE)
        return sr__apr_fail(error, status, "cannot use \"%s\" as the directory of rings", directory);
    if (info.filetype != APR_DIR)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, 0,
                        "\"%s\" is to be the directory of rings but is not a directory", directory);
    status = apr_filepath_merge(&whole, NULL, directory, APR_FILEPATH_TRUENAME, pool);
    if (status != APR_SUCCESS)
        return sr__apr_fail(error, status, "cannot use \"%s\" as the directory of rings", directory);
    place->directory = copy(whole);
    place->folder = sr__apr_identity_at(whole, &status, pool);
    place->root = sr__apr_identity_at("/", &status, pool);
    return place->directory ? 0 : SLOTRING_E_NO_MEMORY;
}

static int name_files(sr__place_t *place, const char *name)
{
    char file[sizeof SR__APR_PREFIX + SR__HASH_DIGITS];

    sr__apr_entry_name(name, file);
    place->name = copy(name);
    place->entry = join(place->directory, file);
    return place->name && place->entry ? 0 : SLOTRING_E_NO_MEMORY;
}

int sr__apr_place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                       slotring_error_t *error)
{
    apr_pool_t *pool = sr__apr_pool();
    sr__place_t *made = pool ? calloc(1, sizeof *made) : NULL;
    int failed = made ? 0 : SLOTRING_E_NO_MEMORY;

    *place = NULL;
    if (failed == 0)
        failed = find_directory(made, wanted_directory(config, pool), pool, error);
    if (failed == 0 && config && config->trusted_owner) {
        failed = sr__apr_user_find(config->trusted_owner, &made->trusted, error);
        made->has_trusted = failed == 0;
    }
    if (failed == 0 && name)
        failed = name_files(made, name);
    if (failed == SLOTRING_E_NO_MEMORY)
        sr__fail(error, failed, 0, "no memory for the paths of a ring");
    if (pool)
        apr_pool_destroy(pool);
    if (failed != 0) {
        sr__apr_place_close(made);
        return failed;
    }
    *place = made;
    return 0;
}

sr__place_t *sr__apr_place_beside(const sr__place_t *place, const char *hash_digits)
{
    char file[sizeof SR__APR_PREFIX + SR__HASH_DIGITS];
    sr__place_t *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    snprintf(file, sizeof file, SR__APR_PREFIX "%s", hash_digits);
    made->has_trusted = place->has_trusted;
    made->trusted = place->trusted;
    made->folder = place->folder;
    made->root = place->root;
    made->directory = copy(place->directory);
    made->entry = made->directory ? join(made->directory, file) : NULL;
    if (!made->entry) {
        sr__apr_place_close(made);
        return NULL;
    }
    return made;
}

char *sr__apr_lock_path(const sr__place_t *place)
{
    size_t size = strlen(place->entry) + sizeof ".lock";
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s.lock", place->entry);
    return path;
}

void sr__apr_place_close(sr__place_t *place)
{
    if (!place)
        return;
    free(place->entry);
    free(place->name);
    free(place->directory);
    free(place);
}
