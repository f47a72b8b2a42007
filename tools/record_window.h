/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file of MCAP here and there, without asking the system for each number. */
#ifndef SLOTRING_TOOL_RECORD_WINDOW_H
#define SLOTRING_TOOL_RECORD_WINDOW_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a file where it is asked to, and keeps what it read around. */
typedef struct window {
    int file;
    uint64_t file_size, start;
    size_t there, room;
    unsigned char *data;
} window_t;

/* `size` bytes from `offset` on; NULL: the file has them not, or *error is not 0. */
const unsigned char *window_at(window_t *window, uint64_t offset, size_t size, int *error);

/* A text of MCAP at `at`, of which `left` bytes are there; moves `at` behind it. To be freed; NULL: it is not whole. */
char *window_text(const unsigned char **at, size_t *left);
/* A map of texts to texts, as a JSON object; NULL: it is not one. */
json_t *window_map(const unsigned char **at, size_t *left);

#endif
