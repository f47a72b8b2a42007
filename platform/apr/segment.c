/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: an entry that leads to an object, opened, looked at, recognised again. APR maps what it opens, for reading
 * and writing: an observer has a mapping, too, but nothing here writes to it, and what is read goes through a pipe. */
#include <stdlib.h>
#include <string.h>

#include "apr/apr_internal.h"
#include "common/dump.h"

sr__segment_t *sr__apr_segment_new(const sr__place_t *place)
{
    sr__segment_t *segment = calloc(1, sizeof *segment);
    size_t size = strlen(place->entry) + 1;

    if (!segment)
        return NULL;
    segment->entry = malloc(size);
    if (!segment->entry) {
        free(segment);
        return NULL;
    }
    memcpy(segment->entry, place->entry, size);
    return segment;
}

static int open_object(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    sr__entry_t *entry = malloc(sizeof *entry);

    if (!entry)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");
    int failed = sr__apr_entry_read(place, place->entry, entry, error);
    if (failed == 0)
        failed = sr__apr_object_open(entry, &segment->object, error);
    segment->size = entry->size;
    segment->identity = entry->identity;
    segment->owner = entry->owner;
    free(entry);
    return failed;
}

int sr__apr_segment_open(sr__place_t *place, bool writable, sr__segment_t **segment, slotring_error_t *error)
{
    (void)writable;
    *segment = NULL;
    sr__segment_t *made = sr__apr_segment_new(place);
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");
    int failed = open_object(place, made, error);
    if (failed == 0) {
        *segment = made;
        return 0;
    }
    sr__apr_segment_close(made);
    if (failed == SLOTRING_E_NOT_FOUND)
        sr__apr_clean(place);
    return failed;
}

/* Asked of the system each time: others may cut the object. */
uint64_t sr__apr_segment_size(sr__segment_t *segment)
{
    uint64_t lead = sr__apr_object_lead(), mapped = segment->object.mapped;
    uint64_t limit = mapped - lead < segment->size ? mapped - lead : segment->size;

    return sr__apr_readable(segment->object.start + lead, limit);
}

uint64_t sr__apr_segment_owner(sr__segment_t *segment)
{
    return segment->owner;
}

int sr__apr_segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    uint64_t lead = sr__apr_object_lead(), limit = segment->object.mapped - lead;

    if (limit > segment->size)
        limit = segment->size;
    if (offset > limit || size > limit - offset)
        return SLOTRING_E_TRUNCATED;
    return sr__apr_read_memory(segment->object.start + lead + offset, buffer, size);
}

int sr__apr_segment_map(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                        slotring_error_t *error)
{
    uint64_t there = sr__apr_segment_size(segment);

    if (there < size)
        return sr__fail(error, SLOTRING_E_TRUNCATED, 0,
                        "the shared memory of %s has %llu bytes, %llu are to be mapped", segment->entry,
                        (unsigned long long)there, (unsigned long long)size);
    segment->mapped = true;
    if ((mapping_flags & SR__MAP_PREFAULT) && sr__apr_prefault(sr__apr_segment_memory(segment), size))
        segment->granted |= SR__MAP_PREFAULT;
    return 0;
}

void *sr__apr_segment_memory(sr__segment_t *segment)
{
    return segment->mapped ? segment->object.start + sr__apr_object_lead() : NULL;
}

/* APR has no word for huge pages and for locked memory: neither is ever granted. */
uint32_t sr__apr_segment_granted(sr__segment_t *segment)
{
    return segment->granted;
}

/* Nor for the nodes of a machine (no SLOTRING_CAN_BIND_MEMORY). */
uint32_t sr__apr_segment_node(sr__segment_t *segment)
{
    (void)segment;
    return SLOTRING_NO_NUMA_NODE;
}

void sr__apr_segment_leave_out(sr__segment_t *segment, uint64_t from)
{
    sr__dump_leave_out(segment->object.start, (size_t)segment->object.mapped, sr__apr_object_lead() + from);
}

void sr__apr_segment_close(sr__segment_t *segment)
{
    if (!segment)
        return;
    sr__apr_object_close(&segment->object, segment->journal != NULL);
    if (segment->journal)
        sr__apr_file_remove(segment->journal_path, "a journal", NULL);
    sr__apr_lock_file_close(segment->journal);
    free(segment->journal_path);
    free(segment->entry);
    free(segment);
}
