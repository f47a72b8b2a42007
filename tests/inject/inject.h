/* SPDX-License-Identifier: Apache-2.0 */
/* A backend for tests that stands before another one: it can let any call of the platform contract fail, in any way
 * that the contract allows, or lets somebody else act just before it; it keeps books of what the core was given, and
 * of what it did against the contract. Its clock is its own, so that waiting takes no time and counts are exact. */
#ifndef TEST_INJECT_H
#define TEST_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "platform.h"

/* The calls that can fail, and the codes that platform.h allows for each. */
#define INJECT_MAP(X)                                                                                       \
    X(place_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_INVALID, SLOTRING_E_ACCESS, SLOTRING_E_NO_MEMORY,        \
      SLOTRING_E_OS)                                                                                        \
    X(list_names, SLOTRING_E_ACCESS, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)                                   \
    X(segment_create, SLOTRING_E_NO_SPACE, SLOTRING_E_ADDRESS_SPACE, SLOTRING_E_ACCESS, SLOTRING_E_INVALID, \
      SLOTRING_E_UNSUPPORTED, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)                                          \
    X(segment_link, SLOTRING_E_EXISTS, SLOTRING_E_ACCESS, SLOTRING_E_NO_SPACE, SLOTRING_E_OS)               \
    X(segment_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_OWNER, SLOTRING_E_ACCESS, SLOTRING_E_NOT_A_RING,       \
      SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)                                                                  \
    X(segment_read, SLOTRING_E_TRUNCATED, SLOTRING_E_OS)                                                    \
    X(segment_map, SLOTRING_E_TRUNCATED, SLOTRING_E_ADDRESS_SPACE, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)     \
    X(segment_may_unlink, SLOTRING_E_ACCESS)                                                                \
    X(segment_unlink, SLOTRING_E_ACCESS, SLOTRING_E_OS)                                                     \
    X(locks_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_OWNER, SLOTRING_E_ACCESS, SLOTRING_E_NOT_A_RING,         \
      SLOTRING_E_UNSUPPORTED, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)                                          \
    X(locks_make, SLOTRING_E_OWNER, SLOTRING_E_ACCESS, SLOTRING_E_NOT_A_RING, SLOTRING_E_UNSUPPORTED,       \
      SLOTRING_E_INVALID, SLOTRING_E_NO_MEMORY, SLOTRING_E_NO_SPACE,                                        \
      SLOTRING_E_OS) /* locks_open to create */                                                             \
    X(locks_unlink, SLOTRING_E_ACCESS, SLOTRING_E_OS)                                                       \
    X(mutex_lock, SLOTRING_E_BUSY, SLOTRING_E_OS)                                                           \
    X(death_lock_take, SLOTRING_E_BUSY, SLOTRING_E_INVALID, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)            \
    X(death_lock_query, SLOTRING_E_OS)                                                                      \
    X(waits_open, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)                                                      \
    X(in_group, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS)                                                        \
    X(random, SLOTRING_E_OS)                                                                                \
    X(segment_is_named, INJECT_LIE)                                                                         \
    X(segment_exists, INJECT_LIE)                                                                           \
    X(names_look, SR__SEGMENT_GONE, SR__LOCK_GONE, SR__LOCK_OTHER, SR__FOLDER_GONE, SR__NAMES_HIDDEN)       \
    X(locks_are_named, INJECT_LIE)                                                                          \
    X(segment_size, INJECT_LESS, INJECT_NOTHING, INJECT_MORE, INJECT_MOST)

/* What calls without a code can do: the other answer; another size. */
enum {
    INJECT_LIE = 1,
    INJECT_LESS,
    INJECT_NOTHING,
    INJECT_MORE,
    INJECT_MOST
};

enum inject_call {
#define INJECT_ENUM(name, ...) INJECT_##name,
    INJECT_MAP(INJECT_ENUM)
#undef INJECT_ENUM
    INJECT_CALLS
};

#define INJECT_CODES_MAX 10

extern const char *const inject_names[INJECT_CALLS];
extern const int inject_codes[INJECT_CALLS][INJECT_CODES_MAX]; /* 0 at the end */

/* ---- What is to happen ------------------------------------------------------------------------------ */

typedef struct inject_plan {
    enum inject_call call; /* INJECT_CALLS: nothing fails, calls are counted */
    unsigned nth;          /* from 1 */
    bool from_then_on;     /* the later ones, too */
    int code;              /* 0: none; the intruder alone */
    void (*intruder)(
        void *context); /* NULL, or acts before the nth call; its own calls neither fail nor count */
    void *context;
} inject_plan_t;

/* From here on calls are counted, and fail as planned, until inject_disarm. */
void inject_arm(const inject_plan_t *plan);
void inject_disarm(void);
/* Since inject_arm. */
unsigned inject_count(enum inject_call call);
unsigned inject_hits(void);

/* ---- The clock, and other oddities ------------------------------------------------------------------ */

enum inject_clock {
    CLOCK_RUNS,      /* by what is slept and waited, and a little at each look */
    CLOCK_STANDS,    /* for a thousand looks, then a millisecond at once */
    CLOCK_LEAPS,     /* an hour forwards, now and then */
    CLOCK_LEAPS_BACK /* a second backwards, four times in an operation */
};
void inject_clock(enum inject_clock how);
void inject_random_repeats(bool repeats);
void inject_wait_returns_at_once(bool at_once);
/* This process is another user's from here on. */
void inject_as_visitor(bool visitor);

/* ---- Books ------------------------------------------------------------------------------------------ */

enum inject_kind {
    KIND_PLACE,
    KIND_SEGMENT,
    KIND_LOCKS,
    KIND_DEATH_LOCK,
    KIND_WAITS,
    KIND_HELD_MUTEX,
    KINDS
};
/* How many of them the core has, and has not given back. */
unsigned books_count(enum inject_kind kind);
/* "" or what the core did that platform.h forbids. */
const char *books_violation(void);

void books_given(enum inject_kind kind, const void *object);
void books_returned(enum inject_kind kind, const void *object);
void books_used(enum inject_kind kind, const void *object);
bool books_has(enum inject_kind kind, const void *object);
void books_violated(const char *what);

#endif
