/* SPDX-License-Identifier: Apache-2.0 */
/* A remote that wants the latest message takes one only when the receiver has got the one before the last. So at most two messages are on their
 * way, however slow the receiver is, and the next one is the latest of that moment. */
#include "sending.h"

#define LOOK_NS INT64_C(1000000000)

int sending_turn(sending_t *s)
{
    uint64_t oldest;
    if (s->options->pressure != BRIDGE_LATEST)
        return BRIDGE_OK;
    int code = s->engine->calls->oldest(s->engine, &oldest);
    if (code != BRIDGE_OK)
        return code;
    if (oldest >= s->turn) {
        s->turn = s->last;
        s->turn_tries = 0;
        return BRIDGE_OK;
    }
    bridge_sleep_ns(bridge_backoff_ns(s->turn_tries++));
    code = bridge_now_ns() - s->looked_ns >= LOOK_NS ? sending_look(s) : BRIDGE_OK;
    return code == BRIDGE_OK ? BRIDGE_AGAIN : code;
}
