/* SPDX-License-Identifier: Apache-2.0 */
/* slotring revoke: producers wait for a reader no more. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "output.h"

static struct {
    int json;
} given;

static struct poptOption table[] = {
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Say as JSON which reader it was", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "revoke", "NAME READER",
    "Has producers of ring NAME stop waiting for a reader: its number (NR of slotring stat), or its name.\n"
    "  slotring revoke daq online\n",
    2, 2};

static bool is_number(const char *word)
{
    return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static bool is_meant(const slotring_reader_info_t *reader, const char *word)
{
    return is_number(word) ? strtoull(word, NULL, 10) == reader->row : strcmp(reader->name, word) == 0;
}

/* The one reader that is meant. */
static int find_reader(slotring_t *ring, const char *word, slotring_reader_info_t *found)
{
    slotring_reader_info_t *list;
    uint32_t count, meant = 0;
    if (!ring_readers(ring, &list, &count))
        return EXIT_ERROR;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_meant(&list[i], word))
            continue;
        *found = list[i];
        meant++;
    }
    free(list);
    if (meant == 1)
        return EXIT_DONE;
    if (meant == 0) {
        out_error("the ring has no reader %s; slotring stat lists them", word);
        return EXIT_NOT_FOUND;
    }
    out_error("%" PRIu32 " readers are called %s; give the number of one (NR of slotring stat)", meant, word);
    return EXIT_USAGE;
}

static void say(const slotring_reader_info_t *reader)
{
    char name[sizeof reader->name];
    out_safe_name(reader->name, sizeof name, name);
    if (given.json) {
        json_t *json = json_object();
        json_object_set_new(json, "row", json_integer(reader->row));
        json_object_set_new(json, "name", out_json_text(reader->name, sizeof reader->name));
        json_object_set_new(json, "pid", out_json_count(reader->pid));
        json_object_set_new(json, "mode", json_string(out_reader_mode(reader->mode)));
        out_json_print(stdout, json, false);
    } else if (reader->left_ns > 0) {
        printf("producers do not wait for %s \"%s\" any more, which nobody has%s\n",
               reader->group ? "group" : "durable subscription", name,
               reader->group ? "; it is closed until slotring forget" : "");
    } else if (reader->mode == SLOTRING_LOSSLESS) {
        printf("reader %" PRIu32 " \"%s\" (pid %" PRIu64
               ") is asked to give way; producers wait for it until its next call\n",
               reader->row, name, reader->pid);
    } else {
        printf("producers do not wait for reader %" PRIu32 " \"%s\" (pid %" PRIu64 ") any more\n",
               reader->row, name, reader->pid);
    }
}

int command_revoke(int argc, const char **argv)
{
    slotring_options_t options;
    slotring_reader_info_t reader;
    slotring_t *ring;
    args_t args;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    options.client_name = "slotring-revoke";
    slotring_error_t error;
    int code = slotring_open(&ring, args.operands[0], &options, &error) < 0
                   ? report_open(&error, args.operands[0], &options)
                   : EXIT_DONE;
    if (code == EXIT_DONE) {
        code = find_reader(ring, args.operands[1], &reader);
        if (code == EXIT_DONE && slotring_revoke(ring, reader.row) < 0)
            code = report_last("cannot revoke");
        slotring_close(ring);
        if (code == EXIT_DONE)
            say(&reader);
    }
    args_free(&args);
    return out_finish(code);
}
