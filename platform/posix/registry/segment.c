/* SPDX-License-Identifier: Apache-2.0 */
/* Segments behind an entry: opened, looked at, recognised again. All of an object is mapped when it is opened, and no
 * descriptor stays open: of objects that were made by shm_open not every system says which one a descriptor leads to, and
 * a host may have closed it. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/dump.h"
#include "posix/registry/registry_internal.h"

#define ATTEMPTS 100

sr__segment_t *sr__posix_segment_new(const sr__place_t *place)
{
    sr__segment_t *segment = calloc(1, sizeof *segment);

    if (!segment)
        return NULL;
    atomic_init(&segment->journal.fd, -1);
    segment->entry_path = strdup(place->segment_path);
    if (segment->entry_path)
        return segment;
    free(segment);
    return NULL;
}

int sr__posix_segment_mmap(sr__segment_t *segment, int fd, uint64_t size, slotring_error_t *error)
{
    int failed = sr__posix_map_shared(fd, size, segment->writable, segment->object, &segment->memory, error);

    if (failed == 0)
        segment->size = (size_t)size;
    return failed;
}

static int open_object(const sr__place_t *place, const sr__entry_t *entry, sr__segment_t *segment,
                       slotring_error_t *error)
{
    struct stat status;
    int fd;

    memcpy(segment->object, entry->object, sizeof segment->object);
    segment->owner = entry->owner;
    int failed = sr__posix_object_open(place, entry, segment->writable, &fd, &status, error);
    if (failed != 0)
        return failed;
    segment->identity = sr__posix_identity_of(&status);
    uint64_t size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
    if (size > entry->size) /* some systems count whole pages */
        size = entry->size;
    if (size > 0)
        failed = sr__posix_segment_mmap(segment, fd, size, error);
    close(fd);
    return failed;
}

/* A ring of this name that was made by Linux's own mechanisms lies beside. */
static int refuse_files(const sr__place_t *place, slotring_error_t *error)
{
    char *path = place->name ? sr__posix_join(place->directory, "slotring.", place->name) : NULL;
    bool there = path && sr__posix_path_exists(path);

    free(path);
    if (!there)
        return SLOTRING_E_NOT_FOUND;
    return sr__fail(error, SLOTRING_E_BACKEND, 0,
                    "ring \"%s\" in %s was made with Linux's own mechanisms, this library was built with the "
                    "portable ones (SLOTRING_POSIX_MECHANISMS): use one build for both",
                    place->name, place->directory);
}

int sr__posix_segment_open(sr__place_t *place, bool writable, sr__segment_t **segment,
                           slotring_error_t *error)
{
    sr__entry_t entry;
    int failed = SLOTRING_E_NOT_FOUND;
    sr__segment_t *made = sr__posix_segment_new(place);

    *segment = NULL;
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
    made->writable = writable;
    for (int i = 0; i < ATTEMPTS; i++) {
        failed = sr__posix_entry_read(place, place->segment_path, true, place->name, &entry, error);
        if (failed == 0)
            failed = open_object(place, &entry, made, error);
        /* Removed, and perhaps made again, between the two? */
        if (failed != SLOTRING_E_NOT_FOUND || !sr__posix_segment_exists(place))
            break;
    }
    if (failed == 0) {
        *segment = made;
        return 0;
    }
    sr__posix_segment_close(made);
    if (failed == SLOTRING_E_NOT_FOUND) {
        sr__posix_clean(place);
        failed = refuse_files(place, error);
    }
    return failed;
}

/* Asked of the system by the object's name; one that has none any more is its users' alone. */
uint64_t sr__posix_segment_size(sr__segment_t *segment)
{
    struct stat status;
    uint64_t size = segment->size;
    int fd = sr__above_streams(shm_open(segment->object, O_RDONLY, 0));

    if (fd < 0)
        return size;
    sr__identity_t now = {0, 0};
    bool known = fstat(fd, &status) == 0 && status.st_size >= 0;
    if (known)
        now = sr__posix_identity_of(&status);
    if (known && sr__identity_equal(now, segment->identity) && (uint64_t)status.st_size < size)
        size = (uint64_t)status.st_size;
    close(fd);
    return size;
}

uint64_t sr__posix_segment_owner(sr__segment_t *segment)
{
    return segment->owner;
}

int sr__posix_segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    if (offset > segment->size || size > segment->size - offset)
        return SLOTRING_E_TRUNCATED;
    return sr__posix_peek((const uint8_t *)segment->memory + offset, buffer, size);
}

int sr__posix_segment_map(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                          slotring_error_t *error)
{
    uint64_t there = sr__posix_segment_size(segment);

    if (there < size)
        return sr__fail(error, SLOTRING_E_TRUNCATED, 0,
                        "the shared memory of %s has %llu bytes, %llu are to be mapped", segment->entry_path,
                        (unsigned long long)there, (unsigned long long)size);
    segment->mapped = true;
    segment->granted =
        sr__posix_memory_prepare(segment->memory, (size_t)size, segment->writable, mapping_flags);
    return 0;
}

void *sr__posix_segment_memory(sr__segment_t *segment)
{
    return segment->mapped ? segment->memory : NULL;
}

uint32_t sr__posix_segment_granted(sr__segment_t *segment)
{
    return segment->granted;
}

uint32_t sr__posix_segment_node(sr__segment_t *segment)
{
    return segment->memory ? sr__posix_node_of(segment->memory, segment->size) : SLOTRING_NO_NUMA_NODE;
}

void sr__posix_segment_leave_out(sr__segment_t *segment, uint64_t from)
{
    sr__dump_leave_out(segment->memory, segment->size, from);
}

void sr__posix_segment_close(sr__segment_t *segment)
{
    if (!segment)
        return;
    if (segment->memory)
        munmap(segment->memory, segment->size);
    if (segment->journal_path) { /* it has never got its name */
        sr__posix_object_unlink(segment->object, geteuid());
        sr__posix_file_unlink(segment->journal_path, "a journal", NULL);
    }
    sr__posix_lock_file_release(&segment->journal);
    free(segment->journal_path);
    free(segment->entry_path);
    free(segment);
}
