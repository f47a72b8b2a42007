/* SPDX-License-Identifier: Apache-2.0 */
#include "wants.h"
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "output.h"

/* Both or none: how many messages may gather, and how long. */
static bool wake_values(const wants_t *given, slotring_reader_options_t *options)
{
    int64_t wake_ns = 0;
    if (!args_number("--wake-messages", given->wake_messages, 1, SLOTRING_WAKE_MESSAGES_MAX,
                     &options->wake_messages) ||
        !args_seconds("--wake-time", given->wake_time, &wake_ns))
        return false;
    if (!given->wake_messages != !given->wake_time) {
        out_error("%s %s: --wake-messages and --wake-time go together; give both, or neither",
                  given->wake_time ? "--wake-time" : "--wake-messages",
                  given->wake_time ? given->wake_time : given->wake_messages);
        return false;
    }
    if (given->wake_time && (wake_ns < 1 || wake_ns > INT64_C(1000000000))) {
        out_error("--wake-time %s: from 0.000000001 to 1 second", given->wake_time);
        return false;
    }
    options->wake_ns = (uint64_t)wake_ns;
    return true;
}

/* Decimal, or hexadecimal with 0x. */
static bool tag_value(const wants_t *given, const char *text, uint64_t *value)
{
    char *end = NULL;
    if (strncmp(text, "0x", 2) != 0)
        return args_number("--tag", text, 0, UINT64_MAX, value);
    size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    *value = digits > 0 && digits <= 16 ? strtoull(text + 2, &end, 16) : 0;
    if (end && *end == '\0')
        return true;
    out_error("--tag %s: a number of up to 16 hexadecimal digits is expected behind 0x", given->tag);
    return false;
}

/* TAG or TAG/MASK. */
static bool tag_values(const wants_t *given, slotring_reader_options_t *options)
{
    char tag[32] = "";
    const char *slash = given->tag ? strchr(given->tag, '/') : NULL;
    if (!given->tag)
        return true;
    size_t length = slash ? (size_t)(slash - given->tag) : strlen(given->tag);
    if (length >= sizeof tag) {
        out_error("--tag %s: a tag has at most 20 digits", given->tag);
        return false;
    }
    memcpy(tag, given->tag, length);
    options->tag_mask = UINT64_MAX;
    if (!tag_value(given, tag, &options->tag_match) ||
        (slash && !tag_value(given, slash + 1, &options->tag_mask)))
        return false;
    if ((options->tag_match & ~options->tag_mask) == 0 && options->tag_mask != 0)
        return true;
    out_error("--tag %s: the tag has bits that the mask has not, so no message would be read", given->tag);
    return false;
}

/* Of a group: how often a message is given, and how many dead letters stay. */
static bool limit_values(const wants_t *given, slotring_reader_options_t *options)
{
    uint64_t tries = 0, letters = 0;
    if (!args_number("--tries", given->tries, 1, SLOTRING_TRIES_MAX, &tries) ||
        !args_number("--letters", given->letters, 0, SLOTRING_LETTERS_MAX, &letters))
        return false;
    if (given->tries && !given->group) {
        out_error("--tries %s goes with --group: it says how many members may have a message", given->tries);
        return false;
    }
    if (given->letters && !given->tries) {
        out_error("--letters %s goes with --tries: without it a group has no dead letters", given->letters);
        return false;
    }
    options->tries = (uint32_t)tries;
    options->letters = given->letters && letters == 0 ? SLOTRING_NO_LETTERS : (uint32_t)letters;
    return true;
}

static bool go_together(const wants_t *given)
{
    if ((given->oldest != 0) + (given->last != NULL) + (given->from != NULL) > 1) {
        out_error("--oldest, --last and --from exclude each other; give one of them");
        return false;
    }
    if (given->budget && given->lossy) {
        out_error("--budget %s and --lossy exclude each other; give one of them", given->budget);
        return false;
    }
    if (given->latest && !given->lossy) {
        out_error(
            "--latest goes with --lossy: producers do not wait for messages that the reader passes over");
        return false;
    }
    if (given->durable && given->lossy) {
        out_error("--durable %s goes without --lossy: nothing is kept for a lossy reader", given->durable);
        return false;
    }
    if (given->group && (given->lossy || given->budget || given->durable || given->marks)) {
        out_error("--group %s goes without --lossy, --budget, --durable and --marks", given->group);
        return false;
    }
    return true;
}

bool wants_read(const wants_t *given, slotring_reader_options_t *options)
{
    uint64_t every = 0;
    slotring_reader_options_init(options);
    if (!go_together(given))
        return false;
    if (!args_number("--last", given->last, 1, UINT64_MAX, &options->first) ||
        !args_number("--from", given->from, 0, UINT64_MAX - 1, &options->first) ||
        !args_number("--every", given->every, 1, UINT32_MAX, &every) || !tag_values(given, options) ||
        !wake_values(given, options) || !limit_values(given, options) ||
        !args_budget("--budget", given->budget, &options->budget_messages, &options->budget_ns))
        return false;
    options->mode = given->lossy ? SLOTRING_LOSSY : given->budget ? SLOTRING_BUDGETED : SLOTRING_LOSSLESS;
    options->flags = (given->verify ? SLOTRING_VERIFY : 0u) | (given->marks ? SLOTRING_TELL_MARKS : 0u) |
                     (given->durable ? SLOTRING_DURABLE : 0u) | (given->group ? SLOTRING_GROUP : 0u);
    options->name = given->group ? given->group : given->durable;
    options->start = given->oldest ? SLOTRING_FROM_OLDEST
                     : given->last ? SLOTRING_FROM_LAST
                     : given->from ? SLOTRING_FROM_SEQUENCE
                                   : SLOTRING_FROM_NOW;
    options->wanted = given->latest ? SLOTRING_WANTS_LATEST : SLOTRING_WANTS_ALL;
    options->every = (uint32_t)every;
    return true;
}
