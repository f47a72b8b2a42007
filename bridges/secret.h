/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords, tokens and keys come from files that nobody but their owner may read. On a command line everybody sees them. */
#ifndef BRIDGE_SECRET_H
#define BRIDGE_SECRET_H

#include "bridge.h"

/* Is it a file of this user, or of root, without any right for others? BRIDGE_REFUSED: no, or it cannot be read. */
int bridge_secret_check(const char *path, bridge_error_t *error);
/* The same, and its first line. A line that is empty, or does not fit, is refused. */
int bridge_secret_read(const char *path, char *text, size_t size, bridge_error_t *error);

#endif
