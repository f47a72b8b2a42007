/* SPDX-License-Identifier: Apache-2.0 */
/* What create says of a new ring; and rings that a file describes. */
#ifndef SLOTRING_TOOL_CREATE_H
#define SLOTRING_TOOL_CREATE_H

#include <jansson.h>
#include <stdbool.h>

#include "slotring/slotring.h"

json_t *create_json(const slotring_info_t *info);
void create_print(const slotring_info_t *info);
/* Stays until it is asked to stop, where a ring goes with its last user. Returns `code`. */
int create_stay(const slotring_info_t *info, int code);

/* Makes all rings of the file, or none. Returns an exit code. */
int create_from_file(const char *path, bool exist_ok, bool json);

#endif
