/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a recording's files share. */
#ifndef SLOTRING_TOOL_RECORD_FILES_H
#define SLOTRING_TOOL_RECORD_FILES_H

#include "record.h"

/* Reports an error of a write. Returns the exit code. */
int recording_report(recording_t *recording, int error);
/* After a write that failed: may it be tried again? */
bool recording_made_room(recording_t *recording, int error);
int recording_sync(recording_t *recording);

/* The head of a file, and what comes behind it before the first chunk. An error of the system, MCAP_NO_MEMORY, or 0. */
int recording_write_head(recording_t *recording);
int recording_write_schemas(recording_t *recording);
int recording_write_channels(recording_t *recording, const source_t *source);

/* From now on the file has this number; 0: none. False: no memory, which was reported. */
bool recording_name(recording_t *recording, uint32_t number);
int recording_begin_file(recording_t *recording);

#endif
