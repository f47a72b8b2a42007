/* SPDX-License-Identifier: Apache-2.0 */
#include "record_window.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "host_disk.h"

#define WINDOW ((size_t)1 << 14) /* bytes that are read at least */

const unsigned char *window_at(window_t *window, uint64_t offset, size_t size, int *error)
{
    if (offset > window->file_size || window->file_size - offset < size)
        return NULL;
    if (offset >= window->start && offset - window->start <= window->there &&
        window->there - (size_t)(offset - window->start) >= size)
        return window->data + (offset - window->start);
    size_t want = size > WINDOW ? size : WINDOW;
    if (window->room < want) {
        unsigned char *larger = realloc(window->data, want);
        if (!larger)
            return NULL;
        window->data = larger;
        window->room = want;
    }
    uint64_t got;
    window->there = 0;
    window->start = offset;
    int failed = host_read_at(window->file, offset, window->data, want, &got);
    *error = failed ? failed : *error;
    window->there = failed ? 0 : (size_t)got;
    return window->there >= size ? window->data : NULL;
}

char *window_text(const unsigned char **at, size_t *left)
{
    if (*left < 4 || *left - 4 < get_u32(*at))
        return NULL;
    size_t length = get_u32(*at);
    char *text = malloc(length + 1);
    if (!text)
        return NULL;
    memcpy(text, *at + 4, length);
    text[length] = '\0';
    *at += 4 + length;
    *left -= 4 + length;
    return text;
}

json_t *window_map(const unsigned char **at, size_t *left)
{
    if (*left < 4 || *left - 4 < get_u32(*at))
        return NULL;
    json_t *map = json_object();
    size_t inside = get_u32(*at);
    *left -= 4 + inside;
    *at += 4;
    bool good = map != NULL;
    while (good && inside > 0) {
        char *key = window_text(at, &inside), *value = key ? window_text(at, &inside) : NULL;
        good = value && json_object_set_new(map, key, json_string(value)) == 0;
        free(key);
        free(value);
    }
    if (!good)
        json_decref(map);
    return good ? map : NULL;
}
