/* SPDX-License-Identifier: Apache-2.0 */
/* slotring ls: the rings of this host. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "list.h"
#include "output.h"

static struct {
    int json;
} given;

static struct poptOption table[] = {{"json", 'j', POPT_ARG_NONE, &given.json, 0, "List as JSON", NULL},
                                    RING_PLACE_OPTIONS,
                                    ARGS_HELP,
                                    POPT_TABLEEND};

static const args_shape_t shape = {"ls", "", "Lists the rings of this host, and why one cannot be read.\n", 0,
                                   0};

int list_fetch(const slotring_options_t *options, slotring_list_entry_t **list, uint32_t *count)
{
    slotring_error_t error;
    uint32_t capacity = 0;
    *list = NULL;
    *count = 0;
    for (;;) {
        slotring_list_entry_t *larger;
        if (slotring_list(options, *list, capacity, count, &error) < 0) {
            free(*list);
            return report(&error);
        }
        if (*count <= capacity)
            return EXIT_DONE;
        capacity = *count + 16;
        larger = realloc(*list, capacity * sizeof **list);
        if (!larger) {
            out_error("out of memory for %" PRIu32 " rings", capacity);
            free(*list);
            return EXIT_NO_SPACE;
        }
        *list = larger;
    }
}

/* Of a ring that may not even be looked at nothing is known but its name. */
static bool owner_known(const slotring_list_entry_t *entry)
{
    return entry->status == SLOTRING_OK || entry->segment_size > 0;
}

/* One that nobody can join can be read all the same. */
static bool is_readable(const slotring_list_entry_t *entry)
{
    return entry->status == SLOTRING_OK || entry->lock_file != SLOTRING_LOCK_FILE_THERE;
}

static const char *lock_file_word(const slotring_list_entry_t *entry)
{
    static const char *const words[] = {"there", "missing", "other"};
    return entry->lock_file < sizeof words / sizeof *words ? words[entry->lock_file] : "?";
}

/* In a ring that can be used. One line, for the last column. */
static const char *use_text(const slotring_list_entry_t *entry)
{
    static char text[160];
    int length =
        snprintf(text, sizeof text, "ok%s", entry->remove_when_unused ? ", goes with its last user" : "");
    if (entry->durable_left > 0)
        snprintf(text + length, sizeof text - (size_t)length,
                 ", nobody has %" PRIu32 " of its %" PRIu32 " durable subscriptions", entry->durable_left,
                 entry->durable);
    return text;
}

static const char *status_text(const slotring_list_entry_t *entry)
{
    if (entry->lock_file == SLOTRING_LOCK_FILE_MISSING)
        return "its lock file is missing: nobody new can join; remove it by force";
    if (entry->lock_file == SLOTRING_LOCK_FILE_OTHER)
        return "its lock file is another one: nobody new can join; remove it by force";
    if (entry->status != SLOTRING_OK)
        return slotring_strerror(entry->status);
    if (entry->unused == 1)
        return "unused, goes with the next create, rm or gc --remove";
    return use_text(entry);
}

