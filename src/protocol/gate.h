/* SPDX-License-Identifier: Apache-2.0 */
/* What lossless readers may still need; the end of the order. */
#ifndef SR_GATE_H
#define SR_GATE_H

#include "handle.h"

uint64_t sr__gate(sr__member_t *member);            /* a fresh look */
uint64_t sr__published_end(const sr__view_t *view); /* one above the last publication */

void sr__gates_add(sr__view_t *view, uint32_t subscription);
/* Makes the subscription that had this word, or has it with other flags, one that gates no more. Gives its word then; or the word
 * that it was given, when it was another one by then. */
uint64_t sr__gates_leave(sr__view_t *view, uint32_t r, uint64_t word);
void sr__gates_remove(sr__view_t *view, uint32_t subscription);
/* Makes a subscription FREE, which had this word; its flags may have changed. False: it was another's by then. */
bool sr__subscription_free(sr__view_t *view, uint32_t subscription, uint64_t word);
bool sr__gates_have(const sr__view_t *view, uint32_t subscription);
bool sr__any_gate(const sr__view_t *view);
/* May it be that nothing holds producers back there any more? */
bool sr__gate_may_be_past(const sr__view_t *view, uint64_t sequence);
/* The subscription that is farthest behind of those that hold producers back, and its participant; UINT32_MAX: none. */
uint32_t sr__gate_row(const sr__view_t *view, uint32_t *owner);

#endif
