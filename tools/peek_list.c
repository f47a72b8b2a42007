/* SPDX-License-Identifier: Apache-2.0 */
#include "peek_list.h"

#include <stdlib.h>

bool peek_list_add(peek_list_t *list, const slotring_slot_t *message)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        peek_item_t *larger =
            room <= SIZE_MAX / sizeof *larger ? realloc(list->items, room * sizeof *larger) : NULL;
        if (!larger)
            return false;
        list->items = larger;
        list->room = room;
    }
    list->items[list->count++] = (peek_item_t){.ticket = message->ticket,
                                               .time_ns = message->time_ns,
                                               .sequence = message->sequence,
                                               .number = message->number,
                                               .writer = message->writer};
    return true;
}

static int compare(uint64_t one, uint64_t other)
{
    return one < other ? -1 : one > other;
}

static int later(const void *one, const void *other)
{
    const peek_item_t *a = one, *b = other;
    int order = compare(a->time_ns, b->time_ns);
    order = order ? order : compare(a->sequence, b->sequence);
    order = order ? order : compare(a->writer, b->writer);
    return order ? order : compare(a->number, b->number);
}

void peek_list_sort(peek_list_t *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, later);
}

void peek_list_free(peek_list_t *list)
{
    free(list->items);
    *list = (peek_list_t){0};
}
