/* SPDX-License-Identifier: Apache-2.0 */
/* Goes through every state that can be reached, nearest first; then makes sure that from each of them everything can
 * still come to rest. A state is known by a 64-bit fingerprint: two of ten million have the same one with a chance of
 * three in a million, and then one of them is not looked at. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"

enum {
    SHARED = offsetof(state_t, threads) / sizeof(int),
    HEAD = offsetof(thread_t, frames) / sizeof(int),
    FRAME = sizeof(frame_t) / sizeof(int),
    PACKED_MAX = SHARED + MAX_ACTORS * (HEAD + MAX_FRAMES * FRAME)
};
_Static_assert(sizeof(state_t) == PACKED_MAX * sizeof(int), "states hold ints only");

typedef int16_t packed_t[PACKED_MAX];

typedef struct search {
    const configuration_t *config;
    int fault;
    uint64_t *table; /* fingerprints, and in `numbers` whose they are */
    uint32_t *numbers, *parents;
    uint64_t *prints;
    uint8_t *good, *degrees;
    uint32_t *edges;
    uint64_t mask, states, edge_count, edge_room, state_room;
    int16_t *queue; /* length, state, length, state … */
    uint64_t head, tail, queue_room;
} search_t;

static void *grow(void *old, uint64_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    if (!now) {
        fprintf(stderr, "the model check needs more memory than there is (%llu MiB in one piece)\n",
                (unsigned long long)(count * size >> 20));
        exit(2);
    }
    return now;
}

static int pack_ints(const int *from, int count, int16_t *to)
{
    for (int i = 0; i < count; i++)
        to[i] = (int16_t)from[i];
    return count;
}

static int unpack_ints(const int16_t *from, int count, int *to)
{
    for (int i = 0; i < count; i++)
        to[i] = from[i];
    return count;
}

/* Of each thread only the frames in use. */
static int pack(const model_t *m, packed_t to)
{
    int n = pack_ints((const int *)&m->s, SHARED, to);
    for (int i = 0; i <= m->threads; i++) {
        const thread_t *t = &m->s.threads[i];
        n += pack_ints((const int *)t, HEAD, to + n);
        n += pack_ints((const int *)t->frames, t->depth * FRAME, to + n);
    }
    return n;
}

static void unpack(model_t *m, const int16_t *from)
{
    memset(&m->s, 0, sizeof m->s);
    int n = unpack_ints(from, SHARED, (int *)&m->s);
    for (int i = 0; i <= m->threads; i++) {
        thread_t *t = &m->s.threads[i];
        n += unpack_ints(from + n, HEAD, (int *)t);
        n += unpack_ints(from + n, t->depth * FRAME, (int *)t->frames);
    }
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static uint64_t fingerprint(const packed_t state, int count)
{
    uint64_t h = (uint64_t)count * UINT64_C(0x9e3779b97f4a7c15), word;
    for (int i = 0; i < count; i += 4) {
        word = 0;
        memcpy(&word, state + i, (size_t)(count - i < 4 ? count - i : 4) * sizeof *state);
        h = mix(h ^ word) + UINT64_C(0x9e3779b97f4a7c15);
    }
    return h ? h : 1;
}

static void table_grow(search_t *s)
{
    uint64_t *table = s->table, count = s->mask + 1;
    uint32_t *numbers = s->numbers;
    s->mask = count * 2 - 1;
    s->table = grow(NULL, count * 2, sizeof *table);
    s->numbers = grow(NULL, count * 2, sizeof *numbers);
    memset(s->table, 0, (size_t)count * 2 * sizeof *table);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = table[i] & s->mask;
        if (table[i] == 0)
            continue;
        while (s->table[at])
            at = (at + 1) & s->mask;
        s->table[at] = table[i];
        s->numbers[at] = numbers[i];
    }
    free(table);
    free(numbers);
}

