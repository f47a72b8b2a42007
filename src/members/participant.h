/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming a participant. */
#ifndef SR_PARTICIPANT_H
#define SR_PARTICIPANT_H

#include "handle.h"

int sr__participant_take(slotring_t *ring, const slotring_options_t *options, slotring_error_t *error);

#endif
