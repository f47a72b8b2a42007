/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the participants' entries: who is there, what its stream says, who died there, what it counted. */
#include "inspect/check.h"
#include "protocol/stream.h"

#define KIND(field) SR__KIND(SR__AUDIT_PARTICIPANT, sr__participant_t, field)
#define CARRY_LATE 4096u /* threads that may each have taken a step since the last carry */

static void audit_stream(sr__audit_t *a, uint32_t n, const sr__participant_t *p)
{
    uint64_t ends = sr__load(&p->ends_carried), deaths = sr__load(&p->deaths_carried),
             w = sr__load(&p->stream);
    uint64_t closed = sr__stream_ends(w) + (uint64_t)sr__stream_deaths(w);
    uint32_t phase = sr__stream_phase(w);
    bool open = phase == SR__STREAMING;
    sr__audit_field(a, phase <= SR__DIED && (phase != SR__NO_STREAM || w == 0), KIND(stream), n, "stream", w,
                    "a phase from 0 to 3, and 0 only before the first stream");
    sr__audit_field(a, ((closed + open - sr__stream_starts(w)) & SR__STREAM_COUNT) == 0, KIND(stream) + 1, n,
                    "stream", w, "as many starts as ends, deaths and what is open");
    sr__audit_field(a, !open || sr__is_attached(a->view, n), KIND(stream) + 2, n, "stream", w,
                    "closed where nobody is attached");
    sr__audit_field(a, ((sr__stream_ends(w) - ends) & SR__STREAM_COUNT) <= SR__CARRY_EVERY + CARRY_LATE,
                    KIND(ends_carried), n, "ends_carried", ends, "not far below the ends of its stream word");
    sr__audit_field(a, ((sr__stream_deaths(w) - deaths) & SR__STREAM_COUNT) <= SR__CARRY_EVERY + CARRY_LATE,
                    KIND(deaths_carried), n, "deaths_carried", deaths,
                    "not far below the deaths of its stream word");
}

static void audit_death(sr__audit_t *a, uint32_t n, uint32_t kind, const sr__death_t *d, bool needed)
{
    uint64_t incarnation = sr__load(&d->incarnation), last = sr__peek(&d->last_sequence);
    uint64_t now = sr__load(&a->view->participants[n].incarnation);
    if (incarnation == 0 && !needed)
        return; /* nobody died, or whoever wrote of it was killed */
    sr__audit_field(a, sr__in_use(incarnation) && incarnation <= now, kind + 8, n,
                    "incarnation of who died there", incarnation, "odd, and not above the entry's");
    sr__audit_field(a, sr__is_given(a, last), kind + 16, n, "last sequence of who died there", last,
                    "one that was published, or none");
    sr__audit_name(a, kind + 24, n, d->name);
}

static void audit_identity(sr__audit_t *a, uint32_t n, const sr__participant_t *p)
{
    uint32_t backend = atomic_load_explicit(&p->backend, memory_order_relaxed);
    uint32_t library = atomic_load_explicit(&p->library, memory_order_relaxed);
    uint64_t first = sr__peek(&p->first_sequence), last = sr__peek(&p->last_sequence);
    if (sr__load(&p->incarnation) == 0)
        return; /* nobody was there, or whoever came was killed half-way */
    sr__audit_field(a, backend == a->view->header.backend, KIND(backend), n, "backend", backend,
                    "the one that made the ring");
    sr__audit_field(a, library != 0, KIND(library), n, "library", library, "a version");
    sr__audit_name(a, KIND(name), n, p->name);
    sr__audit_field(a, sr__is_given(a, first) && (last == SR__NO_SEQUENCE || first <= last),
                    KIND(first_sequence), n, "first_sequence", first,
                    "one that was published, not above the last one, or none");
    sr__audit_field(a, sr__is_given(a, last), KIND(last_sequence), n, "last_sequence", last,
                    "one that was published, or none");
}

static void audit_counters(sr__audit_t *a, uint32_t n, const sr__participant_t *p)
{
    for (uint32_t i = 0; i < SR__COUNTERS; i++) {
        uint64_t base = sr__peek(&p->base[i]), count = sr__peek(&p->counters[i]);
        bool used = i <= SR__REVOCATIONS;
        sr__audit_field(a, used || count == 0, KIND(counters) + 8 * i, n, "a reserved counter", count, "0");
        sr__audit_field(a, base <= count, KIND(base) + 8 * i, n, "a counter's value at attach", base,
                        "at most its value now");
    }
}

void sr__audit_participants(sr__audit_t *a)
{
    for (uint32_t n = 0; n < a->view->participant_count; n++) {
        const sr__participant_t *p = &a->view->participants[n];
        uint64_t counted = sr__stream_counts(p).died;
        audit_stream(a, n, p);
        audit_identity(a, n, p);
        audit_death(a, n, KIND(odd_death), &p->odd_death, counted % 2 == 1);
        audit_death(a, n, KIND(even_death), &p->even_death, counted % 2 == 0 && counted > 0);
        audit_counters(a, n, p);
        sr__audit_zero(a, KIND(odd_death.reserved), n, p->odd_death.reserved, sizeof p->odd_death.reserved);
        sr__audit_zero(a, KIND(even_death.reserved), n, p->even_death.reserved,
                       sizeof p->even_death.reserved);
        sr__audit_zero(a, KIND(reserved0), n, p->reserved0, sizeof p->reserved0);
    }
}