static void queue_put(search_t *s, const packed_t state, int count)
{
    if (s->tail + (uint64_t)count + 1 > s->queue_room) {
        if (s->tail > s->head)
            memmove(s->queue, s->queue + s->head, (size_t)(s->tail - s->head) * sizeof *s->queue);
        s->tail -= s->head;
        s->head = 0;
        if (s->tail + (uint64_t)count + 1 > s->queue_room / 2) {
            s->queue_room = s->queue_room * 2 + PACKED_MAX;
            s->queue = grow(s->queue, s->queue_room, sizeof *s->queue);
        }
    }
    s->queue[s->tail++] = (int16_t)count;
    memcpy(s->queue + s->tail, state, (size_t)count * sizeof *state);
    s->tail += (uint64_t)count;
}

/* The number of this state; a new one is checked and put into the queue. */
static uint32_t number_of(search_t *s, model_t *m, uint32_t parent)
{
    packed_t packed;
    int count = pack(m, packed);
    uint64_t print = fingerprint(packed, count);
    if (s->states * 10 > s->mask * 7)
        table_grow(s);
    uint64_t at = print & s->mask;
    for (; s->table[at]; at = (at + 1) & s->mask)
        if (s->table[at] == print)
            return s->numbers[at];
    uint32_t number = (uint32_t)s->states++;
    s->table[at] = print;
    s->numbers[at] = number;
    if (s->states > s->state_room) {
        s->state_room = s->state_room * 2 + 1024;
        s->parents = grow(s->parents, s->state_room, sizeof *s->parents);
        s->prints = grow(s->prints, s->state_room, sizeof *s->prints);
        s->good = grow(s->good, s->state_room, sizeof *s->good);
        s->degrees = grow(s->degrees, s->state_room, sizeof *s->degrees);
    }
    s->parents[number] = parent;
    s->prints[number] = print;
    check_always(m);
    s->good[number] = is_quiet(m);
    if (s->good[number] && !m->violation)
        check_at_rest(m);
    s->degrees[number] = 0;
    queue_put(s, packed, count);
    return number;
}

static void add_edge(search_t *s, uint32_t from, uint32_t to)
{
    if (s->edge_count == s->edge_room) {
        s->edge_room = s->edge_room * 2 + 4096;
        s->edges = grow(s->edges, s->edge_room, sizeof *s->edges);
    }
    s->edges[s->edge_count++] = to;
    s->degrees[from]++;
}

/* Calls `each` for every state that can follow `from`, until it returns false. */
typedef bool each_t(search_t *s, model_t *next, uint32_t from);

static bool follow(search_t *s, const model_t *now, uint32_t from, each_t *each)
{
    for (int move = 0; move < model_moves(now); move++)
        for (int choice = 0, choices = 1; choice < choices; choice++) {
            model_t next = *now;
            if (!model_do(&next, move, choice))
                break;
            choices = next.choices;
            count_steps_reached(&next);
            if (!each(s, &next, from))
                return false;
        }
    return true;
}

static const char *found_violation;
static uint32_t found_at;

static bool explore(search_t *s, model_t *next, uint32_t from)
{
    uint64_t before = s->states;
    if (next->violation) { /* the step itself is wrong: its state is not one of those known */
        found_violation = next->violation;
        found_at = from;
        return false;
    }
    uint32_t number = number_of(s, next, from);
    add_edge(s, from, number);
    if (s->states == before || !next->violation)
        return true;
    found_violation = next->violation;
    found_at = number;
    return false;
}

/* From which states can everything still come to rest? NULL: from all. */
static const char *check_progress(search_t *s)
{
    for (bool changed = true; changed;) {
        changed = false;
        uint64_t edge = s->edge_count;
        for (uint64_t x = s->states; x-- > 0;) {
            edge -= s->degrees[x];
            for (uint64_t e = edge; !s->good[x] && e < edge + s->degrees[x]; e++)
                if (s->good[s->edges[e]])
                    s->good[x] = changed = true;
        }
    }
    for (uint32_t x = 0; x < s->states; x++)
        if (!s->good[x]) {
            found_at = x;
            return "stuck: from here nothing comes to rest any more";
        }
    return NULL;
}

