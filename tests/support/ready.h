/* SPDX-License-Identifier: Apache-2.0 */
/* What an event loop does with the descriptors, or HANDLEs, of readers. */
#ifndef TEST_READY_H
#define TEST_READY_H

#include <stdbool.h>
#include <stdint.h>

#define READY_MAX 32u

/* Waits until one of them is readable, timeout_ms at most (-1: for ever). Which is said in ready[]; the number of them. */
uint32_t ready_wait(const intptr_t *descriptors, uint32_t count, int timeout_ms, bool *ready);
/* Is this one readable now? */
bool ready_now(intptr_t descriptor);

#endif
