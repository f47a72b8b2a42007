/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers in a message, by a format as of Python's struct module: "<IHHq". */
#ifndef SLOTRING_TOOL_UNPACK_H
#define SLOTRING_TOOL_UNPACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Checks the format. *size: bytes that it describes. False: reported. */
bool unpack_check(const char *format, uint64_t *size);
/* The values in the first bytes of a message, which has as many as a checked format describes. An integer that JSON's
 * integers of 64 bits with a sign cannot have is a text. */
json_t *unpack(const char *format, const unsigned char *bytes);

#endif
