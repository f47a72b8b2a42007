/* SPDX-License-Identifier: Apache-2.0 */
/* New segments. An object has a name from the start, and a killed creator would leave it. So a journal comes first,
 * which says what the object will be called and is locked by its creator; it becomes the ring's entry by one rename,
 * when all else is done. One that nobody has locked is removed with its object by whoever meets it. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/medium.h"
#include "posix/registry/registry_internal.h"

#define ATTEMPTS 100 /* a cleaner may be quicker than our lock; so often is not chance */
#define JOURNAL "the new ring's journal"
#define ENTRY_MODE 0644 /* names are no secret; memory is, by its own mode */
static int open_journal(const sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    int failed = sr__posix_lock_file_open(place, segment->journal_path, SR__LOCK_FILE_MAKE, JOURNAL,
                                          &segment->journal, error);

    if (failed != 0)
        return failed;
    int number = sr__posix_lock_file_lock(&segment->journal, false);
    if (number == 0 && sr__posix_path_is(segment->journal_path, segment->journal.identity))
        return 0;
    if (number != 0 && number != EAGAIN)
        return sr__posix_fail_os(error, number, "cannot lock %s in %s", JOURNAL, place->directory);
    return SLOTRING_E_EXISTS; /* somebody cleaned it away before it was locked */
}

static int name_object(const sr__place_t *place, sr__entry_t *entry, sr__segment_t *segment,
                       slotring_error_t *error)
{
    char id[SR__ID_DIGITS + 1];

    if (!sr__posix_new_id(id))
        return sr__fail(error, SLOTRING_E_OS, 0, "no random bytes for the name of a segment");
    segment->journal_path = sr__posix_journal_path(place, id);
    if (!segment->journal_path)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
    sr__posix_object_name(place, id, entry->object);
    memcpy(segment->object, entry->object, sizeof segment->object);
    return 0;
}

static int fill(const sr__place_t *place, int fd, uint64_t size, uint32_t mapping_flags,
                sr__segment_t *segment, slotring_error_t *error)
{
    char where[300];
    struct stat status;

    snprintf(where, sizeof where, "shared memory (for a ring in %.200s)", place->directory);
    int failed = sr__posix_set_size(fd, where, size, error);
    if (failed == 0)
        failed = sr__posix_segment_mmap(segment, fd, size, error);
    if (failed == 0)
        failed = sr__posix_commit(fd, segment->memory, where, size, error);
    if (failed == 0 && fstat(fd, &status) == 0)
        segment->identity = sr__posix_identity_of(&status);
    if (failed == 0)
        segment->granted = sr__posix_memory_prepare(segment->memory, segment->size, true, mapping_flags);
    return failed;
}

/* E_EXISTS: once more, with another name. */
static int make_once(const sr__place_t *place, sr__entry_t *entry, const sr__rights_t *rights,
                     uint32_t mapping_flags, sr__segment_t *segment, slotring_error_t *error)
{
    int fd, failed = name_object(place, entry, segment, error);

    if (failed == 0)
        failed = open_journal(place, segment, error);
    if (failed == 0 && fchmod(atomic_load(&segment->journal.fd), ENTRY_MODE) != 0)
        failed = sr__posix_fail_os(error, errno, "cannot set the mode of %s", JOURNAL);
    if (failed == 0)
        failed =
            sr__posix_entry_write(atomic_load(&segment->journal.fd), segment->journal_path, entry, error);
    if (failed == 0)
        failed = sr__posix_object_make(entry->object, rights->segment, rights, &fd, error);
    if (failed != 0)
        return failed;
    failed = fill(place, fd, entry->size, mapping_flags, segment, error);
    close(fd);
    return failed;
}

static int make(const sr__place_t *place, const sr__segment_config_t *config, const sr__rights_t *rights,
                uint32_t mapping_flags, sr__segment_t **segment, slotring_error_t *error)
{
    sr__entry_t entry = {.size = config->size, .kind = SR__POSIX_KIND};
    int failed = SLOTRING_E_EXISTS;

    snprintf(entry.name, sizeof entry.name, "%s", place->name);
    sr__text_hex(config->ring_id, sizeof config->ring_id, entry.ring_id);
    for (int i = 0; i < ATTEMPTS && failed == SLOTRING_E_EXISTS; i++) {
        sr__segment_t *made = sr__posix_segment_new(place);
        if (!made)
            return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
        made->writable = true;
        failed = make_once(place, &entry, rights, mapping_flags, made, error);
        if (failed == 0)
            *segment = made;
        else
            sr__posix_segment_close(made);
    }
    if (failed == SLOTRING_E_EXISTS)
        return sr__fail(error, SLOTRING_E_BUSY, 0, "the journals of new rings in %s are removed all the time",
                        place->directory);
    return failed;
}

int sr__posix_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                             sr__segment_t **segment, slotring_error_t *error)
{
    sr__rights_t rights;

    *segment = NULL;
    int failed = sr__posix_rights_of(config, &rights, error);
    if (failed == 0)
        failed = sr__posix_check_file_limit(config->size, error);
    if (failed == 0)
        failed = sr__medium_check(SR__MEDIUM_OF_OBJECTS, error);
    if (failed != 0)
        return failed;
    sr__posix_clean(place);
    failed = make(place, config, &rights, mapping_flags, segment, error);
    if (failed != 0)
        return failed;
    (*segment)->owner = geteuid();
    (*segment)->mapped = true;
    (*segment)->rights = rights;
    return 0;
}

/* Without taking the place of another entry, where the system can. 0 or errno. */
static int rename_new(const char *from, const char *to)
{
#if defined(RENAME_NOREPLACE)
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
#elif defined(RENAME_EXCL)
    if (renamex_np(from, to, RENAME_EXCL) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOTSUP)
        return errno;
#endif
    /* The mutex is held: only a removal by force, and a creation behind it, could come between the two. */
    return sr__posix_path_exists(to) ? EEXIST : rename(from, to) == 0 ? 0 : errno;
}

int sr__posix_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    if (!sr__posix_lock_file_is_open(&segment->journal))
        return sr__fail(error, SLOTRING_E_OS, EBADF,
                        "the program closed the new segment's descriptor before it had a name");
    sr__posix_remove_stale(place);
    int failed = sr__posix_rights_adapt(place, &segment->rights, error);
    if (failed == 0)
        failed = sr__posix_deaths_adapt(place, error);
    if (failed != 0)
        return failed;
    (void)fsync(atomic_load(&segment->journal.fd)); /* a name that outlives a loss of power has contents */
    int number = rename_new(segment->journal_path, place->segment_path);
    if (number == EEXIST)
        return sr__fail(error, SLOTRING_E_EXISTS, number, "%s exists", place->segment_path);
    if (number != 0)
        return sr__posix_fail_os(error, number, "cannot give the new ring its entry %s", place->segment_path);
    free(segment->journal_path);
    segment->journal_path = NULL;
    sr__posix_lock_file_release(&segment->journal); /* the lock has done its work */
    return 0;
}
