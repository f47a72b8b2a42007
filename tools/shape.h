/* SPDX-License-Identifier: Apache-2.0 */
/* Options that describe a new ring, from a file instead of the command line. ring_shape (common.h) judges them then, too. */
#ifndef SLOTRING_TOOL_SHAPE_H
#define SLOTRING_TOOL_SHAPE_H

#include <jansson.h>
#include <stdbool.h>

/* As if none had been given. */
void ring_shape_clear(void);
/* The long name of one that was given; NULL: none was. */
const char *ring_shape_first_given(void);
/* Sets the options to the fields of this object, and no others. False: a field is wrong, and reported. They are valid until the
 * next call. */
bool ring_shape_from_json(json_t *object);
/* Are these the options now? Their names have no dashes then. */
bool ring_shape_is_from_file(void);

#endif
