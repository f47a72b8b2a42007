/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for the rings of a fuzzing process, removed at its end; and no sleep in it. */
#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

#include <stddef.h>

/* Makes it at the first call, and sets SLOTRING_DIR. */
void folder_make(void);
const char *folder_path(void);
/* The file with the memory of ring `name`, which may not be there: it has that name, or an entry leads to it. */
void folder_memory(const char *name, char *file, size_t size);

#endif
