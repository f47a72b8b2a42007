/* SPDX-License-Identifier: Apache-2.0 */
/* The words of output.h for the library's numbers. */
#include <inttypes.h>

#include "host.h"
#include "output.h"

static const char *word(const char *const *words, size_t count, uint32_t number)
{
    return number < count ? words[number] : "?";
}

const char *out_life(uint32_t life)
{
    static const char *const words[] = {"unknown", "running", "stopped", "dead", "frozen"};
    return word(words, 5, life);
}

const char *out_writer_state(uint32_t state)
{
    static const char *const words[] = {"nothing", "records", "message"};
    return word(words, 3, state);
}

const char *out_when_full(uint32_t when_full)
{
    static const char *const words[] = {"?", "overwrite", "keep"};
    return word(words, 3, when_full);
}

const char *out_hot(uint32_t hot_slots)
{
    return hot_slots ? ", hot slots" : "";
}

const char *out_time_stamps(uint32_t time_stamps)
{
    static const char *const words[] = {"?", "none", "coarse", "monotonic"};
    return word(words, 4, time_stamps);
}

const char *out_access(uint32_t access)
{
    static const char *const words[] = {"owner", "group-observe", "group", "all-observe", "all"};
    return word(words, 5, access);
}

const char *out_reader_mode(uint32_t mode)
{
    static const char *const words[] = {"lossless", "lossy", "budgeted"};
    return word(words, 3, mode);
}

const char *out_lossless_for(uint32_t lossless_for)
{
    static const char *const words[] = {"all", "owner", "group"};
    return word(words, 3, lossless_for);
}

bool out_grant(const slotring_info_t *info, char *text, size_t size)
{
    char group[64] = "", safe[sizeof group];
    text[0] = '\0';
    if (info->lossless_for == SLOTRING_LOSSLESS_FOR_ALL)
        return false;
    if (info->lossless_for == SLOTRING_LOSSLESS_FOR_GROUP) {
        host_group_name(info->lossless_group, group, sizeof group);
        out_safe_name(group, sizeof group, safe);
        out_append(text, size, "readers of users that are neither the owner nor in group %s: a budget of ",
                   safe);
    } else {
        out_append(text, size, "readers of other users than the owner: a budget of ");
    }
    out_append(text, size, "at least %" PRIu32 " messages in %s", info->budget_messages,
               out_duration((double)info->budget_ns * 1e-9).text);
    return true;
}

const char *out_revoked(uint32_t revoked)
{
    static const char *const words[] = {"no", "by-budget", "by-hand"};
    return word(words, 3, revoked);
}

const char *out_blocks_by(uint32_t why)
{
    static const char *const words[] = {"?", "lag", "holding", "writing", "records"};
    return word(words, 5, why);
}
