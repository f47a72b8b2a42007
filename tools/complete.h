/* SPDX-License-Identifier: Apache-2.0 */
/* What a shell offers behind the words that were typed so far, from the same tables that the commands parse. */
#ifndef SLOTRING_TOOL_COMPLETE_H
#define SLOTRING_TOOL_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "args.h"
#include "common.h"

/* words: those behind "slotring"; the last one is being typed, and may be empty. Prints a line for each candidate: the word, a tab,
 * and what it means. ":files" and ":folders" stand for names of files. The shell leaves out what does not fit. */
int complete(const command_t *commands, size_t count, const char *const *words, int word_count);

/* For args_parse: true while a command is only asked for its options. */
bool complete_is_asked(void);
void complete_note(const args_shape_t *shape, const struct poptOption *table);

#endif
