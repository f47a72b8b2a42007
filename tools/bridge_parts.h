/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of slotring bridge share: the server, its secrets, and errors in the program's words. They are built where the client of
 * NATS is; bridge.c is built everywhere. */
#ifndef SLOTRING_TOOL_BRIDGE_PARTS_H
#define SLOTRING_TOOL_BRIDGE_PARTS_H

#include <jansson.h>
#include <popt.h>
#include <stdbool.h>

#include "jetstream/jetstream.h"
#include "slotring/slotring.h"

int bridge_part_send(int argc, const char **argv);
int bridge_part_receive(int argc, const char **argv);
int bridge_part_status(int argc, const char **argv);

/* ---- The server: bridge_server.c -------------------------------------------------------------------- */

extern struct poptOption bridge_server_table[];
#define BRIDGE_SERVER_OPTIONS                                                                          \
    {                                                                                                  \
        NULL, 0, POPT_ARG_INCLUDE_TABLE, bridge_server_table, 0, "The server and the log there:", NULL \
    }

#define BRIDGE_REMOTE_MAX 32u

/* Those options. `ring`: the name of the log, unless one is given. The texts stay. False: a value is wrong, and reported. */
bool bridge_server(const char *ring, bridge_jetstream_options_t *options);
/* Those of them that were given, for a command that is proposed: " --remote daq --server nats://builder:4222". */
const char *bridge_server_words(const bridge_jetstream_options_t *options, const char *ring);

/* Before a half ("send", "receive") runs: from here on Ctrl-C ends it in order; its name in the ring, and the log at the server. 0, or an
 * exit code after the error was reported. */
int bridge_begin(const char *half, const bridge_jetstream_options_t *server, const char *ring, bool quiet,
                 slotring_options_t *place, bridge_engine_t **engine);
/* Reports it, with what to do next, and returns the exit code for it. `ring` and `place`: of the ring that was to be opened. */
int bridge_report(const bridge_error_t *error, const bridge_jetstream_options_t *server, const char *ring,
                  const slotring_options_t *place);
/* Between two steps: was the program asked to stop? */
bool bridge_asks_stop(void *user);
/* Prints what a half says while it runs. */
void bridge_says(void *user, const char *sentence);

#endif
