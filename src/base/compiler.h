/* SPDX-License-Identifier: Apache-2.0 */
/* All that the core asks of a compiler beyond C11, each with a way to do without: the only place in src/ with
 * extensions of gcc and clang or of MSVC (ci/warnings checks that). */
#ifndef SR_COMPILER_H
#define SR_COMPILER_H

#include <stdint.h>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

/* ---- Formats ---------------------------------------------------------------------------------------- */

/* Lets the compiler compare a format with its arguments; by C11's rules, also where the C library has others. */
#if defined(__clang__)
#define SR__LIKE_PRINTF(format_number, first) __attribute__((format(printf, format_number, first)))
#elif defined(__GNUC__)
#define SR__LIKE_PRINTF(format_number, first) __attribute__((format(gnu_printf, format_number, first)))
#else
#define SR__LIKE_PRINTF(format_number, first)
#endif

/* ---- Where a call is worth its instructions, and where it must not cost the caller any -------------------- */

#if defined(SLOTRING_COVERAGE) /* each branch of the source is to be one of the program */
#define SR__INLINE static inline
#define SR__APART static
#elif defined(__GNUC__) || defined(__clang__)
#define SR__INLINE static inline __attribute__((always_inline))
#define SR__APART static __attribute__((noinline))
#else
#define SR__INLINE static inline
#define SR__APART static
#endif

/* ---- Races that are meant ------------------------------------------------------------------------------- */

#if defined(__GNUC__) || defined(__clang__)
#define SR__RACES __attribute__((no_sanitize("thread")))
#else
#define SR__RACES
#endif

/* ---- Bits ------------------------------------------------------------------------------------------- */

/* The number of the lowest bit that is set; `bits` is not 0. */
static inline uint32_t sr__lowest_bit(uint64_t bits)
{
#if defined(__GNUC__) || defined(__clang__)
    return (uint32_t)__builtin_ctzll(bits);
#elif defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    unsigned long bit;
    _BitScanForward64(&bit, bits);
    return bit;
#else
    uint32_t n = 0;
    while (!(bits & 1)) {
        bits >>= 1;
        n++;
    }
    return n;
#endif
}

/* ---- Prefetches ------------------------------------------------------------------------------------- */

/* Ask the processor for lines before they are needed. Never fault, change nothing.
 *
 * Assembler on x86, because gcc takes a function with nothing but __builtin_prefetch in it for one without effect and
 * drops its calls, and turns a prefetch for writing into one for reading. PREFETCHW is a no-op on the 64-bit processors
 * that do not know it. */

#if defined(__GNUC__) && defined(__x86_64__)

static inline void sr__prefetch_to_read(const void *at)
{
    __asm__ __volatile__("prefetcht0 %0" : : "m"(*(const char *)at));
}

static inline void sr__prefetch_to_write(const void *at)
{
    __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)at));
}

#elif defined(__GNUC__) || defined(__clang__) /* clang for MSVC is no __GNUC__ */

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
