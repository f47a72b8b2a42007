/* SPDX-License-Identifier: Apache-2.0 */
/* Where a ring's two files lie: the segment and, beside it, its lock file. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "posix_internal.h"

#define DEFAULT_DIRECTORY "/dev/shm"

static char *join(const char *directory, const char *prefix, const char *name)
{
    size_t size = strlen(directory) + 1 + strlen(prefix) + strlen(name) + 1;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s/%s%s", directory, prefix, name);
    return path;
}

static bool name_files(sr__place_t *place, const char *name)
{
    const char *directory = strcmp(place->directory, "/") == 0 ? "" : place->directory;

    place->segment_path = join(directory, SR__SEGMENT_PREFIX, name);
    place->lock_path = join(directory, SR__LOCK_PREFIX, name);
    return place->segment_path && place->lock_path;
}

static const char *wanted_directory(const sr__place_config_t *config)
{
    if (config && config->directory)
        return config->directory;
    const char *environment = secure_getenv("SLOTRING_DIR");
    return environment && *environment ? environment : DEFAULT_DIRECTORY;
}

static int find_directory(sr__place_t *place, const char *directory, slotring_error_t *error)
{
    struct stat status;

    place->directory = realpath(directory, NULL);
    if (!place->directory || stat(place->directory, &status) != 0)
        return sr__posix_fail_os(error, errno, "cannot use \"%s\" as the directory of rings", directory);
    if (!S_ISDIR(status.st_mode))
        return sr__fail(error, SLOTRING_E_NOT_FOUND, ENOTDIR,
                        "\"%s\" is to be the directory of rings but is not a directory", directory);
    return 0;
}

int sr__posix_place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                         slotring_error_t *error)
{
    sr__place_t *made = calloc(1, sizeof(*made));
    int code = made ? 0 : SLOTRING_E_NO_MEMORY;

    *place = NULL;
    if (code == 0)
        code = find_directory(made, wanted_directory(config), error);
    if (code == 0 && config && config->trusted_owner) {
        code = sr__posix_user_find(config->trusted_owner, &made->trusted, error);
        made->has_trusted = code == 0;
    }
    if (code == 0 && name && !name_files(made, name))
        code = SLOTRING_E_NO_MEMORY;
    if (code == SLOTRING_E_NO_MEMORY)
        sr__fail(error, code, ENOMEM, "no memory for the paths of a ring");
    if (code != 0) {
        sr__posix_place_close(made);
        return code;
    }
    *place = made;
    return 0;
}

sr__place_t *sr__posix_place_beside(const sr__place_t *place, const char *name)
{
    sr__place_t *made = calloc(1, sizeof(*made));

    if (!made)
        return NULL;
    made->has_trusted = place->has_trusted;
    made->trusted = place->trusted;
    made->directory = strdup(place->directory);
    if (!made->directory || !name_files(made, name)) {
        sr__posix_place_close(made);
        return NULL;
    }
    return made;
}

void sr__posix_place_close(sr__place_t *place)
{
    if (!place)
        return;
    free(place->segment_path);
    free(place->lock_path);
    free(place->directory);
    free(place);
}
