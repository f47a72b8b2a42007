/* SPDX-License-Identifier: Apache-2.0 */
/* Where rings lie: a directory, and in it what names.c of the family in use makes of a ring's name. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/posix_internal.h"

/* Shared memory where it is a directory; else one that is not emptied behind its users' backs, as /tmp is. */
#ifdef __linux__
#define DEFAULT_DIRECTORY "/dev/shm"
#else
#define DEFAULT_DIRECTORY "/var/tmp"
#endif

static const char *wanted_directory(const sr__place_config_t *config)
{
    if (config && config->directory)
        return config->directory;
    const char *wanted = sr__environment("SLOTRING_DIR");
    return wanted && *wanted ? wanted : DEFAULT_DIRECTORY;
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
    place->folder = sr__posix_identity_of(&status);
    if (stat("/", &status) == 0)
        place->root = sr__posix_identity_of(&status);
    return 0;
}

int sr__posix_place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                         slotring_error_t *error)
{
    sr__place_t *made = calloc(1, sizeof *made);
    int failed = made ? 0 : SLOTRING_E_NO_MEMORY;

    *place = NULL;
    if (failed == 0)
        failed = find_directory(made, wanted_directory(config), error);
    if (failed == 0 && config && config->trusted_owner) {
        failed = sr__posix_user_find(config->trusted_owner, &made->trusted, error);
        made->has_trusted = failed == 0;
    }
    if (failed == 0 && name && !sr__posix_place_name(made, name))
        failed = SLOTRING_E_NO_MEMORY;
    if (failed == SLOTRING_E_NO_MEMORY)
        sr__fail(error, failed, ENOMEM, "no memory for the paths of a ring");
    if (failed != 0) {
        sr__posix_place_close(made);
        return failed;
    }
    *place = made;
    return 0;
}

bool sr__posix_root_changed(const sr__place_t *place)
{
    struct stat status;
    return stat("/", &status) != 0 || !sr__identity_equal(sr__posix_identity_of(&status), place->root);
}

sr__place_t *sr__posix_place_copy(const sr__place_t *place)
{
    sr__place_t *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->has_trusted = place->has_trusted;
    made->trusted = place->trusted;
    made->folder = place->folder;
    made->root = place->root;
    made->directory = strdup(place->directory);
    if (!made->directory) {
        sr__posix_place_close(made);
        return NULL;
    }
    return made;
}

void sr__posix_place_close(sr__place_t *place)
{
    if (!place)
        return;
    free(place->name);
    free(place->segment_path);
    free(place->lock_path);
    free(place->directory);
    free(place);
}
