/* SPDX-License-Identifier: Apache-2.0 */
/* Each test has a directory of its own for its rings, which SLOTRING_DIR names for it and its helpers. */
#ifndef TEST_FILES_H
#define TEST_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes the directory, in shared memory where there is some, and sets SLOTRING_DIR. */
void directory_make(void);
const char *directory_path(void);
/* How many entries a directory has; `names` (may be NULL) gets the first ones, for a report. */
unsigned directory_entries(const char *path, char *names, size_t size);
/* Removes it with all its contents. */
void directory_remove(void);

/* MiB that are free, in memory and in the directory's file system, whichever is less. */
uint64_t free_mib(void);

/* How many files this process may have open, once it has asked for thousands. */
uint64_t open_files_allowed(void);

/* Fails the test when something lies in the directory, or in shared memory that belongs to it. */
void check_nothing_left(void);

/* The file of ring `name`, and its lock file. Valid until the next call. */
const char *ring_path(const char *name);
const char *ring_lock_path(const char *name);
/* The file of its memory, where that is another one. */
const char *ring_memory_path(const char *name);

/* Whole files. */
void file_write(const char *path, const void *data, size_t size);
size_t file_size(const char *path);

/* Somebody else takes a file away; `replaced`: another one is in its place. */
void file_take_away(const char *path, bool replaced);

#endif
