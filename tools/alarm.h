/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator wants to be woken for: limits, and what of a ring is beyond them. As Nagios has it: levels, and figures. */
#ifndef SLOTRING_TOOL_ALARM_H
#define SLOTRING_TOOL_ALARM_H

#include <stdbool.h>

#include "snapshot.h"

/* The numbers are Nagios's exit codes. */
typedef enum alarm_level {
    ALARM_OK = 0,
    ALARM_WARNING = 1,
    ALARM_CRITICAL = 2,
    ALARM_UNKNOWN = 3,
} alarm_level_t;

typedef enum alarm_kind {
    ALARM_LAG,     /* percent of the ring's slots, of the reader that is farthest behind */
    ALARM_FILL,    /* percent of the slots that are in use */
    ALARM_BLOCKED, /* seconds that a producer has waited */
    ALARM_IDLE,    /* seconds in which nothing was published */
    ALARM_LOSS,    /* messages that readers missed */
    ALARM_KINDS
} alarm_kind_t;

typedef struct alarms {
    bool given[ALARM_KINDS];
    double warning[ALARM_KINDS], critical[ALARM_KINDS]; /* without a warning, both are the same */
} alarms_t;

typedef struct alarm_result {
    alarm_level_t level;
    char text[512];     /* what is beyond its limit: "lag 100 %, blocked 2.60 s"; "": nothing */
    char figures[1536]; /* as Nagios reads them: "lag=100%;;80 blocked=2.6s;;1" */
} alarm_result_t;

/* From "lag=80%,blocked=0.5s:1s,loss". False: it is wrong, and that was reported. */
bool alarm_parse(alarms_t *alarms, const char *text);
/* `before` NULL: what readers have missed since they subscribed is their loss; else since then. `prefix` stands before the name of each
 * figure. */
void alarm_judge(const alarms_t *alarms, const snapshot_t *now, const snapshot_t *before, const char *prefix,
                 alarm_result_t *result);
const char *alarm_word(alarm_level_t level); /* "CRITICAL" */
/* Of two levels the one that is worse: critical, then unknown. */
alarm_level_t alarm_worse(alarm_level_t a, alarm_level_t b);

#endif
