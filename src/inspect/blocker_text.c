/* SPDX-License-Identifier: Apache-2.0 */
/* Who stands in the way of producers, as one sentence. */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/utf8.h"
#include "handle.h"

static const char *life_text(uint32_t life)
{
    static const char *const words[] = {"unknown", "running", "stopped", "dead", "frozen"};
    return words[life < sizeof words / sizeof words[0] ? life : 0];
}

static void write_sentence(const slotring_blocker_t *b, char *text, size_t size)
{
    char name[sizeof b->name + 1], who[sizeof name + 64];
    const char *plural = b->slots == 1 ? "" : "s", *of_messages = b->messages == 1 ? "" : "s";
    sr__utf8_printable(b->name, sizeof b->name, name);
    snprintf(who, sizeof who, "\"%s\" (pid %" PRIu64 ", %s)", name, b->pid, life_text(b->life));
    switch (b->why) {
    case SLOTRING_BLOCKS_BY_LAG:
        if (b->left_ns > 0 && b->budget_left_ns > 0)
            snprintf(text, size,
                     "durable reader \"%s\", which no process has had for %" PRIu64 " s, is %" PRIu64
                     " message%s behind, with %" PRIu64 " ms left (slotring forget ends it)",
                     name, b->left_ns / 1000000000, b->messages, of_messages, b->budget_left_ns / 1000000);
        else if (b->left_ns > 0)
            snprintf(text, size,
                     "durable reader \"%s\", which no process has had for %" PRIu64 " s, is %" PRIu64
                     " message%s behind (slotring forget ends it)",
                     name, b->left_ns / 1000000000, b->messages, of_messages);
        else if (b->participant == UINT32_MAX)
            snprintf(text, size, "group \"%s\" is %" PRIu64 " message%s behind: one of its members is slow",
                     name, b->messages, of_messages);
        else if (b->mode == SLOTRING_BUDGETED)
            snprintf(text, size,
                     "budgeted reader %s is %" PRIu64 " message%s behind, with %" PRIu64
                     " ms of its budget left",
                     who, b->messages, of_messages, b->budget_left_ns / 1000000);
        else
            snprintf(text, size, "lossless reader %s is %" PRIu64 " message%s behind", who, b->messages,
                     of_messages);
        break;
    case SLOTRING_BLOCKS_BY_HOLDING:
        snprintf(text, size, "%s holds %" PRIu64 " slot%s", who, b->slots, plural);
        break;
    case SLOTRING_BLOCKS_BY_RECORDS:
        snprintf(text, size, "writer %" PRIu32 " of %s keeps %" PRIu64 " slot%s for records", b->row, who,
                 b->slots, plural);
        break;
    default:
        snprintf(text, size, "%s is writing %" PRIu64 " slot%s", who, b->slots, plural);
    }
}

int slotring_blocker_to_text(const slotring_blocker_t *blocker, char *text, size_t size)
{
    if (!blocker || !text)
        return sr__error(SLOTRING_E_INVALID, "blocker and text must not be NULL");
    if (size < SLOTRING_BLOCKER_TEXT_SIZE)
        return sr__error(SLOTRING_E_SIZE, "text has %zu bytes; a sentence needs %u", size,
                         SLOTRING_BLOCKER_TEXT_SIZE);
    write_sentence(blocker, text, size);
    return 0;
}

int slotring_in_the_way(slotring_t *ring, char *text, size_t size)
{
    slotring_blocker_t worst;
    uint32_t count;
    if (text && size > 0)
        text[0] = '\0';
    int failed = slotring_blockers(ring, &worst, 1, &count);
    if (failed)
        return failed;
    if (count > 0)
        return slotring_blocker_to_text(&worst, text, size);
    if (!text || size < SLOTRING_BLOCKER_TEXT_SIZE)
        return slotring_blocker_to_text(&worst, text, size);
    snprintf(text, size,
             ring->member.view.keep ? "nobody is in the way, and the ring keeps what nobody has freed"
                                    : "nobody is in the way");
    return 0;
}
