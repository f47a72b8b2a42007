/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a reader. */
#ifndef SR_READER_OPTIONS_H
#define SR_READER_OPTIONS_H

#include "traffic/readers/properties.h"

/* A copy of what the program gave, with the defaults; NULL: the defaults. E_INVALID, or E_UNSUPPORTED in this ring. */
int sr__reader_options_take(const slotring_t *ring, const slotring_reader_options_t *given,
                            slotring_reader_options_t *options);
/* May a reader of this ring start there? */
int sr__reader_options_check_start(const slotring_t *ring, const sr__start_t *start);

#endif
