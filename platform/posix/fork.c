/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at a fork: the child notices it, gives up the descriptors that would keep its parent's
 * locks alive, and finds the process's private mutexes free. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <pthread.h>
#include <sys/mman.h>

#include "posix_internal.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t process_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t fork_mutex =
    PTHREAD_MUTEX_INITIALIZER; /* taken inside process_mutex, never around it */
static sr__kept_t *kept_list;

/* The mark lies in a page that the kernel wipes in a child, so that also one that was made without fork
 * handlers is noticed. The generation is inherited and only grows: no child has the mark of any of its
 * ancestors. */
static _Atomic uint64_t *mark;
static _Atomic uint64_t mark_without_page;
static _Atomic uint64_t generation;

static void renew_mark(void)
{
    atomic_store(mark, atomic_fetch_add(&generation, 1) + 1);
}

static void before_fork(void)
{
    pthread_mutex_lock(&process_mutex);
    pthread_mutex_lock(&fork_mutex);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&fork_mutex);
    pthread_mutex_unlock(&process_mutex);
}

static void after_fork_in_child(void)
{
    while (kept_list) {
        sr__kept_t *kept = kept_list;
        sr__posix_kept_remove(kept);
        sr__posix_fd_close(&kept->fd, kept->identity);
    }
    renew_mark();
    pthread_mutex_unlock(&fork_mutex);
    pthread_mutex_unlock(&process_mutex);
}

static void prepare(void)
{
    size_t size = (size_t)sr__posix_page_size();
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    mark = page == MAP_FAILED ? &mark_without_page : page;
#ifdef MADV_WIPEONFORK
    if (page != MAP_FAILED)
        (void)madvise(page, size, MADV_WIPEONFORK); /* without it the fork handler has to do */
#elif defined(INHERIT_ZERO)
    if (page != MAP_FAILED)
        (void)minherit(page, size, INHERIT_ZERO);
#endif
    renew_mark();
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

const _Atomic uint64_t *sr__posix_process_mark(void)
{
    uint64_t wiped = 0;

    pthread_once(&once, prepare);
    if (atomic_load(mark) == 0)
        atomic_compare_exchange_strong(mark, &wiped, atomic_fetch_add(&generation, 1) + 1);
    return mark;
}

void sr__posix_process_lock(void)
{
    pthread_once(&once, prepare);
    pthread_mutex_lock(&process_mutex);
}

void sr__posix_process_unlock(void)
{
    pthread_mutex_unlock(&process_mutex);
}

void sr__posix_fork_forbid(void)
{
    pthread_once(&once, prepare);
    pthread_mutex_lock(&fork_mutex);
}

void sr__posix_fork_allow(void)
{
    pthread_mutex_unlock(&fork_mutex);
}

/* Who had this descriptor's number before has lost it to a host that closes what is not its own, even if it leads to the
 * same file again: two handles must not take one open file for theirs. */
static void take_number(const sr__kept_t *made)
{
    for (sr__kept_t *kept = kept_list; kept; kept = kept->next)
        if (atomic_load(&kept->fd) == atomic_load(&made->fd))
            atomic_store(&kept->fd, -1);
}

void sr__posix_kept_add(sr__kept_t *kept)
{
    take_number(kept);
    kept->previous = NULL;
    kept->next = kept_list;
    if (kept_list)
        kept_list->previous = kept;
    kept_list = kept;
    kept->listed = true;
}

void sr__posix_kept_remove(sr__kept_t *kept)
{
    if (!kept->listed)
        return;
    if (kept->previous)
        kept->previous->next = kept->next;
    else
        kept_list = kept->next;
    if (kept->next)
        kept->next->previous = kept->previous;
    kept->listed = false;
}
