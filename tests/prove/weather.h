/* SPDX-License-Identifier: Apache-2.0 */
/* Who acts in a storm, and what befalls them. */
#ifndef PROVE_WEATHER_H
#define PROVE_WEATHER_H

#include <sys/types.h>

#include "prove.h"

#define CROWD 4 /* of the actors, the last ones */

typedef struct actor {
    const char *what;
    actor_fn act;
    bool mortal;
    uint32_t number;       /* of a witness */
    pid_t pid;             /* 0: to be started */
    int64_t stopped_until; /* 0: it runs */
} actor_t;

typedef struct weather {
    const char *name; /* of the ring */
    uint32_t random;
    actor_t *cast; /* who plays */
    size_t actors; /* how many */
    uint64_t kills, stops, found;
} weather_t;

/* Who plays, by the options. */
void weather_cast(weather_t *w, const prove_options_t *options);
void weather_start(actor_t *actor, weather_t *w);
/* Buries those that have ended. One that has ended by itself has found something, unless the storm is over. */
void weather_reap(weather_t *w);
/* Kills or stops somebody, or nobody. */
void weather_strike(weather_t *w, int64_t now);
void weather_continue(actor_t *actor);
/* Kills all that are left, and waits for them and their orphans. */
void weather_end_all(const weather_t *w);

#endif
