/* SPDX-License-Identifier: Apache-2.0 */
/* What recordings ask of the operating system: a file that is written piece by piece, cut behind the last whole piece and read
 * anywhere. As in host.h: 0, or a positive system error number. host_<system>_disk.c implements it. */
#ifndef SLOTRING_TOOL_HOST_DISK_H
#define SLOTRING_TOOL_HOST_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct host_part {
    const void *data;
    uint64_t size;
} host_part_t;

/* Opens a file to read and write it; creates it with `create`, if there is none. */
int host_open_record(const char *path, bool create, int *file);
/* Has the file for this process alone, as far as others ask, until it is closed. host_is_locked(error): another one has it. */
int host_lock(int file);
bool host_is_locked(int error);
int host_file_size(int file, uint64_t *size);
/* Reads from `offset` on until `size` bytes are there, or the file ends. */
int host_read_at(int file, uint64_t offset, void *buffer, uint64_t size, uint64_t *got);
/* Writes all parts, one behind the other, at the file's position. A request to stop does not end it in between. */
int host_write_parts(int file, const host_part_t *parts, size_t count);
/* Has the disk keep `size` bytes of room from `offset` on, behind the end of the file, whose size stays: writing there is faster then.
 * host_cut gives back what was not used. Where the system has no such call, or no room, nothing happens. */
void host_reserve(int file, uint64_t offset, uint64_t size);
/* Cuts the file there, and goes on writing there. */
int host_cut(int file, uint64_t size);
/* Brings the names in the folder of `path` to the disk. Nothing to do where that is not to be had. */
int host_sync_folder(const char *path);
/* Calls `found` with each name in the folder of `path`. */
int host_each_name(const char *path, void (*found)(void *user, const char *name), void *user);

#endif
