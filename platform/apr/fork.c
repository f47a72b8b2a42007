/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at a fork: the child notices it, and gives up the files that would keep its parent's locks alive. APR has
 * no word for being told of a fork; where there is one (APR_HAS_FORK), pthread_atfork is. As in platform/posix/system/fork.c, a
 * handler of the host's may run in the middle of it. */
#include "apr_internal.h"
#if APR_HAS_FORK
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#endif

/* Inherited, and only grows: no child has the mark of any of its ancestors. */
static _Atomic uint64_t mark = 1;

#if APR_HAS_FORK
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t fork_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool forks; /* this thread is between the first and the last handler of a fork */
static _Thread_local pid_t forking_process;   /* where it took the mutex for that */
static _Thread_local sigset_t before_section; /* signals that are blocked meanwhile: a handler may fork */
static _Atomic uint64_t marked_pid;

/* Another number: this is a child, and no handler has said so yet. */
static void renew_mark(void)
{
    uint64_t pid = (uint64_t)getpid();

    if (atomic_exchange(&marked_pid, pid) != pid)
        atomic_fetch_add(&mark, 1);
}

static void before_fork(void)
{
    pthread_mutex_lock(&fork_mutex);
    forking_process = getpid();
    forks = true;
}

static void after_fork_in_parent(void)
{
    forks = false;
    pthread_mutex_unlock(&fork_mutex);
}

static void after_fork_in_child(void)
{
    renew_mark();
    sr__apr_lock_file_forget_others(atomic_load(&mark));
    forks = false;
    pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    fork_mutex = fresh; /* the child's own; what it has is a copy of one that a thread of the parent holds */
}

static void watch_forks(void)
{
    renew_mark();
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static void prepare(void)
{
    pthread_once(&once, watch_forks);
}

void sr__apr_fork_forbid(void)
{
    sigset_t all, before;

    prepare();
    if (forks)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_mutex_lock(&fork_mutex);
    before_section = before;
}

void sr__apr_fork_allow(void)
{
    if (forks)
        return;
    sigset_t before = before_section;
    pthread_mutex_unlock(&fork_mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Not in the child: there the mutex is a copy that nobody else waits for, and that is not its to unlock. */
bool sr__apr_fork_let_others(void)
{
    bool let = forks && forking_process == getpid();

    if (let)
        pthread_mutex_unlock(&fork_mutex);
    return let;
}

void sr__apr_fork_go_on(bool let)
{
    if (let)
        pthread_mutex_lock(&fork_mutex);
}
#else
static void prepare(void) {}
static void renew_mark(void) {}

/* Threads of this process only. */
static atomic_flag fork_word = ATOMIC_FLAG_INIT;

void sr__apr_fork_forbid(void)
{
    for (unsigned turns = 0; atomic_flag_test_and_set(&fork_word); turns++)
        if (turns < 100)
            sr__apr_yield();
        else
            sr__apr_sleep_ns(100000);
}

void sr__apr_fork_allow(void)
{
    atomic_flag_clear(&fork_word);
}

bool sr__apr_fork_let_others(void)
{
    return false;
}

void sr__apr_fork_go_on(bool let)
{
    (void)let;
}
#endif

const _Atomic uint64_t *sr__apr_process_mark(void)
{
    prepare();
    renew_mark();
    return &mark;
}
