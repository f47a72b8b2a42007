/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that processes have mapped, by /proc: the same name in two places, and rings whose files were removed. */
#ifndef SLOTRING_TOOL_DOCTOR_LINUX_PLACES_H
#define SLOTRING_TOOL_DOCTOR_LINUX_PLACES_H

#include "doctor.h"

void doctor_check_places(doctor_t *doctor);
/* The same for one name; and where that ring is, if it is not in doctor->folder. */
void doctor_look_for_places(doctor_t *doctor, const char *name);
/* Has a process that this user can see mapped the file? */
bool doctor_is_mapped(unsigned device_major, unsigned device_minor, uint64_t inode, long *pid);

#endif
