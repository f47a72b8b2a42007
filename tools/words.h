/* SPDX-License-Identifier: Apache-2.0 */
/* The library's sentences in the words of the program: options as they are called here, users by name, bytes with a unit. */
#ifndef SLOTRING_TOOL_WORDS_H
#define SLOTRING_TOOL_WORDS_H

#include "slotring/slotring.h"

typedef struct words {
    char text[2 * SLOTRING_ERROR_TEXT_SIZE];
} words_t;

/* By value, so that it fits into a printf. */
words_t words_of(const slotring_error_t *error);
words_t words_in(const char *sentence);

#endif
