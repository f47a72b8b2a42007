/* SPDX-License-Identifier: Apache-2.0 */
/* Where memory may lie that a ring has paid for. What is in memory keeps it; of what is on a disk, only some does. */
#ifndef SR_MEDIUM_H
#define SR_MEDIUM_H

#include "platform.h"

/* Does the file system of directory `path` keep what a new segment is given, so that no later access faults for want of
 * space? 0; or E_UNSUPPORTED, with its name and a remedy. Where the system does not say what it is, 0. */
int sr__medium_check(const char *path, slotring_error_t *error);

#define SR__MEDIUM_OF_OBJECTS "/dev/shm" /* on Linux: what shm_open makes lies there */

#endif
