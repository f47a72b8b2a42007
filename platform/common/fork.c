/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at a fork: the child notices it, and gives up the files that would keep its parent's locks alive. Windows
 * has no fork: there the same calls keep threads of the process apart, and the mark never changes.
 *
 * A host may do anything at a fork. It may have handlers of its own that open and close rings, registered before this
 * library's or after; so they run while this library's lock is held for the fork, in the same thread, or in the child
 * before this library's handler. Hence three rules. The lock is not taken again by the thread that forks. That thread lets
 * go of it whenever it sleeps, since what it waits for may be had by a thread that waits for the lock. And each open
 * descriptor notes the process that keeps it, so that the child gives up its parent's and not its own. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#if defined(_WIN32)
#include <windows.h>
#else
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "common/fork.h"

static sr__open_file_t *list; /* while fork is forbidden */

#if defined(_WIN32)
static const _Atomic uint64_t mark = 1; /* a process is never copied here */
static SRWLOCK fork_lock = SRWLOCK_INIT;

static uint64_t renew_mark(void)
{
    return atomic_load(&mark);
}

const _Atomic uint64_t *sr__process_mark(void)
{
    return &mark;
}

void sr__fork_forbid(void)
{
    AcquireSRWLockExclusive(&fork_lock);
}

void sr__fork_allow(void)
{
    ReleaseSRWLockExclusive(&fork_lock);
}

bool sr__fork_let_others(void)
{
    return false;
}

void sr__fork_go_on(bool let)
{
    (void)let;
}
#else
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t fork_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool forks; /* this thread is between the first and the last handler of a fork */
static _Thread_local pid_t forking_process;   /* where it took the mutex for that */
static _Thread_local sigset_t before_section; /* signals that are blocked meanwhile: a handler may fork */

/* The mark lies in a page that the kernel wipes in a child, so that also one that was made without fork
 * handlers is noticed. The generation is inherited and only grows: no child has the mark of any of its
 * ancestors. Where no page is wiped, the process's number says that this is another one. */
static _Atomic uint64_t *mark;
static _Atomic uint64_t mark_without_page;
static _Atomic uint64_t generation;
static bool wiped_in_children;
static _Atomic uint64_t marked_pid;
static uint64_t mark_at_fork; /* under the mutex */

/* Anew in a child, once. */
static uint64_t renew_mark(void)
{
    uint64_t none = 0;

    /* In the child, in a handler of the host's that runs before this library's, with a page that was not wiped though
     * the kernel said so. */
    if (forks && wiped_in_children && forking_process != getpid() && atomic_load(mark) == mark_at_fork)
        wiped_in_children = false;
    if (!wiped_in_children) { /* else no system call: slotring_global comes here each time */
        uint64_t pid = (uint64_t)getpid();
        if (atomic_exchange(&marked_pid, pid) != pid)
            atomic_store(mark, 0);
    }
    if (atomic_load(mark) == 0)
        atomic_compare_exchange_strong(mark, &none, atomic_fetch_add(&generation, 1) + 1);
    return atomic_load(mark);
}

static void before_fork(void)
{
    pthread_mutex_lock(&fork_mutex);
    forking_process = getpid();
    forks = true;
    mark_at_fork = atomic_load(mark);
}

static void after_fork_in_parent(void)
{
    forks = false;
    pthread_mutex_unlock(&fork_mutex);
}

static void after_fork_in_child(void)
{
    if (atomic_load(mark) == mark_at_fork)
        wiped_in_children = false, marked_pid = 0; /* emulators say that they do it, and do not */
    uint64_t own = renew_mark();

    for (sr__open_file_t *file = list, *next; file; file = next) {
        next = file->next;
        if (file->process == own)
            continue; /* a handler of the host's was first, and opened a ring */
        sr__open_files_remove(file);
        file->give_up(file);
    }
    forks = false;
    static const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    fork_mutex = fresh; /* the child's own; what it has is a copy of one that a thread of the parent holds */
}

static bool wipe_in_children(void *page, size_t size)
{
#ifdef MADV_WIPEONFORK
    return madvise(page, size, MADV_WIPEONFORK) == 0;
#elif defined(INHERIT_ZERO)
    return minherit(page, size, INHERIT_ZERO) == 0;
#else
    (void)page, (void)size;
    return false;
#endif
}

static void prepare(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    mark = page == MAP_FAILED ? &mark_without_page : page;
    wiped_in_children = page != MAP_FAILED && wipe_in_children(page, size);
    (void)renew_mark();
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

const _Atomic uint64_t *sr__process_mark(void)
{
    pthread_once(&once, prepare);
    (void)renew_mark();
    return mark;
}

void sr__fork_forbid(void)
{
    sigset_t all, before;

    pthread_once(&once, prepare);
    if (forks)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_mutex_lock(&fork_mutex);
    before_section = before;
}

void sr__fork_allow(void)
{
    if (forks)
        return;
    sigset_t before = before_section;
    pthread_mutex_unlock(&fork_mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Not in the child: there the mutex is a copy that nobody else waits for, and that is not its to unlock. */
bool sr__fork_let_others(void)
{
    bool let = forks && forking_process == getpid();

    if (let)
        pthread_mutex_unlock(&fork_mutex);
    return let;
}

void sr__fork_go_on(bool let)
{
    if (let)
        pthread_mutex_lock(&fork_mutex);
}
#endif

sr__open_file_t *sr__open_files(void)
{
    return list;
}

void sr__open_files_add(sr__open_file_t *file, void (*give_up)(sr__open_file_t *file))
{
    file->give_up = give_up;
    file->process = renew_mark();
    file->previous = NULL;
    file->next = list;
    if (list)
        list->previous = file;
    list = file;
    file->listed = true;
}

void sr__open_files_remove(sr__open_file_t *file)
{
    if (!file->listed)
        return;
    if (file->previous)
        file->previous->next = file->next;
    else
        list = file->next;
    if (file->next)
        file->next->previous = file->previous;
    file->previous = file->next = NULL;
    file->listed = false;
}
