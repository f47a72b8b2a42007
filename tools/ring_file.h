/* SPDX-License-Identifier: Apache-2.0 */
/* A file that describes rings, for slotring create --file. Each call reports what is wrong. */
#ifndef SLOTRING_TOOL_RING_FILE_H
#define SLOTRING_TOOL_RING_FILE_H

#include <jansson.h>
#include <stdbool.h>

#include "slotring/slotring.h"

typedef struct described {
    json_t *fields; /* of the document */
    const char *name;
    slotring_options_t options; /* what the ring is to be */
    char *group, *description;  /* texts to which the options point; to be freed */
    slotring_t *ring;           /* NULL: not open */
    bool made;                  /* by this command; else it was there */
    slotring_info_t info;
} described_t;

typedef struct ring_file {
    const char *path;
    json_t *document;
    described_t *rings;
    size_t count;
} ring_file_t;

/* Reads the file `path`. 0, or an exit code. */
int ring_file_load(ring_file_t *file);
/* Finds out what each ring is to be, before the first one is made: a fault that can be known now costs nothing. */
bool ring_file_check(ring_file_t *file);
/* From now on messages name the ring: rings.json, ring 2 "raw": ... */
void ring_file_speak_of(const ring_file_t *file, size_t number);
/* Closes the rings, and frees all that the file has. */
void ring_file_close(ring_file_t *file);

#endif
