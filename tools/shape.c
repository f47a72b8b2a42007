/* SPDX-License-Identifier: Apache-2.0 */
/* Options that describe a new ring, for create and for write --create. */
#include <string.h>

#include "args.h"
#include "common.h"
#include "host.h"
#include "output.h"
#include "shape.h"

static struct {
    char *size, *slot_size, *slots, *participants, *readers, *writers, *groups, *holds, *time, *access,
        *group, *numa_node, *absence, *description, *description_file, *lossless_for, *lossless_group,
        *largest_budget, *lineage, *first_sequence;
    int keep, overwrite, prefault, huge_pages, lock, page_aligned, checksums, hot;
} given;

struct poptOption ring_shape_table[] = {
    {"size", 's', POPT_ARG_STRING, &given.size, 0, "Bytes of all slots together (default 256M)", "SIZE"},
    {"slot-size", 'S', POPT_ARG_STRING, &given.slot_size, 0, "Bytes of a slot (default 10M)", "SIZE"},
    {"slots", 'n', POPT_ARG_STRING, &given.slots, 0, "Number of slots, instead of --size", "N"},
    {"max-participants", 0, POPT_ARG_STRING, &given.participants, 0,
     "Most processes attached at once (default 64)", "N"},
    {"max-readers", 0, POPT_ARG_STRING, &given.readers, 0, "Most subscriptions at once (default 64)", "N"},
    {"max-writers", 0, POPT_ARG_STRING, &given.writers, 0,
     "Most writers of records at once; fewer than slots (default 64)", "N"},
    {"max-groups", 0, POPT_ARG_STRING, &given.groups, 0,
     "Most groups of readers at once (read --group); 8 bytes a slot each (default none)", "N"},
    {"holds", 0, POPT_ARG_STRING, &given.holds, 0,
     "Most slots that one process holds that producers do not wait for (default: an eighth)", "N"},
    {"keep", 0, POPT_ARG_NONE, &given.keep, 0, "When full: keep what was not freed", NULL},
    {"overwrite", 0, POPT_ARG_NONE, &given.overwrite, 0,
     "When full: overwrite the oldest that nobody still needs (default)", NULL},
    {"time", 0, POPT_ARG_STRING, &given.time, 0, "Time stamps: none (default), coarse or monotonic", "KIND"},
    {"access", 0, POPT_ARG_STRING, &given.access, 0,
     "Who else may use it: owner (nobody, default), group-observe, group, all-observe or all", "WHO"},
    {"group", 0, POPT_ARG_STRING, &given.group, 0, "The group for --access (default: your own)", "GROUP"},
    {"lossless-for", 0, POPT_ARG_STRING, &given.lossless_for, 0,
     "Whose readers may be lossless without a budget: all (default), owner, or group", "WHO"},
    {"lossless-group", 0, POPT_ARG_STRING, &given.lossless_group, 0,
     "With --lossless-for group: name or number of the Unix group; the owner may, too", "GROUP"},
    {"largest-budget", 0, POPT_ARG_STRING, &given.largest_budget, 0,
     "With owner or group: of the others' readers, at least N messages in S seconds", "N/S"},
    {"description", 0, POPT_ARG_STRING, &given.description, 0,
     "Text that the ring keeps for everybody, 4096 bytes at most", "TEXT"},
    {"description-file", 0, POPT_ARG_STRING, &given.description_file, 0, "The same, from a file", "FILE"},
    {"lineage", 0, POPT_ARG_STRING, &given.lineage, 0,
     "The ring is a copy: the lineage of the other one (slotring stat --json), 32 hexadecimal digits", "ID"},
    {"first-sequence", 0, POPT_ARG_STRING, &given.first_sequence, 0,
     "With --lineage: the number that the first message has there (default 0)", "N"},
    {"prefault", 0, POPT_ARG_NONE, &given.prefault, 0,
     "Touch all pages now: the first lap is as fast as the others", NULL},
    {"huge-pages", 0, POPT_ARG_NONE, &given.huge_pages, 0, "Ask for huge pages", NULL},
    {"lock", 0, POPT_ARG_NONE, &given.lock, 0, "Keep the pages in memory", NULL},
    {"hot", 0, POPT_ARG_NONE, &given.hot, 0,
     "A message goes once every lossless reader has passed it, and its slot is used next", NULL},
    {"page-aligned", 0, POPT_ARG_NONE, &given.page_aligned, 0, "Start each slot on a page of its own", NULL},
    {"checksums", 0, POPT_ARG_NONE, &given.checksums, 0, "Give each message a checksum of its bytes", NULL},
    {"absence", 0, POPT_ARG_STRING, &given.absence, 0,
     "Wait S seconds for a durable subscription that no process has (default 60; 0: for ever)", "S"},
    {"numa-node", 0, POPT_ARG_STRING, &given.numa_node, 0, "Take all memory from this NUMA node", "N"},
    POPT_TABLEEND};

