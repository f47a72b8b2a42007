/* SPDX-License-Identifier: Apache-2.0 */
/* Judging a header before anything of it is used. */
#ifndef SR_VALIDATE_H
#define SR_VALIDATE_H

#include "slotring/slotring.h"

int sr__header_validate(const void *page, uint64_t segment_size, const char *name, bool observe,
                        slotring_error_t *error);

#endif
