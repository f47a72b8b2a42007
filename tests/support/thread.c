/* SPDX-License-Identifier: Apache-2.0 */
#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "check.h"

typedef struct thread {
    pthread_t id;
    atomic_int number; /* the kernel's; 0 before it runs */
    void (*run)(void *);
    void *argument;
} thread_t;

static thread_t threads[THREADS_MAX];
static unsigned thread_count;

static void *thread_main(void *argument)
{
    thread_t *thread = argument;
    atomic_store(&thread->number, thread_own_number());
    thread->run(thread->argument);
    return NULL;
}

void thread_start(void (*run)(void *), void *argument)
{
    CHECK(thread_count < THREADS_MAX);
    thread_t *thread = &threads[thread_count++];
    thread->run = run;
    atomic_store(&thread->number, 0);
    thread->argument = argument;
    CHECK_EQUAL(pthread_create(&thread->id, NULL, thread_main, thread), 0);
}

void thread_wait_asleep(atomic_int *of)
{
    int number;
    while (((number = atomic_load(of)) == 0 || !thread_is_asleep(number)) && threads_go_on())
        ;
}

void threads_wait_asleep(void)
{
    for (unsigned i = 0; i < thread_count; i++)
        thread_wait_asleep(&threads[i].number);
}

void threads_join(void)
{
    while (thread_count > 0)
        CHECK_EQUAL(pthread_join(threads[--thread_count].id, NULL), 0);
    if (check_thread_failed())
        FAIL("%s", check_thread_report());
}

bool threads_go_on(void)
{
    return !check_thread_failed();
}

void threads_meet(unsigned count)
{
    static atomic_uint arrived;
    unsigned before = atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < before - before % count + count && threads_go_on())
        (void)sched_yield();
}
