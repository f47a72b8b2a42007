/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer may be asked to be. */
#ifndef SR_WRITER_OPTIONS_H
#define SR_WRITER_OPTIONS_H

#include "handle.h"

/* The caller's options, or the defaults, checked for this ring. */
int sr__writer_options_take(const sr__view_t *view, const slotring_writer_options_t *given,
                            slotring_writer_options_t *options);

#endif