static json_t *entry_json(const slotring_list_entry_t *entry)
{
    json_t *json = json_object();
    bool ok = entry->status == SLOTRING_OK, known = is_readable(entry);
    json_object_set_new(json, "name", out_json_text(entry->name, sizeof entry->name));
    json_object_set_new(json, "backend", out_json_text(entry->backend, sizeof entry->backend));
    json_object_set_new(json, "status", json_string(ok ? "ok" : slotring_error_name(entry->status)));
    json_object_set_new(json, "owner", owner_known(entry) ? out_json_count(entry->owner) : json_null());
    uint64_t age_ns = host_age_ns(entry->created_ns);
    json_object_set_new(json, "age_ns", age_ns > 0 ? out_json_count(age_ns) : json_null());
    json_object_set_new(json, "segment_size",
                        owner_known(entry) ? out_json_count(entry->segment_size) : json_null());
    json_object_set_new(json, "slots", known ? out_json_count(entry->slot_count) : json_null());
    json_object_set_new(json, "slot_size", known ? out_json_count(entry->slot_size) : json_null());
    json_object_set_new(json, "total_size",
                        known ? out_json_count(entry->slot_count * entry->slot_size) : json_null());
    json_object_set_new(json, "participants",
                        entry->participants == UINT32_MAX ? json_null() : json_integer(entry->participants));
    json_object_set_new(json, "published", known ? out_json_count(entry->published) : json_null());
    json_object_set_new(json, "records", known ? out_json_count(entry->records) : json_null());
    json_object_set_new(json, "durable", known ? json_integer(entry->durable) : json_null());
    json_object_set_new(json, "durable_left", known ? json_integer(entry->durable_left) : json_null());
    json_object_set_new(json, "remove_when_unused",
                        known ? json_boolean(entry->remove_when_unused) : json_null());
    json_object_set_new(json, "unused",
                        known && entry->unused <= 1 ? json_boolean(entry->unused) : json_null());
    json_object_set_new(json, "lock_file", known ? json_string(lock_file_word(entry)) : json_null());
    return json;
}

static void print_entry(const slotring_list_entry_t *entry, int width)
{
    char name[sizeof entry->name], owner[OUT_TEXT] = "?", attached[16] = "?";
    bool known = is_readable(entry);
    uint64_t age_ns = host_age_ns(entry->created_ns);
    out_safe_name(entry->name, sizeof name, name);
    if (owner_known(entry))
        host_user_name(entry->owner, owner, sizeof owner);
    if (entry->participants != UINT32_MAX)
        snprintf(attached, sizeof attached, "%" PRIu32, entry->participants);
    out_cell(name, width);
    if (known)
        printf("  %10" PRIu64 "  %9s  %9s", entry->slot_count, out_bytes(entry->slot_size).text,
               out_bytes(entry->segment_size).text);
    else
        printf("  %10s  %9s  %9s", "-", "-", owner_known(entry) ? out_bytes(entry->segment_size).text : "-");
    printf("  %8s  ", attached);
    if (known)
        printf("%12" PRIu64 "  %12" PRIu64, entry->published, entry->records);
    else
        printf("%12s  %12s", "-", "-");
    printf("  %-10s  %12s  %s\n", owner, age_ns > 0 ? out_duration((double)age_ns * 1e-9).text : "-",
           status_text(entry));
}

static void print_table(const slotring_list_entry_t *list, uint32_t count)
{
    int width = 4;
    for (uint32_t i = 0; i < count; i++) {
        int length = (int)strlen(list[i].name);
        if (length > width)
            width = length;
    }
    out_cell("NAME", width);
    printf("  %10s  %9s  %9s  %8s  %12s  %12s  %-10s  %12s  %s\n", "SLOTS", "SLOT SIZE", "MEMORY", "ATTACHED",
           "PUBLISHED", "RECORDS", "OWNER", "AGE", "STATUS");
    for (uint32_t i = 0; i < count; i++)
        print_entry(&list[i], width);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const slotring_list_entry_t *)left)->name, ((const slotring_list_entry_t *)right)->name);
}

int command_ls(int argc, const char **argv)
{
    slotring_options_t options;
    slotring_list_entry_t *list;
    uint32_t count;
    args_t args;
    int code;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    args_free(&args);
    ring_options(&options);
    code = list_fetch(&options, &list, &count);
    if (code != EXIT_DONE)
        return code;
    if (count > 0)
        qsort(list, count, sizeof *list, by_name);
    if (given.json) {
        json_t *rings = json_array();
        for (uint32_t i = 0; i < count; i++)
            json_array_append_new(rings, entry_json(&list[i]));
        out_json_print(stdout, json_pack("{s:o}", "rings", rings), false);
    } else {
        print_table(list, count);
    }
    free(list);
    return out_finish(EXIT_DONE);
}
