/* SPDX-License-Identifier: Apache-2.0 */
/* Options that describe a new ring, for create and for write --create. */
#include <string.h>

#include "args.h"
#include "common.h"
#include "output.h"

static struct {
    char *size, *slot_size, *slots, *participants, *readers, *time, *access, *group;
    int keep, overwrite, prefault, huge_pages, lock, page_aligned;
} given;

struct poptOption ring_shape_table[] = {
    {"size", 's', POPT_ARG_STRING, &given.size, 0, "Bytes of all slots together (default 256M)", "SIZE"},
    {"slot-size", 'S', POPT_ARG_STRING, &given.slot_size, 0,
     "Bytes of a slot, the largest message (default 10M)", "SIZE"},
    {"slots", 'n', POPT_ARG_STRING, &given.slots, 0, "Number of slots, instead of --size", "N"},
    {"max-participants", 0, POPT_ARG_STRING, &given.participants, 0,
     "Most processes attached at once (default 64)", "N"},
    {"max-readers", 0, POPT_ARG_STRING, &given.readers, 0, "Most subscriptions at once (default 64)", "N"},
    {"keep", 0, POPT_ARG_NONE, &given.keep, 0, "When full: keep what was not freed", NULL},
    {"overwrite", 0, POPT_ARG_NONE, &given.overwrite, 0,
     "When full: overwrite the oldest that nobody still needs (default)", NULL},
    {"time", 0, POPT_ARG_STRING, &given.time, 0, "Time stamps: none (default), coarse or monotonic", "KIND"},
    {"access", 0, POPT_ARG_STRING, &given.access, 0,
     "Who else may use it: owner (nobody, default), group-observe, group, all-observe or all", "WHO"},
    {"group", 0, POPT_ARG_STRING, &given.group, 0, "The group for --access (default: your own)", "GROUP"},
    {"prefault", 0, POPT_ARG_NONE, &given.prefault, 0,
     "Touch all pages now: the first lap is as fast as the others", NULL},
    {"huge-pages", 0, POPT_ARG_NONE, &given.huge_pages, 0, "Ask for huge pages", NULL},
    {"lock", 0, POPT_ARG_NONE, &given.lock, 0, "Keep the pages in memory", NULL},
    {"page-aligned", 0, POPT_ARG_NONE, &given.page_aligned, 0, "Start each slot on a page of its own", NULL},
    POPT_TABLEEND};

static const args_choice_t time_choices[] = {{"none", SLOTRING_TIME_NONE},
                                             {"coarse", SLOTRING_TIME_COARSE},
                                             {"monotonic", SLOTRING_TIME_MONOTONIC},
                                             {NULL, 0}};
static const args_choice_t access_choices[] = {
    {"owner", SLOTRING_ACCESS_OWNER}, {"group-observe", SLOTRING_ACCESS_GROUP_OBSERVE},
    {"group", SLOTRING_ACCESS_GROUP}, {"all-observe", SLOTRING_ACCESS_ALL_OBSERVE},
    {"all", SLOTRING_ACCESS_ALL},     {NULL, 0}};

bool ring_shape_given(void)
{
    return given.size || given.slot_size || given.slots || given.participants || given.readers ||
           given.time || given.access || given.group || given.keep || given.overwrite || given.page_aligned;
}

static bool shape_sizes(slotring_options_t *options)
{
    uint64_t slots = 0, participants = 0, readers = 0;
    uint64_t slot_size = SLOTRING_DEFAULT_SLOT_SIZE;
    if (given.size && given.slots) {
        out_error("--size %s and --slots %s say the same thing; give one of them", given.size, given.slots);
        return false;
    }
    if (!args_size("--size", given.size, 1, SLOTRING_SLOT_SIZE_MAX * SLOTRING_SLOTS_MAX,
                   &options->total_size) ||
        !args_size("--slot-size", given.slot_size, 1, SLOTRING_SLOT_SIZE_MAX, &options->slot_size) ||
        !args_number("--slots", given.slots, 1, SLOTRING_SLOTS_MAX, &slots) ||
        !args_number("--max-participants", given.participants, 1, SLOTRING_PARTICIPANTS_MAX, &participants) ||
        !args_number("--max-readers", given.readers, 1, SLOTRING_READERS_MAX, &readers))
        return false;
    if (options->slot_size)
        slot_size = options->slot_size;
    if (slots)
        options->total_size = slots * slot_size; /* below 2^64: 2^24 slots of 2^40 bytes */
    options->max_participants = (uint32_t)participants;
    options->max_readers = (uint32_t)readers;
    return true;
}

bool ring_shape(slotring_options_t *options)
{
    if (given.keep && given.overwrite) {
        out_error("--keep and --overwrite exclude each other; give one of them");
        return false;
    }
    if (!shape_sizes(options) || !args_choose("--time", given.time, time_choices, &options->time_stamps) ||
        !args_choose("--access", given.access, access_choices, &options->access))
        return false;
    if (given.keep)
        options->when_full = SLOTRING_KEEP;
    if (given.overwrite)
        options->when_full = SLOTRING_OVERWRITE;
    if (given.prefault)
        options->flags |= SLOTRING_PREFAULT;
    if (given.huge_pages)
        options->flags |= SLOTRING_HUGE_PAGES;
    if (given.lock)
        options->flags |= SLOTRING_LOCK_MEMORY;
    if (given.page_aligned)
        options->flags |= SLOTRING_PAGE_ALIGNED;
    options->group = given.group;
    return true;
}

void ring_warn_refused(const slotring_info_t *info, uint32_t asked)
{
    uint32_t refused = asked & ~info->granted;
    if (refused & SLOTRING_PREFAULT)
        out_error("warning: the pages were not touched, the system refused");
    if (refused & SLOTRING_HUGE_PAGES)
        out_error("warning: the system gave no huge pages");
    if (refused & SLOTRING_LOCK_MEMORY)
        out_error("warning: the pages are not locked in memory, the system refused (see ulimit -l)");
}
