/* SPDX-License-Identifier: Apache-2.0 */
/* A state as few bytes: of the ring what the configuration has, of each thread the frames in use. States that differ
 * only in which of several participants with one thread of the same role is which behave alike: they are packed as
 * the same one. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

enum {
    SHARED = offsetof(state_t, threads) / sizeof(int),
    HEAD = offsetof(thread_t, frames) / sizeof(int),
    FRAME = sizeof(frame_t) / sizeof(int),
    PERMUTATIONS_MAX = 24
};
_Static_assert(sizeof(state_t) == (SHARED + MAX_ACTORS * (HEAD + MAX_FRAMES * FRAME)) * sizeof(int),
               "states hold ints only");

/* Ints that stand one after the other: packed in one loop, many at a time. */
typedef struct range {
    int first, count;
} range_t;

enum {
    RANGES_MAX = 24
};

typedef struct ranges {
    range_t all[RANGES_MAX];
    int count;
} ranges_t;

static struct {
    ranges_t shared, head; /* which ints are in use */
    int threads;
    int permutations[PERMUTATIONS_MAX][MAX_PARTICIPANTS],
        permutation_count; /* of participants, without the identity */
} plan;

static void use(ranges_t *ranges, const void *start, const void *from, size_t size)
{
    int first = (int)((const int *)from - (const int *)start), count = (int)(size / sizeof(int));
    range_t *last = &ranges->all[ranges->count - (ranges->count > 0)];
    if (ranges->count > 0 && last->first + last->count == first)
        last->count += count;
    else
        ranges->all[ranges->count++] = (range_t){first, count};
}

static int thread_of(const configuration_t *c, int participant) /* NONE: it has several, or none */
{
    int found = NONE, count = 0;
    for (int i = 0; c->participants[i]; i++)
        if (c->participants[i] - '0' == participant) {
            found = i;
            count++;
        }
    return count == 1 ? found : NONE;
}

/* Can two participants change places without anybody noticing? Not where a loop meets them in their order. */
static bool are_twins(const configuration_t *c, int p, int q)
{
    int i = thread_of(c, p), j = thread_of(c, q);
    if (i == NONE || j == NONE || c->roles[i] != c->roles[j] || c->may & (WIDE_SETS | STREAMS) ||
        has_role(c, 'U') || has_role(c, 'M') || has_group(c)) /* whose is the mutex, or a message */
        return false;
    return !(c->may & WAITS) || p / c->width == q / c->width;
}

static void plan_permutations(const configuration_t *c, int *so_far, int n)
{
    if (n == MAX_PARTICIPANTS) {
        bool identity = true;
        for (int p = 0; p < n; p++)
            identity = identity && so_far[p] == p;
        if (!identity && plan.permutation_count < PERMUTATIONS_MAX)
            memcpy(plan.permutations[plan.permutation_count++], so_far, sizeof plan.permutations[0]);
        return;
    }
    for (int p = 0; p < MAX_PARTICIPANTS; p++) {
        bool used = false;
        for (int i = 0; i < n; i++)
            used = used || so_far[i] == p;
        if (used || (p != n && !are_twins(c, n, p)))
            continue;
        so_far[n] = p;
        plan_permutations(c, so_far, n + 1);
    }
}

static void plan_shared(const configuration_t *c)
{
    static const state_t s;
    ranges_t *shared = &plan.shared;
    use(shared, &s, s.slots, (size_t)c->slots * sizeof s.slots[0]);
    use(shared, &s, s.order, (size_t)c->order * sizeof s.order[0]);
    use(shared, &s, &s.tail, offsetof(state_t, subscriptions) - offsetof(state_t, tail));
    use(shared, &s, s.subscriptions, (size_t)c->subscriptions * sizeof s.subscriptions[0]);
    if (c->may & WAITS)
        use(shared, &s, s.waiters, offsetof(state_t, streams) - offsetof(state_t, waiters));
    if (c->may & STREAMS)
        use(shared, &s, s.streams, sizeof s.streams);
    if (writer_rows(c) > 0) {
        use(shared, &s, s.blocks, (size_t)c->slots * sizeof s.blocks[0]);
        use(shared, &s, s.rows, (size_t)writer_rows(c) * sizeof s.rows[0]);
    }
    if (has_spans(c))
        use(shared, &s, s.spans, sizeof s.spans + sizeof s.token);
    if (c->may & MARKS)
        use(shared, &s, &s.marks, sizeof s.marks);
    if (has_role(c, 'D') || has_group(c))
        use(shared, &s, s.durables, (size_t)c->subscriptions * sizeof s.durables[0]);
    if (has_group(c))
        use(shared, &s, &s.group, sizeof s.group);
    use(shared, &s, &s.remove_when_unused,
        offsetof(state_t, participants) - offsetof(state_t, remove_when_unused));
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (has_participant(c, p))
            use(shared, &s, &s.participants[p], sizeof s.participants[p]);
}

