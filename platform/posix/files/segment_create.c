/* SPDX-License-Identifier: Apache-2.0 */
/* Making a segment: nameless until it is complete, so that a kill leaves nothing; committed to the last
 * byte, so that too little memory is an error here and no fault later. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/medium.h"
#include "posix/files/files_internal.h"

static int fill(sr__segment_t *segment, const char *directory, const sr__segment_config_t *config,
                uint32_t mapping_flags, slotring_error_t *error)
{
    uint64_t size = config->size;
    int fd = atomic_load(&segment->fd);
    int failed = sr__posix_rights_apply(fd, segment->rights.segment, &segment->rights, error);

    if (failed == 0)
        failed = sr__posix_set_size(fd, directory, size, error);
    if (failed == 0)
        failed = sr__posix_segment_mmap(segment, size, error);
    if (failed == 0)
        failed = sr__posix_bind(segment->memory, segment->size, directory, config->numa_node, error);
    if (failed == 0 && (mapping_flags & SR__MAP_HUGE_PAGES))
        sr__posix_memory_huge(segment->memory, segment->size, true);
    if (failed == 0)
        failed = sr__posix_commit(fd, segment->memory, directory, size, error);
    if (failed == 0)
        segment->granted = sr__posix_memory_prepare(segment->memory, segment->size, true, mapping_flags);
    return failed;
}

int sr__posix_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                             sr__segment_t **segment, slotring_error_t *error)
{
    sr__rights_t rights;
    struct stat status;
    int fd;

    *segment = NULL;
    int failed = sr__posix_rights_of(config, &rights, error);
    if (failed == 0)
        failed = sr__posix_check_file_limit(config->size, error);
    if (failed == 0)
        failed = sr__medium_check(place->directory, error);
    if (failed == 0)
        failed = sr__posix_file_nameless(place->directory, &fd, &status, error);
    if (failed != 0)
        return failed;
    sr__segment_t *made = sr__posix_segment_new(place, fd, &status, true);
    if (!made) {
        close(fd);
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
    }
    made->nameless = true;
    made->rights = rights;
    failed = fill(made, place->directory, config, mapping_flags, error);
    if (failed != 0) {
        sr__posix_segment_close(made);
        return failed;
    }
    *segment = made;
    return 0;
}

/* On a disk the first page, which says what this is and of which boot, comes before the name: so whatever is left of the ring
 * by a power cut is known for a ring. Of files in memory the system has nothing to write. */
static int write_first_page(const sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    int failed;

    do
        failed = msync(segment->memory, (size_t)sr__posix_page_size(), MS_SYNC);
    while (failed != 0 && errno == EINTR);
    if (failed == 0)
        return 0;
    return sr__posix_fail_os(error, errno, "cannot write the first page of the new segment in %s to the disk",
                             place->directory);
}

int sr__posix_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    int fd = atomic_load(&segment->fd);

    if (!sr__posix_fd_is(fd, segment->identity))
        return sr__fail(error, SLOTRING_E_OS, EBADF,
                        "the program closed the new segment's descriptor before it had a name");
    if (sr__posix_path_exists(place->segment_path))
        return sr__fail(error, SLOTRING_E_EXISTS, EEXIST, "%s exists", place->segment_path);
    int failed = sr__posix_rights_adapt(place, &segment->rights, error);
    if (failed == 0)
        failed = write_first_page(place, segment, error);
    if (failed != 0)
        return failed;
    int number = sr__posix_file_link(fd, place->segment_path);
    if (number == EEXIST)
        return sr__fail(error, SLOTRING_E_EXISTS, number, "%s exists", place->segment_path);
    if (number != 0)
        return sr__posix_fail_os(error, number, "cannot give the new segment its name %s",
                                 place->segment_path);
    segment->nameless = false;
    sr__posix_fd_close(&segment->fd, segment->identity);
    return 0;
}
