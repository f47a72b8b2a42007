/* SPDX-License-Identifier: Apache-2.0 */
/* Signs of life go beside the stream, as messages that the server gives to whoever listens, and keeps for nobody. A lost connection is made
 * anew by the other calls, and not here. */
#include <string.h>

#include "jetstream/server.h"

static bool is_cut(const jet_t *jet)
{
    return jet->connection == NULL || natsConnection_Status(jet->connection) != NATS_CONN_STATUS_CONNECTED;
}

int jet_beat(bridge_engine_t *engine, const void *bytes, size_t size)
{
    jet_t *jet = jet_of(engine);
    if (is_cut(jet) ||
        natsConnection_Publish(jet->connection, jet->life_subject, bytes, (int)size) != NATS_OK)
        return bridge_fail(&engine->error, BRIDGE_CUT, "the connection ended");
    return BRIDGE_OK;
}

int jet_hear(bridge_engine_t *engine, void *bytes, size_t *size)
{
    jet_t *jet = jet_of(engine);
    natsMsg *msg = NULL;
    int code = BRIDGE_AGAIN;
    if (is_cut(jet))
        return bridge_fail(&engine->error, BRIDGE_CUT, "the connection ended");
    if (jet->signs == NULL &&
        natsConnection_SubscribeSync(&jet->signs, jet->connection, jet->life_subject) != NATS_OK)
        return bridge_fail(&engine->error, BRIDGE_CUT, "cannot listen for signs of life");
    while (natsSubscription_NextMsg(&msg, jet->signs, 0) == NATS_OK) {
        *size = (size_t)natsMsg_GetDataLength(msg);
        if (*size <= BRIDGE_SIGN_MAX) {
            memcpy(bytes, natsMsg_GetData(msg), *size);
            code = BRIDGE_OK;
        }
        natsMsg_Destroy(msg);
        msg = NULL;
    }
    return code;
}
