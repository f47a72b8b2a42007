/* SPDX-License-Identifier: Apache-2.0 */
/* The files that stay open for their locks: which there are, whether each is still ours, and what becomes of them in a
 * forked child. Called while fork is forbidden. */
#include <apr_portable.h>

#include "apr/apr_internal.h"

bool sr__apr_lock_file_is_open(const sr__lock_file_t *file)
{
    apr_finfo_t info;
    if (!file->handle || atomic_load(&file->lost))
        return false;
    apr_status_t status = apr_file_info_get(&info, APR_FINFO_IDENT, file->handle);

    return (status == APR_SUCCESS || status == APR_INCOMPLETE) &&
           sr__identity_equal(sr__apr_identity_of(&info), file->identity);
}

void sr__apr_open_file_unpin(sr__lock_file_t *file)
{
#if APR_HAS_MMAP
    if (file->pin)
        apr_mmap_delete(file->pin);
#endif
    file->pin = NULL;
}

/* Closes, and does not unlock: the lock is the parent's, too. */
static void give_up(sr__open_file_t *open)
{
    sr__lock_file_t *file = (sr__lock_file_t *)(void *)open;

    if (!file->hidden)
        sr__apr_open_file_unpin(file);
    if (sr__apr_lock_file_is_open(file)) {
        apr_file_close(file->handle);
        file->handle = NULL;
    }
}

/* Who had this descriptor's number before has lost it, even if it leads to the same file again: two handles must not
 * take one open file for theirs. */
static void take_number(const sr__lock_file_t *made)
{
    apr_os_file_t number, other;

    if (apr_os_file_get(&number, made->handle) != APR_SUCCESS)
        return;
    for (sr__open_file_t *open = sr__open_files(); open; open = open->next) {
        sr__lock_file_t *file = (sr__lock_file_t *)(void *)open;
        if (open->give_up == give_up && file->handle &&
            apr_os_file_get(&other, file->handle) == APR_SUCCESS && other == number)
            atomic_store(&file->lost, true);
    }
}

void sr__apr_open_files_add(sr__lock_file_t *file)
{
    take_number(file);
    sr__open_files_add(&file->open, give_up);
}
