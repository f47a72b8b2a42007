/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording says of a ring besides its messages: events, and what is missing. */
#ifndef SLOTRING_TOOL_RECORD_EVENTS_H
#define SLOTRING_TOOL_RECORD_EVENTS_H

#include "record.h"

/* A producer died; or, with `lost`, only the way to it is lost. Exit codes. */
int source_tell_death(source_t *source, bool lost);
/* The mark that the reader was told of. It is in the file when this returns. */
int source_tell_mark(source_t *source);
/* The last error of the library, which ended nothing. */
void source_tell_error(source_t *source, const char *what);
/* What the ring has counted as missed since the last look. */
void source_note_missed(source_t *source);
/* … and what was lost while nobody had the durable subscription. */
void source_note_revoked(source_t *source);
/* What is missing in front of a message. */
void source_note_gaps(source_t *source, const order_entry_t *entry);

#endif
