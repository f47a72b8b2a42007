/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that stay open for their locks: a forked child closes them, and a host may have closed them. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

/* Closes, and does not unlock: the lock is the parent's, too. */
static void give_up(sr__open_file_t *open)
{
    sr__lock_file_t *file = (sr__lock_file_t *)(void *)open;

    sr__posix_fd_close(&file->fd, file->identity);
}

/* Who had this descriptor's number before has lost it to a host that closes what is not its own, even if it leads to the
 * same file again: two handles must not take one open file for theirs. */
static void take_number(const sr__lock_file_t *made)
{
    for (sr__open_file_t *open = sr__open_files(); open; open = open->next) {
        sr__lock_file_t *file = (sr__lock_file_t *)(void *)open;
        if (open->give_up == give_up && atomic_load(&file->fd) == atomic_load(&made->fd))
            atomic_store(&file->fd, -1);
    }
}

void sr__posix_lock_file_add(sr__lock_file_t *file)
{
    take_number(file);
    sr__open_files_add(&file->open, give_up);
}

void sr__posix_lock_file_remove(sr__lock_file_t *file)
{
    sr__open_files_remove(&file->open);
}