static const args_choice_t time_choices[] = {{"none", SLOTRING_TIME_NONE},
                                             {"coarse", SLOTRING_TIME_COARSE},
                                             {"monotonic", SLOTRING_TIME_MONOTONIC},
                                             {NULL, 0}};

/* How an option is called where it was given. */
static const char *as(const char *option)
{
    return option + (ring_shape_is_from_file() ? 2 : 0);
}

static const args_choice_t access_choices[] = {
    {"owner", SLOTRING_ACCESS_OWNER}, {"group-observe", SLOTRING_ACCESS_GROUP_OBSERVE},
    {"group", SLOTRING_ACCESS_GROUP}, {"all-observe", SLOTRING_ACCESS_ALL_OBSERVE},
    {"all", SLOTRING_ACCESS_ALL},     {NULL, 0}};

static const args_choice_t lossless_choices[] = {{"all", SLOTRING_LOSSLESS_FOR_ALL},
                                                 {"owner", SLOTRING_LOSSLESS_FOR_OWNER},
                                                 {"group", SLOTRING_LOSSLESS_FOR_GROUP},
                                                 {NULL, 0}};

bool ring_shape_given(void)
{
    return given.size || given.slot_size || given.slots || given.participants || given.readers ||
           given.writers || given.groups || given.holds || given.time || given.access || given.group ||
           given.keep || given.overwrite || given.page_aligned || given.hot || given.checksums ||
           given.numa_node || given.absence || given.description || given.description_file ||
           given.lossless_for || given.lossless_group || given.largest_budget || given.lineage ||
           given.first_sequence;
}

static bool shape_lineage(slotring_options_t *options)
{
    static const char digits[] = "0123456789abcdef";
    if (given.first_sequence && !given.lineage) {
        out_error("%s %s goes with %s", as("--first-sequence"), given.first_sequence, as("--lineage"));
        return false;
    }
    if (!args_number(as("--first-sequence"), given.first_sequence, 0, SLOTRING_NUMBER_MAX,
                     &options->first_sequence))
        return false;
    if (given.lineage && (strlen(given.lineage) != 32 || strspn(given.lineage, digits) != 32)) {
        out_error("%s %s: 32 hexadecimal digits are expected, as slotring stat --json prints them",
                  as("--lineage"), given.lineage);
        return false;
    }
    for (int i = 0; given.lineage && i < 16; i++)
        options->lineage_id[i] = (uint8_t)((strchr(digits, given.lineage[2 * i]) - digits) << 4 |
                                           (strchr(digits, given.lineage[2 * i + 1]) - digits));
    return true;
}

/* The description, from the command line or a file. A file is read one byte beyond the limit, so that the library refuses one
 * that is too long. */
static bool shape_description(slotring_options_t *options)
{
    static char text[SLOTRING_DESCRIPTION_MAX + 1];
    int file;
    if (given.description && given.description_file) {
        out_error("%s and %s say the same thing; give one of them", as("--description"),
                  as("--description-file"));
        return false;
    }
    options->description = given.description;
    options->description_size = given.description ? strlen(given.description) : 0;
    if (!given.description_file)
        return true;
    int failed = host_open_input(given.description_file, &file);
    if (failed) {
        out_error("cannot open %s: %s", given.description_file, host_error_text(failed));
        return false;
    }
    uint64_t got = 1, size = 0;
    while (!failed && got > 0 && size < sizeof text) {
        failed = host_read(file, text + size, sizeof text - size, &got);
        size += got;
    }
    host_close(file);
    if (failed)
        out_error("cannot read %s: %s", given.description_file, host_error_text(failed));
    options->description = text;
    options->description_size = size;
    return !failed;
}

