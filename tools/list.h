/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of this host, for ls and for rm --all-unused. */
#ifndef SLOTRING_TOOL_LIST_H
#define SLOTRING_TOOL_LIST_H

#include "slotring/slotring.h"

/* 0 and all there are, in memory to free; or an exit code after it was reported. */
int list_fetch(const slotring_options_t *options, slotring_list_entry_t **list, uint32_t *count);

#endif
