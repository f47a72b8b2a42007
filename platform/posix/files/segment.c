/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: a file of shared memory, opened, looked at, mapped, named. */
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
#include "posix/files/files_internal.h"

sr__segment_t *sr__posix_segment_new(const sr__place_t *place, int fd, const struct stat *status,
                                     bool writable)
{
    sr__segment_t *segment = calloc(1, sizeof *segment);

    if (!segment)
        return NULL;
    segment->path = strdup(place->segment_path);
    if (!segment->path) {
        free(segment);
        return NULL;
    }
    atomic_init(&segment->fd, fd);
    segment->writable = writable;
    segment->identity = sr__posix_identity_of(status);
    segment->owner = status->st_uid;
    return segment;
}

int sr__posix_segment_open(sr__place_t *place, bool writable, sr__segment_t **segment,
                           slotring_error_t *error)
{
    struct stat status;
    int fd;

    *segment = NULL;
    int failed =
        sr__posix_file_open(place, place->segment_path, writable, "the ring's segment", &fd, &status, error);
    if (failed != 0)
        return failed;
    *segment = sr__posix_segment_new(place, fd, &status, writable);
    if (*segment)
        return 0;
    close(fd);
    return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
}

/* A descriptor of the segment: the open one or, when that was closed under us, a new one by name. -1:
 * none. */
static int segment_fd(sr__segment_t *segment)
{
    int fd = atomic_load(&segment->fd);

    if (sr__posix_fd_is(fd, segment->identity))
        return fd;
    fd = sr__above_streams(
        open(segment->path, (segment->writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (fd >= 0 && !sr__posix_fd_is(fd, segment->identity)) {
        close(fd);
        fd = -1;
    }
    atomic_store(&segment->fd, fd);
    return fd;
}

/* A mapped segment with a name lets go of its descriptor: a process may have a thousand of them. */
static void segment_fd_done(sr__segment_t *segment)
{
    if (segment->memory && !segment->nameless)
        sr__posix_fd_close(&segment->fd, segment->identity);
}

uint64_t sr__posix_segment_size(sr__segment_t *segment)
{
    struct stat status;
    int fd = segment_fd(segment);
    uint64_t size = segment->size; /* nameless and without a descriptor: nobody new can change it */

    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_size >= 0)
        size = (uint64_t)status.st_size;
    segment_fd_done(segment);
    return size;
}

uint64_t sr__posix_segment_owner(sr__segment_t *segment)
{
    return segment->owner;
}

static int read_file(int fd, uint64_t offset, uint8_t *buffer, size_t size)
{
    while (size > 0) {
        if (offset > INT64_MAX)
            return SLOTRING_E_TRUNCATED;
        ssize_t got = pread(fd, buffer, size, (off_t)offset);
        if (got == 0)
            return SLOTRING_E_TRUNCATED;
        if (got < 0 && errno != EINTR)
            return SLOTRING_E_OS;
        if (got > 0) {
            buffer += got;
            offset += (uint64_t)got;
            size -= (size_t)got;
        }
    }
    return 0;
}

int sr__posix_segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    int fd = segment_fd(segment);
    int failed = fd >= 0 ? read_file(fd, offset, buffer, size) : SLOTRING_E_OS;

    segment_fd_done(segment);
    if (fd >= 0 || !segment->memory)
        return failed;
    if (offset > segment->size || size > segment->size - offset)
        return SLOTRING_E_TRUNCATED;
    memcpy(buffer, (const uint8_t *)segment->memory + offset, size);
    return 0;
}

int sr__posix_segment_mmap(sr__segment_t *segment, uint64_t size, slotring_error_t *error)
{
    int failed = sr__posix_map_shared(atomic_load(&segment->fd), size, segment->writable, segment->path,
                                      &segment->memory, error);

    if (failed == 0)
        segment->size = (size_t)size;
    return failed;
}

int sr__posix_segment_map(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                          slotring_error_t *error)
{
    if (segment_fd(segment) < 0)
        return sr__fail(error, SLOTRING_E_OS, EBADF,
                        "the descriptor of %s was closed by the program and the name leads elsewhere now",
                        segment->path);
    uint64_t there = sr__posix_segment_size(segment);
    if (there < size)
        return sr__fail(error, SLOTRING_E_TRUNCATED, 0, "%s has %llu bytes, %llu are to be mapped",
                        segment->path, (unsigned long long)there, (unsigned long long)size);
    int failed = sr__posix_segment_mmap(segment, size, error);
    if (failed != 0)
        return failed;
    if (mapping_flags & SR__MAP_HUGE_PAGES)
        sr__posix_memory_huge(segment->memory, segment->size, segment->writable);
    segment->granted =
        sr__posix_memory_prepare(segment->memory, segment->size, segment->writable, mapping_flags);
    segment_fd_done(segment);
    return 0;
}

void *sr__posix_segment_memory(sr__segment_t *segment)
{
    return segment->memory;
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

bool sr__posix_segment_is_named(sr__place_t *place, sr__segment_t *segment)
{
    return sr__posix_path_is(place->segment_path, segment->identity);
}

int sr__posix_segment_stands(const sr__place_t *place, const sr__segment_t *segment)
{
    struct stat status;

    if (lstat(place->segment_path, &status) != 0)
        return errno == ENOENT ? 0 : -1;
    return sr__identity_equal(sr__posix_identity_of(&status), segment->identity);
}

bool sr__posix_segment_exists(sr__place_t *place)
{
    return sr__posix_path_exists(place->segment_path);
}

int sr__posix_segment_may_unlink(sr__place_t *place, slotring_error_t *error)
{
    return sr__posix_file_may_unlink(place->segment_path, "the ring's segment", error);
}

int sr__posix_segment_unlink(sr__place_t *place, slotring_error_t *error)
{
    return sr__posix_file_unlink(place->segment_path, "the ring's segment", error);
}

void sr__posix_segment_close(sr__segment_t *segment)
{
    if (!segment)
        return;
    if (segment->memory)
        munmap(segment->memory, segment->size);
    sr__posix_fd_close(&segment->fd, segment->identity);
    free(segment->path);
    free(segment);
}
