/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for the rings of a fuzzing process, removed at its end; and no sleep in it. */
#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

/* Makes it at the first call, and sets SLOTRING_DIR. */
void folder_make(void);
const char *folder_path(void);

#endif
