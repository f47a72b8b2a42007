/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller of slotring_open asks for. */
#ifndef SR_OPTIONS_H
#define SR_OPTIONS_H

#include "platform.h"

const sr__backend_t *sr__backend_find(const char *name, slotring_error_t *error);
int sr__name_check(const char *name, slotring_error_t *error);
int sr__options_check(const slotring_options_t *options, slotring_options_t *checked,
                      slotring_error_t *error);
/* Is the ring to be a copy of another one? */
bool sr__has_lineage(const slotring_options_t *options);

#endif
