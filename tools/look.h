/* SPDX-License-Identifier: Apache-2.0 */
/* A message as slotring peek shows it. */
#ifndef SLOTRING_TOOL_LOOK_H
#define SLOTRING_TOOL_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

enum {
    LOOK_HEX,
    LOOK_TEXT,
    LOOK_STRUCT
};

typedef struct look {
    uint32_t kind;      /* LOOK_HEX … */
    const char *format; /* of LOOK_STRUCT */
    uint64_t bytes;     /* to show, at most */
    bool json;
} look_t;

/* From the value of --format; NULL: hex. False: reported. */
bool look_format(look_t *look, const char *text);
/* damaged: the bytes are not those that were published. False: the message is shorter than the format, and that was said. */
bool look_print(const look_t *look, const slotring_slot_t *message, const unsigned char *bytes, bool damaged);

#endif
