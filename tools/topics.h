/* SPDX-License-Identifier: Apache-2.0 */
/* slotring help TOPIC: what belongs to no single command. */
#ifndef SLOTRING_TOOL_TOPICS_H
#define SLOTRING_TOOL_TOPICS_H

typedef struct topic {
    const char *name, *summary, *text;
} topic_t;

extern const topic_t topics[]; /* ends with name NULL */
const topic_t *topic_find(const char *name);

#endif
