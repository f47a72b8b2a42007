/* SPDX-License-Identifier: Apache-2.0 */
/* A participant's own counters. */
#ifndef SR_COUNTERS_H
#define SR_COUNTERS_H

#include "handle.h"

void sr__count(sr__member_t *member, enum sr__counter counter, uint64_t amount);
uint64_t sr__total(const sr__view_t *view, enum sr__counter counter);
void sr__note_sequence(sr__member_t *member, uint64_t sequence);

#endif
