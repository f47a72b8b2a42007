/* SPDX-License-Identifier: Apache-2.0 */
/* Marks as people and programs get to see them. */
#ifndef SLOTRING_TOOL_MARKS_H
#define SLOTRING_TOOL_MARKS_H

#include <jansson.h>
#include <stddef.h>

#include "slotring/slotring.h"

#define MARK_SENTENCE 256u /* bytes of a sentence, with the final zero */

/* Such as: run 17 begins before sequence 5, "cosmics" */
void mark_sentence(const slotring_mark_t *mark, char *text, size_t size);
json_t *mark_json(const slotring_mark_t *mark);
const char *mark_kind(uint32_t kind);

#endif
