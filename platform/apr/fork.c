/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at a fork: the child notices it, gives up the files that would keep its parent's locks alive, and
 * finds the process's private locks free. APR has no word for being told of a fork; where there is one
 * (APR_HAS_FORK), pthread_atfork is. */
#include "apr_internal.h"
#if APR_HAS_FORK
#include <pthread.h>
#endif

/* Held for moments only, so that words will do: they need no initialisation and can be set free in a child. */
static atomic_flag process_word = ATOMIC_FLAG_INIT;
static atomic_flag fork_word = ATOMIC_FLAG_INIT; /* taken inside process_word, never around it */

/* Inherited, and only grows: no child has the mark of any of its ancestors. */
static _Atomic uint64_t mark = 1;

static void take(atomic_flag *word)
{
    for (unsigned turns = 0; atomic_flag_test_and_set(word); turns++)
        if (turns < 100)
            sr__apr_yield();
        else
            sr__apr_sleep_ns(100000);
}

#if APR_HAS_FORK
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void before_fork(void)
{
    take(&process_word);
    take(&fork_word);
}

static void after_fork_in_parent(void)
{
    atomic_flag_clear(&fork_word);
    atomic_flag_clear(&process_word);
}

static void after_fork_in_child(void)
{
    atomic_fetch_add(&mark, 1);
    sr__apr_kept_forget_all();
    after_fork_in_parent();
}

static void watch_forks(void)
{
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

static void prepare(void)
{
    pthread_once(&once, watch_forks);
}
#else
static void prepare(void) {}
#endif

const _Atomic uint64_t *sr__apr_process_mark(void)
{
    prepare();
    return &mark;
}

void sr__apr_process_lock(void)
{
    prepare();
    take(&process_word);
}

void sr__apr_process_unlock(void)
{
    atomic_flag_clear(&process_word);
}

void sr__apr_fork_forbid(void)
{
    prepare();
    take(&fork_word);
}

void sr__apr_fork_allow(void)
{
    atomic_flag_clear(&fork_word);
}
