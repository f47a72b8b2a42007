/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SR_FAIL_H
#define SR_FAIL_H

#include <stdarg.h>

#include "base/error.h"

/* sr__fail with "SENTENCE: REASON"; the reason is the system's own text for its `number`. */
int sr__fail_because(slotring_error_t *error, int failed, int number, const char *reason, const char *format,
                     va_list arguments);

/* Is there a death lock of this number? 0 or E_INVALID. */
int sr__check_death_lock(uint32_t index, slotring_error_t *error);

#endif
