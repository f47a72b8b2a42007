/* SPDX-License-Identifier: Apache-2.0 */
/* Making a segment: nameless until it is complete, so that a kill leaves nothing; committed to the last
 * byte, so that too little memory is an error here and no fault later. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "posix_internal.h"

/* Commits are done piece by piece: a signal undoes the one it interrupts, so that a program with a fast timer
 * would never finish a large one. A piece that was interrupted is tried again at half its size. */
#define COMMIT_PIECE ((uint64_t)64 << 20)

/* Going above this limit would raise SIGXFSZ, which kills. */
static int check_file_limit(uint64_t size, slotring_error_t *error)
{
    struct rlimit limit;

    if (size > INT64_MAX)
        return sr__fail(error, SLOTRING_E_NO_SPACE, EFBIG, "a segment of %llu bytes is larger than any file",
                        (unsigned long long)size);
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur)
        return 0;
    return sr__fail(
        error, SLOTRING_E_NO_SPACE, EFBIG,
        "a segment of %llu bytes is above this process's limit for files, %llu bytes (see ulimit -f)",
        (unsigned long long)size, (unsigned long long)limit.rlim_cur);
}

/* commit() comes to the same end, but only after it has taken all there is from everybody else. */
static bool has_room(int fd, uint64_t size)
{
    struct statvfs space;

    if (fstatvfs(fd, &space) != 0 || space.f_blocks == 0)
        return true; /* not said, or without a limit */
    return size / space.f_frsize <= space.f_bfree;
}

static int fail_for_space(int fd, const char *directory, uint64_t size, int number, slotring_error_t *error)
{
    struct statvfs space;

    /* Give back what was got: what is reported as free is what the next attempt can have. */
    if (ftruncate(fd, 0) != 0 || fstatvfs(fd, &space) != 0 || space.f_blocks == 0)
        return sr__fail(error, SLOTRING_E_NO_SPACE, number, "%s has no room for a segment of %llu bytes",
                        directory, (unsigned long long)size);
    unsigned long long free_bytes = (unsigned long long)space.f_bavail * space.f_frsize;
    unsigned long long all_bytes = (unsigned long long)space.f_blocks * space.f_frsize;
    return sr__fail(error, SLOTRING_E_NO_SPACE, number,
                    "%s has no room for a segment of %llu bytes: %llu of its %llu bytes are free%s",
                    directory, (unsigned long long)size, free_bytes, all_bytes,
                    free_bytes >= size ? ", but the machine's memory or a quota is exhausted"
                                       : "; make the ring smaller or that file system larger");
}

static int commit(int fd, const char *directory, uint64_t size, slotring_error_t *error)
{
    uint64_t piece = COMMIT_PIECE, page = sr__posix_page_size();

    for (uint64_t done = 0; done < size;) {
        uint64_t now = size - done < piece ? size - done : piece;
        int number = posix_fallocate(fd, (off_t)done, (off_t)now);
        if (number == 0) {
            done += now;
        } else if (number == EINTR) {
            piece = piece / 2 > page ? piece / 2 : page;
        } else if (number == ENOSPC || number == ENOMEM || number == EFBIG || number == EDQUOT) {
            return fail_for_space(fd, directory, size, number, error);
        } else {
            return sr__posix_fail_os(error, number, "cannot commit a segment of %llu bytes in %s",
                                     (unsigned long long)size, directory);
        }
    }
    return 0;
}

static int set_size(int fd, const char *directory, uint64_t size, slotring_error_t *error)
{
    if (!has_room(fd, size))
        return fail_for_space(fd, directory, size, ENOSPC, error);
    if (ftruncate(fd, (off_t)size) == 0)
        return 0;
    if (errno == EFBIG || errno == ENOSPC)
        return fail_for_space(fd, directory, size, errno, error);
    return sr__posix_fail_os(error, errno, "cannot make a segment of %llu bytes", (unsigned long long)size);
}

static int fill(sr__segment_t *segment, const char *directory, uint64_t size, uint32_t mapping_flags,
                slotring_error_t *error)
{
    int fd = atomic_load(&segment->fd);
    int code = sr__posix_rights_apply(fd, segment->rights.segment, &segment->rights, error);

    if (code == 0)
        code = set_size(fd, directory, size, error);
    if (code == 0)
        code = sr__posix_segment_mmap(segment, size, error);
    if (code == 0 && (mapping_flags & SR__MAP_HUGE_PAGES))
        sr__posix_memory_huge(segment->memory, segment->size, true);
    if (code == 0)
        code = commit(fd, directory, size, error);
    if (code == 0)
        segment->granted = sr__posix_memory_prepare(segment->memory, segment->size, true, mapping_flags);
    return code;
}

int sr__posix_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                             sr__segment_t **segment, slotring_error_t *error)
{
    sr__rights_t rights;
    struct stat status;
    int fd;

    *segment = NULL;
    int code = sr__posix_rights_of(config, &rights, error);
    if (code == 0)
        code = check_file_limit(config->size, error);
    if (code == 0)
        code = sr__posix_file_nameless(place->directory, &fd, &status, error);
    if (code != 0)
        return code;
    sr__segment_t *made = sr__posix_segment_new(place, fd, &status, true);
    if (!made) {
        close(fd);
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
    }
    made->nameless = true;
    made->rights = rights;
    code = fill(made, place->directory, config->size, mapping_flags, error);
    if (code != 0) {
        sr__posix_segment_close(made);
        return code;
    }
    *segment = made;
    return 0;
}

/* A lock file that was adopted may have been made for other rights. Now is the moment to set them: with
 * the mutex held and no segment there, the file is nobody else's. */
static int adapt_lock_file(const sr__place_t *place, const sr__rights_t *rights, slotring_error_t *error)
{
    struct stat status;
    int fd;
    int code =
        sr__posix_file_open(place, place->lock_path, false, "the ring's lock file", &fd, &status, error);

    if (code != 0)
        return code;
    if (!sr__posix_rights_are(&status, rights->lock, rights))
        code = sr__posix_rights_apply(fd, rights->lock, rights, error);
    close(fd);
    return code;
}

int sr__posix_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    int fd = atomic_load(&segment->fd);

    if (!sr__posix_fd_is(fd, segment->identity))
        return sr__fail(error, SLOTRING_E_OS, EBADF,
                        "the program closed the new segment's descriptor before it had a name");
    if (sr__posix_path_exists(place->segment_path))
        return sr__fail(error, SLOTRING_E_EXISTS, EEXIST, "%s exists", place->segment_path);
    int code = adapt_lock_file(place, &segment->rights, error);
    if (code != 0)
        return code;
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
