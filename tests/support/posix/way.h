/* SPDX-License-Identifier: Apache-2.0 */
/* Which instructions of this program a test stops or kills at. ci/steps tells the steps of the protocol from them. */
#ifndef TEST_WAY_H
#define TEST_WAY_H

#include <stdbool.h>
#include <stdint.h>

/* Does the environment's SLOTRING_TEST_WAYS name a file for them? */
bool way_is_wanted(void);
/* One instruction, at its first time: a line "SUITE.NAME offset" in that file. May be called in a signal handler. */
void way_note(uint64_t address);

#endif
