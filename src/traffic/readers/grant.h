/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner of a ring grants its readers. */
#ifndef SR_GRANT_H
#define SR_GRANT_H

#include "traffic/readers/properties.h"

/* Is this process the ring's owner's, or root's? */
bool sr__is_owner(const slotring_t *ring);
/* May a reader of this process have these properties? A budget that its options leave open becomes what is granted. E_ACCESS,
 * E_NO_MEMORY, E_OS. */
int sr__grant_check(const slotring_t *ring, const slotring_reader_options_t *options,
                    sr__properties_t *properties);

#endif
