/* SPDX-License-Identifier: Apache-2.0 */
#include "mortal.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

typedef struct mortal {
    bridge_engine_t base;
    bridge_engine_t *engine;
    unsigned steps_left;
} mortal_t;

static mortal_t *of(bridge_engine_t *engine)
{
    return (mortal_t *)engine;
}

static void step(mortal_t *m)
{
    if (--m->steps_left == 0)
        (void)kill(getpid(), SIGKILL);
}

static int done(mortal_t *m, int code)
{
    step(m);
    m->base.error = m->engine->error;
    return code;
}

static int append_if(bridge_engine_t *engine, uint64_t last, const void *bytes, size_t size)
{
    mortal_t *m = of(engine);
    step(m);
    return done(m, m->engine->calls->append_if(m->engine, last, bytes, size));
}

static int settle(bridge_engine_t *engine, int64_t timeout_ns, uint64_t *stored)
{
    mortal_t *m = of(engine);
    step(m);
    return done(m, m->engine->calls->settle(m->engine, timeout_ns, stored));
}

static int last(bridge_engine_t *engine, bridge_entry_t *entry)
{
    mortal_t *m = of(engine);
    step(m);
    return done(m, m->engine->calls->last(m->engine, entry));
}

static int read_from(bridge_engine_t *engine, uint64_t sequence, int64_t timeout_ns, bridge_entry_t *entry)
{
    mortal_t *m = of(engine);
    step(m);
    return done(m, m->engine->calls->read_from(m->engine, sequence, timeout_ns, entry));
}

static int oldest(bridge_engine_t *engine, uint64_t *sequence)
{
    mortal_t *m = of(engine);
    step(m);
    return done(m, m->engine->calls->oldest(m->engine, sequence));
}

static int ack(bridge_engine_t *engine, uint64_t sequence, uint64_t life)
{
    mortal_t *m = of(engine);
    step(m);
    return done(m, m->engine->calls->ack(m->engine, sequence, life));
}

static int beat(bridge_engine_t *engine, const void *bytes, size_t size)
{
    return of(engine)->engine->calls->beat(of(engine)->engine, bytes, size);
}

static int hear(bridge_engine_t *engine, void *bytes, size_t *size)
{
    return of(engine)->engine->calls->hear(of(engine)->engine, bytes, size);
}

static void close_it(bridge_engine_t *engine)
{
    of(engine)->engine->calls->close(of(engine)->engine);
    free(engine);
}

bridge_engine_t *mortal_wrap(bridge_engine_t *engine, unsigned at)
{
    static const bridge_engine_calls_t calls = {append_if, settle, last, read_from, oldest,
                                                ack,       beat,   hear, close_it};
    mortal_t *m = malloc(sizeof *m);
    CHECK(m != NULL);
    *m = (mortal_t){.base = *engine, .engine = engine, .steps_left = at};
    m->base.calls = &calls;
    return at > 0 ? &m->base : (free(m), engine);
}
