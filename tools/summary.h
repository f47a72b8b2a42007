/* SPDX-License-Identifier: Apache-2.0 */
/* What slotring read says at its end. */
#ifndef SLOTRING_TOOL_SUMMARY_H
#define SLOTRING_TOOL_SUMMARY_H

#include <stdbool.h>

#include "receive.h"

typedef struct summary {
    bool quiet;       /* not in words on standard error */
    bool json;        /* on standard output, or on standard error if the data go to standard output */
    bool marks;       /* with the marks that were told */
    const char *file; /* NULL, or where the same JSON goes */
} summary_t;

/* `code`: as which the reading has ended. Returns the exit code of the program. */
int summarize(const summary_t *wanted, const receiver_t *receiver, int code);

#endif
