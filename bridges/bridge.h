/* SPDX-License-Identifier: Apache-2.0 */
/* What all parts of a bridge share: their results, and an error in words. */
#ifndef BRIDGE_BRIDGE_H
#define BRIDGE_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bridge_result {
    BRIDGE_OK = 0,
    BRIDGE_AGAIN,      /* nothing within the time; ask again */
    BRIDGE_FULL,       /* the log has no room: back-pressure */
    BRIDGE_WRONG_LAST, /* the log's last entry is another one than the caller said */
    BRIDGE_CUT,        /* the engine does not answer; it may come back */
    BRIDGE_LOST,       /* the engine was away, and may have lost entries and acknowledgements */
    BRIDGE_STOPPED,    /* the program was asked to stop */
    /* From here on nothing will get better by asking again. */
    BRIDGE_REFUSED,    /* the engine will not: rights, a log that is not there, another receiver */
    BRIDGE_FENCED,     /* another sender has taken the log over */
    BRIDGE_OTHER_RING, /* the log, or the target, belongs to another ring */
    BRIDGE_DAMAGED,    /* bytes in the log that no sender wrote */
    BRIDGE_RING,       /* the library gave an error; the text has it */
    BRIDGE_NO_MEMORY,
};

typedef struct bridge_error {
    int code; /* enum bridge_result */
    int ring; /* with BRIDGE_RING: the library's error */
    char text[512];
} bridge_error_t;

/* What a remote asks of the producers of its source. */
enum bridge_pressure {
    BRIDGE_LOSSLESS = 0, /* they wait for it, and for the next sender when one was killed */
    BRIDGE_BUDGETED,     /* they wait for it within its budget */
    BRIDGE_LOSSY,        /* they never wait: the log drops its oldest entries */
    BRIDGE_LATEST, /* they never wait, and it sends the latest message when the receiver has taken the one before */
};

/* Notes the sentence, and returns the code. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int bridge_fail(bridge_error_t *error, int code, const char *format, ...);
/* The same for the last error of the library in this thread: BRIDGE_RING, "TRIED: its sentence". */
int bridge_fail_ring(bridge_error_t *error, const char *tried);
/* The same for a ring that could not be opened, with the library's error. */
struct slotring_error_t;
int bridge_fail_open(bridge_error_t *error, const char *name, const struct slotring_error_t *failure);

/* Asked between two steps: true ends the bridge with BRIDGE_STOPPED. */
typedef struct bridge_stop {
    bool (*asked)(void *user); /* NULL: never */
    void *user;
} bridge_stop_t;

static inline bool bridge_stops(const bridge_stop_t *stop)
{
    return stop->asked != NULL && stop->asked(stop->user);
}

/* Told what a half waits for, in a sentence for people: once when it has waited for a while, and once when that is over. */
typedef struct bridge_say {
    void (*say)(void *user, const char *sentence); /* NULL: to nobody */
    void *user;
} bridge_say_t;

enum bridge_wait {
    BRIDGE_WAITS_NOT = 0,
    BRIDGE_WAITS_FOR_ENGINE,
    BRIDGE_WAITS_FOR_LOG,    /* for room in it */
    BRIDGE_WAITS_FOR_TARGET, /* for room in it */
    BRIDGE_WAITS_FOR_SENDER, /* for a sign of life of it */
};

typedef struct bridge_waits {
    const bridge_say_t *say;
    enum bridge_wait what;
    int64_t since_ns;
    bool was_said;
} bridge_waits_t;

void bridge_waits_for(bridge_waits_t *waits, enum bridge_wait what, const char *whom, const char *why);
/* It does not wait for that any more. */
void bridge_goes_on(bridge_waits_t *waits, enum bridge_wait what);

/* A monotonic clock. */
int64_t bridge_now_ns(void);
void bridge_sleep_ns(int64_t ns);

/* How long to wait before the next try: 1 ms, and twice as long each time, up to 64 ms. */
int64_t bridge_backoff_ns(unsigned tries);

#endif
