/* SPDX-License-Identifier: Apache-2.0 */
/* Structs that begin with struct_size. `what` is the beginning of a sentence ("options have"). */
#ifndef SR_STRUCTS_H
#define SR_STRUCTS_H

#include <stddef.h>

#include "slotring/slotring.h"

int sr__struct_check(const char *what, size_t size, size_t least, size_t own, slotring_error_t *error);
/* From the caller's, whatever version it is of; *own has the defaults. */
int sr__struct_take(const char *what, void *own, size_t own_size, size_t least, const void *given,
                    slotring_error_t *error);
/* The caller's options: all zero but for the two sizes that they begin with. */
void sr__struct_prepare(void *given, size_t size, size_t slot_struct_size);
/* *size of a slotring_slot_t in the caller's program: 0 becomes that of the first version; any other is checked. */
int sr__slot_struct_check(const char *what, size_t *size, slotring_error_t *error);
/* To the caller's, whose struct_size was checked and stays as it is. */
void sr__struct_give(void *given, const void *own, size_t own_size);

#endif
