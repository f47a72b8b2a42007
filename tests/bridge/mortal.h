/* SPDX-License-Identifier: Apache-2.0 */
/* An engine whose process dies at a call that the test names. */
#ifndef TEST_BRIDGE_MORTAL_H
#define TEST_BRIDGE_MORTAL_H

#include "engine.h"

/* Wraps an engine: the process is killed at step `step`, 1, 2, 3 …; each call is two, one before and one behind it. Signs of life, which
 * depend on the time, are none. 0: never. */
bridge_engine_t *mortal_wrap(bridge_engine_t *engine, unsigned step);

#endif