static void plan_head(const configuration_t *c)
{
    static const thread_t t;
    ranges_t *head = &plan.head;
    use(head, &t, &t, offsetof(thread_t, pending));
    if (c->may & WEAK)
        use(head, &t, t.pending, offsetof(thread_t, watching) - offsetof(thread_t, pending));
    if (c->may & WAITS)
        use(head, &t, &t.watching, offsetof(thread_t, reading) - offsetof(thread_t, watching));
    use(head, &t, t.reading, (size_t)c->slots * sizeof t.reading[0]);
    use(head, &t, t.pinned, (size_t)c->slots * sizeof t.pinned[0]);
    use(head, &t, &t.writing, offsetof(thread_t, stream_seen) - offsetof(thread_t, writing));
    if (c->may & STREAMS)
        use(head, &t, &t.stream_seen, offsetof(thread_t, openings) - offsetof(thread_t, stream_seen));
    if (writer_rows(c) > 0)
        use(head, &t, &t.openings,
            offsetof(thread_t, views) - offsetof(thread_t, openings) +
                (size_t)writer_rows(c) * sizeof t.views[0]);
    if (c->may & MARKS)
        use(head, &t, &t.marks, sizeof t.marks);
    if (has_group(c))
        use(head, &t, &t.share, sizeof t.share);
}

void pack_plan(const configuration_t *c)
{
    int so_far[MAX_PARTICIPANTS];
    memset(&plan, 0, sizeof plan);
    plan.threads = (int)strlen(c->roles);
    plan_shared(c);
    plan_head(c);
    plan_permutations(c, so_far, 0);
}

/* One byte each. What does not fit is noticed: `beyond` gets bits above the lowest eight. */
static uint8_t *put(uint8_t *restrict to, const int *restrict from, int count, unsigned *beyond)
{
    unsigned all = 0;
    for (int i = 0; i < count; i++) {
        unsigned value = (unsigned)from[i] + 1;
        all |= value;
        to[i] = (uint8_t)value;
    }
    *beyond |= all;
    return to + count;
}

static const uint8_t *get(const uint8_t *restrict from, int *restrict to, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = (int)from[i] - 1;
    return from + count;
}

static uint8_t *put_ranges(uint8_t *to, const void *from, const ranges_t *ranges, unsigned *beyond)
{
    for (int i = 0; i < ranges->count; i++)
        to = put(to, (const int *)from + ranges->all[i].first, ranges->all[i].count, beyond);
    return to;
}

static const uint8_t *get_ranges(const uint8_t *from, void *to, const ranges_t *ranges)
{
    for (int i = 0; i < ranges->count; i++)
        from = get(from, (int *)to + ranges->all[i].first, ranges->all[i].count);
    return from;
}

int pack_as_it_is(const state_t *s, packed_t start)
{
    unsigned beyond = 0;
    uint8_t *to = put_ranges(start, s, &plan.shared, &beyond);
    for (int i = 0; i <= plan.threads; i++) {
        const thread_t *t = &s->threads[i];
        to = put_ranges(to, t, &plan.head, &beyond);
        to = put(to, (const int *)t->frames, t->depth * FRAME, &beyond);
    }
    if (beyond > 255) {
        fprintf(stderr, "a number of the model does not fit into a byte\n");
        exit(2);
    }
    return (int)(to - start);
}

void unpack(state_t *s, const uint8_t *from)
{
    memset(s, 0, sizeof *s);
    from = get_ranges(from, s, &plan.shared);
    for (int i = 0; i <= plan.threads; i++) {
        thread_t *t = &s->threads[i];
        from = get_ranges(from, t, &plan.head);
        from = get(from, (int *)t->frames, t->depth * FRAME);
    }
}

