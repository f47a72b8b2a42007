/* SPDX-License-Identifier: Apache-2.0 */
/* Removing the rings of a place that were to go with their last user, and that nobody uses. */
#ifndef SR_COLLECT_H
#define SR_COLLECT_H

#include "slotring/slotring.h"

/* A few of them; waits for nobody, and fails without a word. options: NULL, or such as the caller gave. */
void sr__collect_some(const slotring_options_t *options);
int sr__collect_all(const slotring_options_t *options, slotring_collect_callback report, void *user,
                    uint32_t *removed, slotring_error_t *error);

#endif
