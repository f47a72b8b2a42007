/* SPDX-License-Identifier: Apache-2.0 */
/* Acquires by ticket that are open. */
#ifndef SR_TAKEN_H
#define SR_TAKEN_H

#include "handle.h"

bool sr__taken_prepare(sr__taken_t *taken);
void sr__taken_drop(sr__taken_t *taken);
int sr__taken_add(sr__taken_t *taken, uint32_t held, uint64_t key[2]); /* E_NO_MEMORY */
bool sr__taken_remove(sr__taken_t *taken, uint32_t slot, const uint64_t key[2], uint32_t *held);
uint64_t sr__taken_count(sr__taken_t *taken);

#endif
