/* SPDX-License-Identifier: Apache-2.0 */
/* An engine without a server: a log in a folder, a file for each entry. It is for tests, and for processes of one machine: it proves the
 * bridge, with faults that a test orders. An entry is stored when its file has its name. Nothing is flushed to a disk. */
#ifndef BRIDGE_FILES_H
#define BRIDGE_FILES_H

#include "engine.h"

enum bridge_files_role {
    BRIDGE_FILES_SENDER,
    BRIDGE_FILES_RECEIVER, /* one process at a time; the next one is refused as long as the first one lives */
};

/* Opens the log in an existing folder.
 *   entries  that the log may have before it is full; 0: no limit. */
int bridge_files_open(bridge_engine_t **engine, const char *folder, enum bridge_files_role role,
                      uint64_t entries, bridge_error_t *error);

/* As the log of a lossy remote: it drops the oldest entry for one that has no room. Of the sender. */
void bridge_files_drop_oldest(bridge_engine_t *engine);

/* Faults, by any process: */
/* While it is cut, each call of each process gives BRIDGE_CUT. */
int bridge_files_cut(const char *folder, bool cut);
/* The next append is stored, and gives BRIDGE_CUT: its acknowledgement is lost. */
int bridge_files_deafen(const char *folder);
/* The log loses its last entries, acknowledged or not, as a server that lost its disk. All of them: it begins at 1 again. */
int bridge_files_lose(const char *folder, uint64_t entries);

#endif
