/* SPDX-License-Identifier: Apache-2.0 */
/* Failures that more than one backend has to tell. */
#include "common/fail.h"

#include <stdio.h>

int sr__fail_because(slotring_error_t *error, int failed, int number, const char *reason, const char *format,
                     va_list arguments)
{
    char sentence[SLOTRING_ERROR_TEXT_SIZE];

    vsnprintf(sentence, sizeof sentence, format, arguments);
    return sr__fail(error, failed, number, "%s: %s", sentence, reason);
}

int sr__check_death_lock(uint32_t index, slotring_error_t *error)
{
    if (index <= SLOTRING_PARTICIPANTS_MAX)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, 0, "there is no death lock %u: the last one is %d",
                    (unsigned)index, SLOTRING_PARTICIPANTS_MAX);
}
