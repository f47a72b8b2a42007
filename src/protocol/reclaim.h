/* SPDX-License-Identifier: Apache-2.0 */
/* Reclaiming a retired slot. */
#ifndef SR_RECLAIM_H
#define SR_RECLAIM_H

#include "handle.h"

void sr__reclaim_retired(sr__member_t *member, uint32_t slot, uint32_t as);
uint64_t sr__retire(sr__member_t *member, uint32_t slot, uint64_t sequence, uint32_t as);

#endif
