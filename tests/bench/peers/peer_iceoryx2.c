/* SPDX-License-Identifier: Apache-2.0 */
/* iceoryx2 is in iceoryx2/src/lib.rs, in its own language. This file only makes sure that both languages mean the
 * same structure. */
#include "peer.h"

_Static_assert(offsetof(shape_t, size) == 64 && offsetof(shape_t, buffers) == 64 + sizeof(size_t),
               "struct Shape of lib.rs has another layout");
_Static_assert(offsetof(shape_t, blocking) == offsetof(shape_t, batch) + 4,
               "struct Shape of lib.rs has another layout");
_Static_assert(offsetof(peer_facts_t, spins) == 2 * sizeof(char *) && sizeof(bool) == 1,
               "struct Facts of lib.rs has another layout");
