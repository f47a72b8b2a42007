/* SPDX-License-Identifier: Apache-2.0 */
/* The three ways to open a ring: create, attach, observe. ring->member.os and ring->place are set. After an error the caller drops what they
 * left in *ring. */
#ifndef SR_OPENING_H
#define SR_OPENING_H

#include "handle.h"

/* Another process may make or remove the ring of this name meanwhile; then the attempt is made again. *attempts counts
 * those of one opening, over all its calls; with the last one it fails: E_BUSY. */
#define SR__ATTEMPTS 1000u
int sr__ring_create(slotring_t *ring, const char *name, const slotring_options_t *options, uint32_t *attempts,
                    slotring_error_t *error);
int sr__ring_attach(slotring_t *ring, const char *name, const slotring_options_t *options, uint32_t *attempts,
                    slotring_error_t *error);
int sr__ring_observe(slotring_t *ring, const char *name, slotring_error_t *error);

#endif
