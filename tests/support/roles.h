/* SPDX-License-Identifier: Apache-2.0 */
/* What helper processes do in several suites. A suite names each in the table of its roles. */
#ifndef TEST_ROLES_H
#define TEST_ROLES_H

#include "process.h"

/* Attaches, publishes message 0 of producer STAYING, tells 1, and stays until it is killed or hears something. It neither closes
 * nor ends its stream: whoever ends it makes a death of it. */
#define STAYING 7u
void publishes_and_stays(peer_t *test, const char *name);

#endif
