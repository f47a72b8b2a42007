/* SPDX-License-Identifier: Apache-2.0 */
/* The processors. */
#include <apr_thread_proc.h>
#if APR_HAVE_UNISTD_H
#include <unistd.h>
#endif

#include "apr/apr_internal.h"

void sr__apr_pause(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __builtin_ia32_pause();
#elif defined(__GNUC__) && (defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7))
    __asm__ __volatile__("yield");
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

void sr__apr_yield(void)
{
#if APR_HAS_THREADS
    apr_thread_yield();
#endif
}

/* APR does not say. Where nothing does, there may well be another one. */
uint32_t sr__apr_processors(void)
{
#if APR_HAVE_UNISTD_H && defined(_SC_NPROCESSORS_ONLN)
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
#else
    return 2;
#endif
}
