/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a ring in shared memory. docs/design.md draws it with offsets. Each header below has one part of it: the
 * struct, the formats of its words, and the functions that pack and unpack them.
 *
 * Fixed-width, naturally aligned fields only; no pointers, no type whose size depends on compiler or word size.
 * Lines of 128 bytes separate words that different processes write (64-byte lines are fetched in pairs). All new
 * memory is zero, and zero is the right initial value of everything but what create.c stores.
 * Any change here is a new SR__LAYOUT_VERSION (header.h).
 */
#ifndef SR_LAYOUT_H
#define SR_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "layout/account.h"
#include "layout/budget.h"
#include "layout/group.h"
#include "layout/header.h"
#include "layout/marks.h"
#include "layout/participant.h"
#include "layout/slot.h"
#include "layout/state.h"
#include "layout/subscription.h"
#include "layout/writer.h"

/* The free map: a bitmap of slots that may be FREE; always four levels of 64, so that a search costs the same for
 * any ring. */
#define SR__FREE_MAP_LEVELS 4u
/* The same for the positions of the order: publications that were withdrawn and are deferred (deferred.c). */
#define SR__DEFERRED_LEVELS 5u
/* Which publications were withdrawn (withdrawn.c): 16 a word, at least so many. */
#define SR__WITHDRAWN_LEAST 64u
#define SR__WITHDRAWN_LEVELS_MAX 8u

_Static_assert(sizeof(sr__part_t) == 40, "layout");
_Static_assert(sizeof(sr__header_t) <= SR__PAGE, "layout");
_Static_assert(sizeof(sr__waiters_t) == 640, "layout");
_Static_assert(sizeof(sr__state_t) == 8 * SR__LINE + 4 * 640, "layout");
_Static_assert(sizeof(sr__death_t) == SR__LINE, "layout");
_Static_assert(sizeof(sr__participant_t) == 768, "layout");
_Static_assert(sizeof(sr__subscription_t) == 3 * SR__LINE, "layout");
_Static_assert(sizeof(sr__group_t) == 256, "layout");
_Static_assert(sizeof(sr__slot_t) == 128, "layout");
_Static_assert(offsetof(sr__slot_t, hold0) == 56, "layout");
_Static_assert(sizeof(sr__writer_t) == SR__LINE, "layout");
_Static_assert(sizeof(sr__mark_t) == SR__LINE, "layout");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must be lock-free and address-free");

#endif
