/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting and waking. Per kind of news an event word and a set of waiting participants.
 *
 *   waiter   set my bit; look again; sleep while the event word is unchanged, a slice at most; clear my bit
 *   waker    make the change visible; look at the set; if it is not empty: bump the word, wake all
 * All seq_cst: either the waiter's second look sees the change, or the waker sees the bit. Nobody waits: no system
 * call. A set, not a count, so that repair can take the dead out of it. A waker that is killed between its change
 * and its wake costs the waiters one slice.
 */
#include "core.h"

/* [wait.set] */
static void set_bit(sr__waiters_t *waiters, uint32_t participant)
{
    uint32_t w = participant / 64;
    atomic_fetch_or_explicit(&waiters->words[w], UINT64_C(1) << participant % 64, memory_order_seq_cst);
    atomic_fetch_or_explicit(&waiters->summary, UINT64_C(1) << w, memory_order_seq_cst);
}

/* [wait.clear] Word first, then the summary, then a second look at the word: somebody of the same 64 may have come
 * meanwhile, and a waker may have found the summary empty: its wake-up is made up for. */
static void clear_bit(slotring_t *ring, enum sr__event_kind kind, uint32_t participant)
{
    sr__waiters_t *waiters = &ring->view.state->waiters[kind];
    uint32_t w = participant / 64;
    uint64_t bit = UINT64_C(1) << participant % 64;
    uint64_t before = atomic_fetch_and_explicit(&waiters->words[w], ~bit, memory_order_seq_cst);
    if ((before & ~bit) != 0)
        return;
    atomic_fetch_and_explicit(&waiters->summary, ~(UINT64_C(1) << w), memory_order_seq_cst);
    if (sr__load(&waiters->words[w]) != 0) {
        atomic_fetch_or_explicit(&waiters->summary, UINT64_C(1) << w, memory_order_seq_cst);
        sr__wake_always(ring, kind);
    }
}

/* Of a dead one too, which may have cleared the summary and not looked at the word again: then a neighbour's bit stands
 * there without it. So first all the way in, then out as anybody goes. */
void sr__forget_sleepers(slotring_t *ring, uint32_t participant)
{
    for (int kind = 0; kind < SR__EVENTS; kind++) {
        set_bit(&ring->view.state->waiters[kind], participant);
        clear_bit(ring, (enum sr__event_kind)kind, participant);
    }
}

/* [wake.all] */
void sr__wake_always(slotring_t *ring, enum sr__event_kind kind)
{
    sr__state_t *state = ring->view.state;
    atomic_fetch_add_explicit(&state->events[kind].event, 1, memory_order_seq_cst);
    ring->os->wake(ring->waits, &state->events[kind].event, state->waiters[kind].words,
                   ring->view.hold_words);
}

/* [wake.look] After the change. */
void sr__wake(slotring_t *ring, enum sr__event_kind kind)
{
    if (sr__load(&ring->view.state->waiters[kind].summary) != 0)
        sr__wake_always(ring, kind);
}

/* [wait.lock] Several threads of a handle share its bit: the first sets it, the last clears it. */
static void change_sleepers(slotring_t *ring, enum sr__event_kind kind, bool come)
{
    sr__waiters_t *waiters = &ring->view.state->waiters[kind];
    while (atomic_exchange_explicit(&ring->sleepers_lock, 1, memory_order_acquire))
        ring->os->yield();
    if (come && ring->sleepers[kind]++ == 0)
        set_bit(waiters, ring->me);
    if (!come && --ring->sleepers[kind] == 0)
        clear_bit(ring, kind, ring->me);
    atomic_store_explicit(&ring->sleepers_lock, 0, memory_order_release);
}

typedef struct waiting {
    slotring_t *ring;
    enum sr__event_kind kind;
    int again;
    int (*attempt)(void *context);
    void *context;
    const sr__word_t *watch;    /* NULL, or a word whose change is news: cheaper to look at than an attempt */
    uint64_t started, deadline; /* UINT64_MAX: none */
    uint32_t interrupts;
} waiting_t;

