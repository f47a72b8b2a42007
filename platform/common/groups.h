/* SPDX-License-Identifier: Apache-2.0 */
/* The Unix groups of this process. */
#ifndef SR_GROUPS_H
#define SR_GROUPS_H

#include <stdint.h>

/* See system.in_group of the contract. */
int sr__in_group(uint32_t group);

#endif
