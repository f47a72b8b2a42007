/* SPDX-License-Identifier: Apache-2.0 */
/* A look at several readers, which takes nothing: which of them have something, and why one that has nothing is not to wait. */
#include "traffic/readers/many.h"

#include "base/error.h"
#include "members/enter.h"
#include "members/names.h"
#include "traffic/readers/next.h"
#include "traffic/readers/window.h"

static void note(sr__many_t *m, uint32_t i, int code)
{
    m->results[i] = code;
    m->ready += code == 0;
    if (code == 0 || code == SLOTRING_E_EMPTY || m->failed)
        return;
    m->failed = code;
    slotring_last_error(&m->error);
}

static int may_wait(slotring_reader_t *reader)
{
    int failed = sr__reader_enter(reader);
    return !failed && reader->given > 0 ? sr__may_be_given(reader) : failed;
}

void sr__many_look_at_once(sr__many_t *m)
{
    m->ready = 0;
    m->failed = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        int code = may_wait(m->given[i]);
        note(m, i, code ? code : sr__next_look(m->given[i]));
    }
}

/* Why a reader that has nothing is not to wait. */
static int why_not(const sr__many_t *m, const sr__readable_t *readable, bool sleeps)
{
    slotring_reader_t *reader = readable->reader;
    int code = sr__rings_end(&m->rings, readable->at);
    if (!code && atomic_load_explicit(&reader->stopped, memory_order_seq_cst) != 0)
        code = SLOTRING_E_STOPPED;
    if (!code && sleeps && sr__names_are_news(reader->ring, &reader->names_told))
        code = SLOTRING_E_REMOVED;
    return code ? sr__plain(code) : SLOTRING_E_EMPTY;
}

bool sr__many_look(sr__many_t *m, uint64_t now, bool sleeps)
{
    m->ready = 0;
    m->failed = 0;
    m->busy = false;
    for (uint32_t i = 0; i < m->count; i++) {
        sr__readable_t *readable = &m->readers[i];
        bool late = now >= m->deadline && readable->gathers;
        int code = late ? sr__next_look(readable->reader) : sr__readable_look(readable, now);
        m->busy |= atomic_load_explicit(&readable->reader->unlooked, memory_order_relaxed) != 0;
        note(m, i, code == SLOTRING_E_EMPTY ? why_not(m, readable, sleeps) : code);
    }
    return m->ready > 0 || m->failed;
}
