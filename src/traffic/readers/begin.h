/* SPDX-License-Identifier: Apache-2.0 */
/* How a reader begins, by what becomes of its subscription when it ends. After an error the caller ends the reader. */
#ifndef SR_BEGIN_H
#define SR_BEGIN_H

#include "traffic/readers/properties.h"

/* One that goes on with the subscription of its name, or a new one. */
int sr__begin_durable(slotring_reader_t *reader, const slotring_reader_options_t *options,
                      const sr__properties_t *properties);
/* A member of the group of this name, or of a new one. */
int sr__begin_member(slotring_reader_t *reader, const slotring_reader_options_t *options,
                     const sr__properties_t *properties);

#endif
