/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of a test. A failed check ends its thread; the others see it by threads_go_on(). */
#ifndef TEST_THREAD_H
#define TEST_THREAD_H

#include <stdatomic.h>
#include <stdbool.h>

#define THREADS_MAX 32

/* The system's number of the calling thread; is it the process's first one? */
int thread_own_number(void);
bool thread_is_first(void);
/* Does that thread of this process sleep in the kernel? Takes a moment to find out. */
bool thread_is_asleep(int number);
/* Waits until a thread that has stored its number there, or is going to, sleeps in the kernel: it has come to the call that
 * blocks. */
void thread_wait_asleep(atomic_int *number);

/* From now on all threads of this process run on one processor. False: the system cannot, or does not let it. */
bool threads_share_one_processor(void);
/* From now on the calling thread runs whenever it wants to, before ordinary ones. False: not allowed. */
bool thread_is_urgent(void);

/* Starts one more thread of the running test. */
void thread_start(void (*run)(void *), void *argument);
/* Waits for all of them; the first failed check of any becomes the test's. */
void threads_join(void);
/* Waits until all of them sleep in the kernel: they have come to the calls that block. */
void threads_wait_asleep(void);
/* Waits until `count` threads are here; the same count at each call of a test. Not every system has a barrier. */
void threads_meet(unsigned count);
/* False once a thread has failed: for loops that wait for others. */
bool threads_go_on(void);

#endif