static uint64_t wanted_print;
static model_t wanted_state;

static bool is_wanted(search_t *s, model_t *next, uint32_t from)
{
    (void)s;
    (void)from;
    packed_t packed;
    int count = pack(next, packed);
    if (fingerprint(packed, count) != wanted_print)
        return true;
    wanted_state = *next;
    return false;
}

static void print_state(const model_t *m)
{
    static const char *const names[] = {"none", "FREE", "CLAIMED", "RECLAIM", "COMMIT", "PUBLISHED"};
    for (int i = 0; i < m->config->slots; i++) {
        const slot_t *s = &m->s.slots[i];
        printf("    slot %d: %s(%d)%s%s held %x sequence %d message %d\n", i, names[word_state(s->word)],
               word_owner(s->word), s->word & PARKED ? " parked" : "", s->word & FREED ? " freed" : "",
               (unsigned)s->hold, s->sequence, s->message);
    }
    printf("    tail %d oldest %d end %d hints %x", m->s.tail, m->s.oldest, m->s.end, (unsigned)m->s.summary);
    for (int r = 0; r < m->config->rows; r++)
        printf(" row %d: state %d cursor %d", r, m->s.rows[r].state, m->s.rows[r].cursor);
    printf("\n");
}

/* Returns how many steps lead to `number`; prints them. */
static int trace_to(search_t *s, uint32_t number, bool print)
{
    int steps = 0;
    for (uint32_t x = number; x != 0; x = s->parents[x])
        steps++;
    if (!print)
        return steps;
    uint32_t *path = grow(NULL, (uint64_t)steps + 1, sizeof *path);
    int n = steps;
    for (uint32_t x = number; x != 0; x = s->parents[x])
        path[--n] = x;
    model_t now;
    model_start(&now, s->config, s->fault);
    for (n = 0; n < steps; n++) {
        wanted_print = s->prints[path[n]];
        if (follow(s, &now, 0, is_wanted))
            break;
        now = wanted_state;
        now.violation = NULL;
        printf("%3d  thread %d [%s]\n", n + 1, now.actor, now.label ? now.label : "?");
        print_state(&now);
    }
    free(path);
    return steps;
}

static double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool take_next(search_t *s, model_t *now, uint64_t *looked)
{
    if (s->head == s->tail)
        return false;
    int16_t count = s->queue[s->head];
    unpack(now, s->queue + s->head + 1);
    s->head += (uint64_t)count + 1;
    ++*looked;
    return true;
}

outcome_t search(const configuration_t *config, int fault, double seconds, uint64_t most, bool trace)
{
    search_t s = {.config = config, .fault = fault, .mask = (1 << 16) - 1};
    outcome_t outcome = {0};
    double end = seconds_now() + seconds;
    model_t now;
    s.table = grow(NULL, s.mask + 1, sizeof *s.table);
    memset(s.table, 0, (size_t)(s.mask + 1) * sizeof *s.table);
    s.numbers = grow(NULL, s.mask + 1, sizeof *s.numbers);
    found_violation = NULL;
    found_at = 0;
    model_start(&now, config, fault);
    number_of(&s, &now, 0);
    uint64_t looked = 0;
    bool cut = false;
    while (!found_violation && !cut && take_next(&s, &now, &looked)) {
        follow(&s, &now, (uint32_t)(looked - 1), explore);
        cut = s.states > most || (looked % 4096 == 0 && seconds_now() > end);
    }
    if (!found_violation && !cut)
        found_violation = check_progress(&s);
    outcome.states = s.states;
    outcome.moves = s.edge_count;
    outcome.complete = !cut;
    outcome.violation = found_violation;
    if (found_violation)
        outcome.steps = trace_to(&s, found_at, trace);
    free(s.table);
    free(s.numbers);
    free(s.parents);
    free(s.prints);
    free(s.good);
    free(s.degrees);
    free(s.edges);
    free(s.queue);
    return outcome;
}
