/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the processor for lines before they are needed. Never faults, changes nothing.
 *
 * Assembler on x86, because gcc takes a function with nothing but __builtin_prefetch in it for one without effect and
 * drops its calls, and turns a prefetch for writing into one for reading. PREFETCHW is a no-op on the 64-bit processors
 * that do not know it. */
#ifndef SR_PREFETCH_H
#define SR_PREFETCH_H

#if defined(__GNUC__) && defined(__x86_64__)

static inline void sr__prefetch_to_read(const void *at)
{
    __asm__ __volatile__("prefetcht0 %0" : : "m"(*(const char *)at));
}

static inline void sr__prefetch_to_write(const void *at)
{
    __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)at));
}

#elif defined(__GNUC__)

static inline void sr__prefetch_to_read(const void *at)
{
    __builtin_prefetch(at);
    __asm__ __volatile__(""); /* an effect, as far as the compiler knows */
}

static inline void sr__prefetch_to_write(const void *at)
{
    __builtin_prefetch(at, 1);
    __asm__ __volatile__("");
}

#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_IX86))

#include <intrin.h>

static inline void sr__prefetch_to_read(const void *at)
{
    _mm_prefetch((const char *)at, _MM_HINT_T0);
}

static inline void sr__prefetch_to_write(const void *at)
{
    _m_prefetchw(at);
}

#else

static inline void sr__prefetch_to_read(const void *at)
{
    (void)at;
}

static inline void sr__prefetch_to_write(const void *at)
{
    (void)at;
}

#endif
#endif
