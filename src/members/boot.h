/* SPDX-License-Identifier: Apache-2.0 */
/* Rings from before a restart of the machine. */
#ifndef SR_BOOT_H
#define SR_BOOT_H

#include "handle.h"

bool sr__is_of_another_boot(const slotring_t *ring, const sr__header_t *header);
int sr__boot_check(const slotring_t *ring, const sr__header_t *header,
                   slotring_error_t *error); /* 0 or E_OTHER_BOOT */
int sr__boot_remove(slotring_t *ring, const sr__header_t *header, int how, bool *replaced,
                    slotring_error_t *error);

#endif
