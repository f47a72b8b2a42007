/* SPDX-License-Identifier: Apache-2.0 */
/* The processors. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <sched.h>
#include <unistd.h>

#include "posix/posix_internal.h"

void sr__posix_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
    __asm__ __volatile__("yield");
#elif defined(__powerpc__)
    __asm__ __volatile__("or 27,27,27");
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

void sr__posix_yield(void)
{
    sched_yield();
}

/* Those of the machine, not those that this process is bound to: the one that it waits for may run elsewhere. */
uint32_t sr__posix_processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}
