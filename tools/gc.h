/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of slotring gc tell each other. */
#ifndef SLOTRING_TOOL_GC_H
#define SLOTRING_TOOL_GC_H

#include <jansson.h>
#include <stdbool.h>

#include "slotring/slotring.h"

enum {
    GC_LOST = 300 /* bytes of a sentence about what is lost */
};

/* It was to go with its last user, who has gone. */
bool gc_would_go(const slotring_list_entry_t *entry);
/* Why gc leaves this ring alone, and which command would remove it. */
void gc_why_it_stays(const slotring_options_t *options, const slotring_list_entry_t *entry, char *text,
                     size_t size);

void gc_print_stays(const slotring_options_t *options, const slotring_list_entry_t *entry);
json_t *gc_stays_json(const slotring_options_t *options, const slotring_list_entry_t *entry);
/* The messages that go with a ring; "": none, or it is not known. */
void gc_lost_with(const slotring_options_t *options, const char *name, char text[GC_LOST]);

/* Removes what would go, and says why the rest stays. Returns an exit code. */
int gc_collect(const slotring_options_t *options, bool json);

/* Files of these names that belong to other users, or that are no rings. Returns an exit code. */
int gc_foreign(const slotring_options_t *options, const char **names, bool remove, bool json);

#endif
