/* SPDX-License-Identifier: Apache-2.0 */
/* All states that were met. A state is known by a 64-bit fingerprint: two of a hundred million have the same one with a
 * chance of three in ten thousand, and then one of them is not looked at. About 30 bytes for each state. */
#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *grow(void *old, uint64_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    if (!now) {
        fprintf(stderr, "the model check needs more memory than there is (%llu MiB in one piece)\n",
                (unsigned long long)(count * size >> 20));
        exit(2);
    }
    return now;
}

enum {
    NUMBER_BITS = 28 /* of an entry of the table, the rest is part of the fingerprint; 0: empty */
};
#define NUMBER_MASK ((UINT32_C(1) << NUMBER_BITS) - 1)

static uint32_t entry_for(uint64_t print, uint32_t number)
{
    return (number + 1) | (uint32_t)(print >> 60) << NUMBER_BITS;
}

static void table_put(states_t *s, uint32_t number)
{
    uint64_t at = s->prints[number] & s->mask;
    while (s->table[at])
        at = (at + 1) & s->mask;
    s->table[at] = entry_for(s->prints[number], number);
}

static void table_grow(states_t *s)
{
    s->mask = s->mask ? s->mask * 2 + 1 : (1 << 16) - 1;
    free(s->table);
    s->table = calloc((size_t)s->mask + 1, sizeof *s->table);
    if (!s->table)
        s->table = grow(NULL, UINT64_MAX / 2, 1); /* which says what is wanted */
    for (uint32_t n = 0; n < s->count; n++)
        table_put(s, n);
}

void states_start(states_t *s)
{
    memset(s, 0, sizeof *s);
    table_grow(s);
}

void states_end(states_t *s)
{
    free(s->table);
    free(s->prints);
    free(s->parents);
    free(s->good);
    free(s->degrees);
    free(s->edges);
    free(s->queue);
}

bool states_add(states_t *s, uint64_t print, uint32_t parent, uint32_t *number)
{
    uint64_t at = print & s->mask;
    for (; s->table[at]; at = (at + 1) & s->mask) {
        uint32_t n = (s->table[at] & NUMBER_MASK) - 1;
        if (s->table[at] == entry_for(print, n) && s->prints[n] == print) {
            *number = n;
            return false;
        }
    }
    if (s->count == s->room) {
        s->room = s->room * 2 + 1024;
        s->prints = grow(s->prints, s->room, sizeof *s->prints);
        s->parents = grow(s->parents, s->room, sizeof *s->parents);
        s->good = grow(s->good, s->room, sizeof *s->good);
        s->degrees = grow(s->degrees, s->room, sizeof *s->degrees);
    }
    *number = (uint32_t)s->count++;
    s->prints[*number] = print;
    s->parents[*number] = parent;
    s->good[*number] = false;
    s->degrees[*number] = 0;
    s->table[at] = entry_for(print, *number);
    if (s->count * 10 > s->mask * 7)
        table_grow(s);
    return true;
}

void states_follow(states_t *s, uint32_t from, uint32_t to)
{
    if (s->edge_count == s->edge_room) {
        s->edge_room = s->edge_room * 2 + 4096;
        s->edges = grow(s->edges, s->edge_room, sizeof *s->edges);
    }
    s->edges[s->edge_count++] = to;
    s->degrees[from]++;
}

void queue_put(states_t *s, const uint8_t *state, int length)
{
    uint64_t need = (uint64_t)length + 2;
    if (s->tail + need > s->queue_room) {
        if (s->tail > s->head)
            memmove(s->queue, s->queue + s->head, (size_t)(s->tail - s->head));
        s->tail -= s->head;
        s->head = 0;
        if (s->tail + need > s->queue_room / 2) {
            s->queue_room = s->queue_room * 2 + 65536;
            s->queue = grow(s->queue, s->queue_room, 1);
        }
    }
    s->queue[s->tail] = (uint8_t)(length & 255);
    s->queue[s->tail + 1] = (uint8_t)(length >> 8);
    memcpy(s->queue + s->tail + 2, state, (size_t)length);
    s->tail += need;
}

const uint8_t *queue_take(states_t *s)
{
    if (s->head == s->tail)
        return NULL;
    const uint8_t *state = s->queue + s->head + 2;
    s->head += (uint64_t)(s->queue[s->head] | s->queue[s->head + 1] << 8) + 2;
    return state;
}
