/* SPDX-License-Identifier: Apache-2.0 */
/* The command that thaws a frozen process, on Linux: of its control group, or of one above it. */
#ifndef SLOTRING_TOOL_THAW_H
#define SLOTRING_TOOL_THAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds it to `text`, for a POSIX shell. False: which group is frozen cannot be found out here; nothing is added.
 *   root  "", or the folder of another system's files, for tests */
bool thaw_command(const char *root, uint64_t pid, char *text, size_t size);

#endif