/* Whose readers producers wait for without a limit, and for how long they wait for the others. */
static bool shape_grant(slotring_options_t *options)
{
    if (!args_choose(as("--lossless-for"), given.lossless_for, lossless_choices, &options->lossless_for) ||
        !args_budget(as("--largest-budget"), given.largest_budget, &options->budget_messages,
                     &options->budget_ns))
        return false;
    if ((options->lossless_for == SLOTRING_LOSSLESS_FOR_GROUP) != (given.lossless_group != NULL)) {
        out_error("%s group and %s go together: give both", as("--lossless-for"), as("--lossless-group"));
        return false;
    }
    if (given.lossless_group && !host_find_group(given.lossless_group, &options->lossless_group)) {
        out_error("%s %s: no such group is known on this machine", as("--lossless-group"),
                  given.lossless_group);
        return false;
    }
    return true;
}

static bool shape_sizes(slotring_options_t *options)
{
    uint64_t slots = 0, participants = 0, readers = 0, writers = 0, groups = 0, holds = 0, node = 0;
    uint64_t slot_size = SLOTRING_DEFAULT_SLOT_SIZE;
    int64_t absence = 0;
    if (given.size && given.slots) {
        out_error("%s %s and %s %s say the same thing; give one of them", as("--size"), given.size,
                  as("--slots"), given.slots);
        return false;
    }
    if (!args_size(as("--size"), given.size, 1, SLOTRING_SLOT_SIZE_MAX * SLOTRING_SLOTS_MAX,
                   &options->total_size) ||
        !args_size(as("--slot-size"), given.slot_size, 1, SLOTRING_SLOT_SIZE_MAX, &options->slot_size) ||
        !args_number(as("--slots"), given.slots, 1, SLOTRING_SLOTS_MAX, &slots) ||
        !args_number(as("--max-participants"), given.participants, 1, SLOTRING_PARTICIPANTS_MAX,
                     &participants) ||
        !args_number(as("--max-readers"), given.readers, 1, SLOTRING_READERS_MAX, &readers) ||
        !args_number(as("--max-writers"), given.writers, 1, SLOTRING_WRITERS_MAX, &writers) ||
        !args_number(as("--max-groups"), given.groups, 1, SLOTRING_GROUPS_MAX, &groups) ||
        !args_number(as("--holds"), given.holds, 1, SLOTRING_SLOTS_MAX, &holds) ||
        !args_number(as("--numa-node"), given.numa_node, 0, SLOTRING_NO_NUMA_NODE - 1, &node) ||
        !args_seconds(as("--absence"), given.absence, &absence))
        return false;
    if (options->slot_size)
        slot_size = options->slot_size;
    if (slots)
        options->total_size = slots * slot_size; /* below 2^64: 2^24 slots of 2^40 bytes */
    options->max_participants = (uint32_t)participants;
    options->max_readers = (uint32_t)readers;
    options->max_writers = (uint32_t)writers;
    options->max_groups = (uint32_t)groups;
    options->max_holds = (uint32_t)holds;
    options->numa_node = (uint32_t)node;
    if (given.absence)
        options->absence_ns = absence > 0 ? (uint64_t)absence : SLOTRING_FOR_EVER;
    if (given.numa_node)
        options->flags |= SLOTRING_ON_NUMA_NODE;
    return true;
}

bool ring_shape(slotring_options_t *options)
{
    if (given.keep && given.overwrite) {
        out_error("%s and %s exclude each other; give one of them", as("--keep"), as("--overwrite"));
        return false;
    }
    if (given.keep && given.hot) {
        out_error("%s and %s exclude each other: a message goes when it was freed, or when it was read; give "
                  "one of them",
                  as("--keep"), as("--hot"));
        return false;
    }
    if (!shape_sizes(options) ||
        !args_choose(as("--time"), given.time, time_choices, &options->time_stamps) ||
        !args_choose(as("--access"), given.access, access_choices, &options->access) || !shape_grant(options))
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
    if (given.hot)
        options->flags |= SLOTRING_HOT_SLOTS;
    if (given.checksums)
        options->flags |= SLOTRING_CHECKSUMS;
    options->group = given.group;
    return shape_lineage(options) && shape_description(options);
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
