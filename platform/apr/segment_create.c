/* SPDX-License-Identifier: Apache-2.0 */
/* New segments. An object has a name from the start, and a killed creator would leave it. So a journal comes first: a
 * file that says which object it will be, locked by its creator. It becomes the ring's entry by one rename, when all
 * else is done. One that nobody has locked, and the object that it names, are removed by whoever comes across it
 * (leftover.c). */
#include <apr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if APR_HAVE_GETRLIMIT
#include <sys/resource.h>
#endif
#if APR_HAVE_UNISTD_H
#include <unistd.h>
#endif

#include "apr/apr_internal.h"
#include "common/medium.h"

#define ATTEMPTS 100 /* a cleaner may be quicker than our lock; so often is not chance */

/* APR has no words for these limits, and would go above them: a file's (which raises SIGXFSZ), and what the machine has
 * at all, since commit() finds the end of it only after it has taken it from everybody else. */
static int check_limits(uint64_t size, slotring_error_t *error)
{
#if APR_HAVE_GETRLIMIT && defined(RLIMIT_FSIZE)
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && size > limit.rlim_cur)
        return sr__fail(
            error, SLOTRING_E_NO_SPACE, 0,
            "a segment of %llu bytes is above this process's limit for files, %llu bytes (see ulimit -f)",
            (unsigned long long)size, (unsigned long long)limit.rlim_cur);
#endif
#if APR_HAVE_UNISTD_H && defined(_SC_PHYS_PAGES)
    long pages = sysconf(_SC_PHYS_PAGES);
    if (pages > 0 && size / sr__apr_page_size() >= (uint64_t)pages)
        return sr__fail(error, SLOTRING_E_NO_SPACE, 0,
                        "a segment of %llu bytes is more than all memory of the machine, %llu bytes",
                        (unsigned long long)size, (unsigned long long)pages * sr__apr_page_size());
#endif
    (void)size, (void)error;
    return 0;
}

/* APR has several ways to make an object of a path: in shared memory, or as a file. */
static int check_medium(const sr__place_t *place, slotring_error_t *error)
{
#if APR_USE_SHMEM_MMAP_SHM
    (void)place;
    return sr__medium_check(SR__MEDIUM_OF_OBJECTS, error);
#elif APR_USE_SHMEM_MMAP_TMP
    return sr__medium_check(place->directory, error);
#else
    (void)place, (void)error;
    return 0; /* the system's own memory */
#endif
}

/* A journal that is locked and still has its name. */
static int open_journal(const sr__place_t *place, const char *path, sr__lock_file_t **journal,
                        slotring_error_t *error)
{
    int failed =
        sr__apr_lock_file_open(place, path, SR__LOCK_FILE_MAKE, "the new ring's journal", journal, error);

    if (failed != 0)
        return failed;
    if (sr__apr_lock_file_lock(*journal, false, NULL) == 0 && sr__apr_path_is(path, (*journal)->identity))
        return 0;
    sr__apr_file_remove(path, "the new ring's journal", NULL);
    sr__apr_lock_file_close(*journal);
    *journal = NULL;
    return SLOTRING_E_EXISTS;
}

static int name_object(const sr__place_t *place, sr__entry_t *entry, sr__segment_t *segment,
                       slotring_error_t *error)
{
    size_t size = strlen(place->entry) + sizeof ".new." + SR__APR_ID_DIGITS;

    if (!sr__apr_new_id(entry->id))
        return sr__fail(error, SLOTRING_E_OS, 0, "no random bytes for the name of an object");
    free(segment->journal_path);
    segment->journal_path = malloc(size);
    if (!segment->journal_path)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");
    sr__apr_journal_path(place, entry->id, segment->journal_path, size);
    int length =
        snprintf(entry->object, sizeof entry->object, "%s/" SR__APR_PREFIX "%s", place->directory, entry->id);
    if (length < 0 || (size_t)length >= sizeof entry->object)
        return sr__fail(error, SLOTRING_E_NAME, 0,
                        "the path of directory %s is too long, the limit is %d bytes", place->directory,
                        SR__APR_OBJECT_MAX - 64);
    return 0;
}

/* E_EXISTS: the journal was cleaned away before it was locked, or another program's object has this hash. */
static int make_once(const sr__place_t *place, sr__entry_t *entry, sr__segment_t *segment,
                     slotring_error_t *error)
{
    int failed = name_object(place, entry, segment, error);

    if (failed == 0)
        failed = open_journal(place, segment->journal_path, &segment->journal, error);
    if (failed != 0)
        return failed;
    failed = sr__apr_entry_write(segment->journal, entry, error);
    if (failed == 0)
        failed = sr__apr_entry_reserve(segment->journal, error);
    if (failed == 0)
        failed = sr__apr_object_make(entry, segment->journal, place->directory, &segment->object, error);
    if (failed == 0)
        return 0;
    sr__apr_file_remove(segment->journal_path, "the new ring's journal", NULL);
    sr__apr_lock_file_close(segment->journal);
    segment->journal = NULL;
    return failed;
}

static int make(const sr__place_t *place, uint64_t size, sr__segment_t *segment, slotring_error_t *error)
{
    sr__entry_t *entry = calloc(1, sizeof *entry);
    int failed =
        entry ? SLOTRING_E_EXISTS : sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");

    if (entry) {
        entry->size = size;
        snprintf(entry->name, sizeof entry->name, "%s", place->name);
        for (int i = 0; i < ATTEMPTS && failed == SLOTRING_E_EXISTS; i++)
            failed = make_once(place, entry, segment, error);
    }
    free(entry);
    if (failed == SLOTRING_E_EXISTS)
        return sr__fail(error, SLOTRING_E_BUSY, 0, "the journals of new rings in %s are removed all the time",
                        place->directory);
    return failed;
}

int sr__apr_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                           sr__segment_t **segment, slotring_error_t *error)
{
    *segment = NULL;
    int failed = sr__apr_rights_check(config, error);
    if (failed == 0)
        failed = check_limits(config->size + sr__apr_object_lead(), error);
    if (failed == 0)
        failed = check_medium(place, error);
    if (failed == 0)
        failed = sr__apr_locks_check(place, error);
    if (failed != 0)
        return failed;
    sr__apr_clean(place);
    sr__segment_t *made = sr__apr_segment_new(place);
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");
    failed = make(place, config->size, made, error);
    if (failed != 0) {
        sr__apr_segment_close(made);
        return failed;
    }
    made->size = config->size;
    made->identity = made->journal->identity;
    made->owner = (uint64_t)sr__apr_user_own();
    made->mapped = true;
    made->granted = mapping_flags & SR__MAP_PREFAULT; /* commit() has touched them all */
    *segment = made;
    return 0;
}

int sr__apr_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    apr_pool_t *pool = sr__apr_pool();

    if (!pool)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory to name the new ring");
    apr_status_t status = APR_EEXIST;
    if (!sr__apr_segment_exists(
            place)) /* else an entry without an object is overwritten: the mutex is held */
        status = apr_file_rename(segment->journal_path, place->entry, pool);
    apr_pool_destroy(pool);
    if (APR_STATUS_IS_EEXIST(status))
        return sr__fail(error, SLOTRING_E_EXISTS, status, "%s exists", place->entry);
    if (status != APR_SUCCESS)
        return sr__apr_fail(error, status, "cannot give the new ring its entry %s", place->entry);
    sr__apr_lock_file_close(segment->journal); /* the lock has done its work */
    segment->journal = NULL;
    return 0;
}
