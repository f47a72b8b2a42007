/* SPDX-License-Identifier: Apache-2.0 */
/* What lossless readers may still need; the end of the order. */
#ifndef SR_GATE_H
#define SR_GATE_H

#include "handle.h"

uint64_t sr__gate(sr__member_t *member);            /* a fresh look */
uint64_t sr__published_end(const sr__view_t *view); /* one above the last publication */

void sr__gates_add(sr__view_t *view, uint32_t subscription);
void sr__gates_remove(sr__view_t *view, uint32_t subscription);
bool sr__gates_have(const sr__view_t *view, uint32_t subscription);
bool sr__any_gate(const sr__view_t *view);
uint32_t
sr__gate_owner(const sr__view_t *view); /* the participant that holds producers back; UINT32_MAX: none */

#endif
