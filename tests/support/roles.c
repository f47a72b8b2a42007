/* SPDX-License-Identifier: Apache-2.0 */
#include "roles.h"
#include "ring.h"

void publishes_and_stays(peer_t *test, const char *name)
{
    publish(ring_attach(name), STAYING, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}