/* One more try: `again`, or what ends the wait. */
static int look(waiting_t *w)
{
    int code = w->attempt(w->context);
    if (code != w->again)
        return code;
    uint32_t raised = atomic_load_explicit(&w->ring->interrupts_raised, memory_order_seq_cst);
    if (raised != w->interrupts) {
        atomic_store_explicit(&w->ring->interrupts_taken, raised, memory_order_relaxed);
        return sr__plain(SLOTRING_E_INTERRUPTED);
    }
    if (sr__load(&w->ring->self->incarnation) != w->ring->incarnation)
        return sr__plain(SLOTRING_E_EVICTED);
    return w->again;
}

#define WATCH_LOOKS 1024 /* about half a microsecond */

/* Looks at one word only, which costs the others nothing until it changes. */
static void watch(const waiting_t *w, uint64_t seen)
{
    for (int i = 0; w->watch && i < WATCH_LOOKS && sr__load(w->watch) == seen; i++)
        ;
}

static int spin(waiting_t *w)
{
    const sr__backend_t *os = w->ring->os;
    uint64_t slice_start = w->started;
    for (;;) {
        for (int i = 0; i < 64; i++) {
            uint64_t seen = w->watch ? sr__load(w->watch) : 0;
            int code = look(w);
            if (code != w->again)
                return code;
            watch(w, seen);
            if (!w->watch) /* each look takes lines away from those that are waited for */
                for (uint32_t p = 0; p < w->ring->gap / 4; p++)
                    os->pause();
            else if (sr__load(w->watch) == seen)
                os->pause();
        }
        uint64_t now = os->clock_ns();
        if (now - w->started >= w->ring->spin_ns || now >= w->deadline)
            return w->again;
        if (now - slice_start >= w->ring->wait_slice_ns) { /* only with a very long spin */
            sr__sweep_if_due(w->ring);
            slice_start = now;
        }
    }
}

/* [wait.sleep] The event word is loaded before the look. */
static int sleep_in_slices(waiting_t *w)
{
    slotring_t *ring = w->ring;
    const sr__backend_t *os = ring->os;
    _Atomic uint32_t *event = &ring->view.state->events[w->kind].event;
    uint64_t looked = os->clock_ns();
    for (;;) {
        uint32_t seen = atomic_load_explicit(event, memory_order_seq_cst);
        int code = look(w);
        uint64_t now = os->clock_ns();
        if (code != w->again || now >= w->deadline)
            return code;
        if (now - looked >= ring->wait_slice_ns) {
            looked = now;
            if (sr__sweep_if_due(ring))
                continue;
        }
        uint64_t rest = w->deadline - now, slice = ring->wait_slice_ns - (now - looked);
        os->wait(ring->waits, event, seen, rest < slice ? rest : slice);
    }
}

int sr__wait_for(slotring_t *ring, enum sr__event_kind kind, int again, int64_t timeout_ns,
                 int (*attempt)(void *context), void *context, const sr__word_t *watch)
{
    waiting_t w = {
        .ring = ring, .kind = kind, .again = again, .attempt = attempt, .context = context, .watch = watch};
    w.interrupts = atomic_load_explicit(&ring->interrupts_taken, memory_order_relaxed);
    w.started = ring->os->clock_ns();
    w.deadline = UINT64_MAX;
    if (timeout_ns >= 0 && (uint64_t)timeout_ns < UINT64_MAX - w.started)
        w.deadline = w.started + (uint64_t)timeout_ns;
    int code = look(&w);
    if (code == again)
        code = spin(&w);
    if (code != again || ring->os->clock_ns() >= w.deadline)
        return code;
    change_sleepers(ring, kind, true);
    code = sleep_in_slices(&w);
    change_sleepers(ring, kind, false);
    return code;
}

/* Async-signal-safe: atomics, and the wake system call. */
int slotring_interrupt(slotring_t *ring)
{
    if (!ring || atomic_load_explicit(&ring->magic, memory_order_relaxed) != SR__RING_ALIVE)
        return SLOTRING_E_CLOSED;
    if (ring->observer)
        return 0; /* never blocks */
    if (atomic_load_explicit(ring->mark, memory_order_relaxed) != ring->mark_value)
        return SLOTRING_E_FORKED;
    atomic_fetch_add_explicit(&ring->interrupts_raised, 1, memory_order_seq_cst);
    sr__wake_always(ring, SR__PUBLISHED_EVENT);
    sr__wake_always(ring, SR__SPACE_EVENT);
    return 0;
}
