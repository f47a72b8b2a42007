/* SPDX-License-Identifier: Apache-2.0 */
/* A sentence of the library's with the system's reason behind it. */
#include "common/fail.h"

#include <stdio.h>

int sr__fail_because(slotring_error_t *error, int failed, int number, const char *reason, const char *format,
                     va_list arguments)
{
    char sentence[SLOTRING_ERROR_TEXT_SIZE];

    vsnprintf(sentence, sizeof sentence, format, arguments);
    return sr__fail(error, failed, number, "%s: %s", sentence, reason);
}
