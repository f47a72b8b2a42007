/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a log in files: its lock, its counts, its entries. */
#ifndef BRIDGE_FILES_STORE_H
#define BRIDGE_FILES_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct store {
    char folder[400];
    int lock;         /* the file "lock": held for each look and each change */
    uint64_t dropped; /* all entries up to this one were acknowledged, and are gone */
    uint64_t last;    /* the last entry; `dropped` if there is none behind it */
    uint64_t lives;   /* how often the log has lost entries */
    bool is_cut, is_deaf;
} store_t;

/* -1: errno says why. */
int store_open(store_t *store, const char *folder);
void store_close(store_t *store);

/* Takes the lock, and finds out what there is; 0, or -1 without the lock. */
int store_enter(store_t *store);
void store_leave(store_t *store);

/* Between the two: */
int store_append(store_t *store, const void *bytes, size_t size); /* as last + 1 */
/* Bytes of an entry, in memory that is made larger as needed. -1: errno; ENOENT if it is not there. */
int store_read(const store_t *store, uint64_t sequence, uint8_t **buffer, size_t *room, size_t *size);
int store_drop(store_t *store, uint64_t upto);
int store_lose(store_t *store, uint64_t entries);
int store_cut(const store_t *store, bool cut);
int store_deafen(const store_t *store, bool deaf);

#endif