static int permuted_bits(int bits, const int *to)
{
    int result = 0;
    for (int p = 0; p < MAX_PARTICIPANTS; p++)
        if (bits >> p & 1)
            result |= 1 << to[p];
    return result;
}

static int permuted_word(int word, const int *to)
{
    int owner = word_owner(word);
    return word == 0 || owner == NOBODY ? word : (word & ~(3 << 3)) | to[owner] << 3;
}

static void permute_thread(thread_t *t, const int *to)
{
    for (int n = 0; n < MAX_PENDING; n++)
        if (t->pending[n] && late_is_word(t->pending[n]))
            t->values[n] = permuted_word(t->values[n], to);
    for (int d = 0; d < t->depth; d++)
        t->frames[d].word = permuted_word(t->frames[d].word, to);
    for (int r = 0; r < MAX_ROWS; r++)
        t->views[r].word = permuted_word(t->views[r].word, to);
}

/* The thread that takes the place of thread `i`. */
static int thread_of_any(const configuration_t *c, int i, const int *to)
{
    int p = c->participants[i] - '0';
    return to[p] == p ? i : thread_of(c, to[p]);
}

/* `from` with participant p called to[p]. */
static void permute(const configuration_t *c, const state_t *from, state_t *s, const int *to)
{
    *s = *from;
    for (int i = 0; i < c->slots; i++) {
        s->slots[i].word = permuted_word(from->slots[i].word, to);
        s->slots[i].hold = permuted_bits(from->slots[i].hold, to);
    }
    for (int r = 0; r < c->subscriptions; r++)
        if (s->subscriptions[r].state != SUBSCRIPTION_FREE && !s->durables[r].left)
            s->subscriptions[r].owner = to[from->subscriptions[r].owner];
    for (int r = 0; r < MAX_ROWS; r++) {
        s->rows[r].claimed = permuted_word(from->rows[r].claimed, to);
        s->rows[r].owner = from->rows[r].owner ? to[from->rows[r].owner - 1] + 1 : 0;
    }
    for (int p = 0; p < MAX_PARTICIPANTS; p++) {
        if (to[p] == p)
            continue;
        s->participants[to[p]] = from->participants[p];
        s->threads[thread_of(c, to[p])] = from->threads[thread_of(c, p)];
        for (int e = 0; e < EVENTS; e++) {
            int w = p / c->width, bit = from->waiters[e][w] >> p % c->width & 1; /* both in the same word */
            s->waiters[e][w] = (s->waiters[e][w] & ~(1 << to[p] % c->width)) | bit << to[p] % c->width;
        }
    }
    for (int i = 0; i <= plan.threads; i++)
        permute_thread(&s->threads[i], to);
    if (s->token)
        s->token = to[s->token - 1] + 1;
    if (s->mutex)
        s->mutex = to[s->mutex - 1] + 1;
    if (s->repairing)
        s->repairing = to[s->repairing - 1] + 1;
    if (s->stopped && s->stopped <= plan.threads)
        s->stopped = thread_of_any(c, from->stopped - 1, to) + 1;
}

int pack(const configuration_t *c, const state_t *s, packed_t to)
{
    int length = pack_as_it_is(s, to);
    for (int n = 0; n < plan.permutation_count; n++) {
        state_t other;
        packed_t packed;
        permute(c, s, &other, plan.permutations[n]);
        int other_length = pack_as_it_is(&other, packed);
        int order = memcmp(packed, to, (size_t)(length < other_length ? length : other_length));
        if (order < 0 || (order == 0 && other_length < length)) {
            memcpy(to, packed, (size_t)other_length);
            length = other_length;
        }
    }
    return length;
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

uint64_t fingerprint(const uint8_t *state, int length)
{
    uint64_t a = (uint64_t)length * UINT64_C(0x9e3779b97f4a7c15), b = ~a, word;
    for (int i = 0; i < length; i += 8) {
        word = 0;
        memcpy(&word, state + i, (size_t)(length - i < 8 ? length - i : 8));
        a = (a ^ word) * UINT64_C(0x9fb21c651e98df25);
        a ^= a >> 29;
        b = (b + word) * UINT64_C(0xd6e8feb86659fd93);
        b ^= b >> 32;
    }
    return mix(mix(a) ^ (b << 32 | b >> 32));
}
