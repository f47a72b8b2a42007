/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor says of a ring, for doctor of all rings and of one. */
#ifndef SLOTRING_TOOL_DOCTOR_RINGS_H
#define SLOTRING_TOOL_DOCTOR_RINGS_H

#include "doctor.h"

/* What to do about an error with ring `name`; "": nothing but what the error's sentence says. */
void doctor_remedy(int code, const char *name, char *text, size_t size);
void doctor_look_at_lock(doctor_t *doctor, const slotring_list_entry_t *entry);
/* Is one of them stopped, frozen, dead or out of sight? Says which. */
bool doctor_look_at_participants(doctor_t *doctor, slotring_t *ring, const char *name);
/* Of the system: the owner of what stands under the ring's name. False: not known. */
bool doctor_owner_of(const doctor_t *doctor, const char *name, uint64_t *owner);

#endif
