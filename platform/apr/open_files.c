/* SPDX-License-Identifier: Apache-2.0 */
/* The files that stay open for their locks: which there are, whether each is still ours, and what becomes of them in a
 * forked child. Called while fork is forbidden. */
#include <apr_portable.h>

#include "apr_internal.h"

static sr__kept_t *kept_list;

bool sr__apr_kept_is_open(const sr__kept_t *kept)
{
    apr_finfo_t info;
    if (!kept->file || atomic_load(&kept->lost))
        return false;
    apr_status_t status = apr_file_info_get(&info, APR_FINFO_IDENT, kept->file);

    return (status == APR_SUCCESS || status == APR_INCOMPLETE) &&
           sr__apr_identity_equal(sr__apr_identity_of(&info), kept->identity);
}

/* Who had this descriptor's number before has lost it, even if it leads to the same file again: two handles must not
 * take one open file for theirs. */
static void take_number(const sr__kept_t *made)
{
    apr_os_file_t number, other;

    if (apr_os_file_get(&number, made->file) != APR_SUCCESS)
        return;
    for (sr__kept_t *kept = kept_list; kept; kept = kept->next)
        if (kept->file && apr_os_file_get(&other, kept->file) == APR_SUCCESS && other == number)
            atomic_store(&kept->lost, true);
}

void sr__apr_open_files_add(sr__kept_t *made)
{
    take_number(made);
    made->next = kept_list;
    if (kept_list)
        kept_list->previous = made;
    kept_list = made;
}

void sr__apr_open_files_remove(sr__kept_t *kept)
{
    if (kept->next)
        kept->next->previous = kept->previous;
    if (kept->previous)
        kept->previous->next = kept->next;
    else if (kept_list == kept)
        kept_list = kept->next;
    kept->next = kept->previous = NULL;
}

void sr__apr_open_file_unpin(sr__kept_t *kept)
{
#if APR_HAS_MMAP
    if (kept->pin)
        apr_mmap_delete(kept->pin);
#endif
    kept->pin = NULL;
}

void sr__apr_kept_forget_others(uint64_t process)
{
    for (sr__kept_t *kept = kept_list, *next; kept; kept = next) {
        next = kept->next;
        if (kept->process == process)
            continue; /* a handler of the host's was first, and opened a ring */
        sr__apr_open_files_remove(kept);
        if (!kept->hidden)
            sr__apr_open_file_unpin(kept);
        if (sr__apr_kept_is_open(kept)) {
            apr_file_close(kept->file); /* only closes: unlocking would unlock the parent's */
            kept->file = NULL;
        }
    }
}
