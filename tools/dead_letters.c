/* SPDX-License-Identifier: Apache-2.0 */
/* slotring dead-letters: the messages of a group that were tried too often; lists them, or drops them. */
#include <inttypes.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "output.h"

static struct {
    char *drop;
    int drop_all, json;
} given;

static struct poptOption table[] = {
    {"drop", 0, POPT_ARG_STRING, &given.drop, 0,
     "Drop the dead letter with sequence S: its slot becomes free", "S"},
    {"drop-all", 0, POPT_ARG_NONE, &given.drop_all, 0, "Drop each of those that are listed", NULL},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print them as JSON", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "dead-letters", "NAME GROUP",
    "Lists the messages of group GROUP of ring NAME that as many members had as the group allows, and that "
    "none of them acknowledged. They stay in their slots until somebody drops them.\n"
    "  slotring dead-letters daq workers\n"
    "  slotring dead-letters daq workers --drop 1234\n",
    2, 2};

static const char *kind_name(uint32_t kind)
{
    return kind == SLOTRING_KIND_RECORD ? "records" : kind == SLOTRING_KIND_SPAN ? "span" : "slot";
}

static json_t *describe(const slotring_letter_t *letter)
{
    char ticket[SLOTRING_TICKET_TEXT_SIZE];
    json_t *json = json_object();
    slotring_ticket_to_text(&letter->ticket, ticket, sizeof ticket);
    json_object_set_new(json, "sequence", out_json_count(letter->sequence));
    json_object_set_new(json, "length", out_json_count(letter->length));
    json_object_set_new(json, "tag", out_json_count(letter->tag));
    json_object_set_new(json, "tries", out_json_count(letter->tries));
    json_object_set_new(json, "kind", json_string(kind_name(letter->kind)));
    json_object_set_new(json, "producer", out_json_count(letter->producer));
    json_object_set_new(json, "ticket", json_string(ticket));
    return json;
}

static void print_json(const slotring_letter_t *letters, uint32_t count)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, describe(&letters[i]));
    out_json_print(stdout, list, false);
}

static void print_text(const slotring_letter_t *letters, uint32_t count)
{
    if (count > 0)
        printf("%12s  %12s  %-7s  %5s  %-8s  %s\n", "SEQUENCE", "LENGTH", "KIND", "TRIES", "PRODUCER", "TAG");
    for (uint32_t i = 0; i < count; i++)
        printf("%12" PRIu64 "  %12" PRIu64 "  %-7s  %5" PRIu32 "  %-8" PRIu32 "  %" PRIu64 "\n",
               letters[i].sequence, letters[i].length, kind_name(letters[i].kind), letters[i].tries,
               letters[i].producer, letters[i].tag);
}

static int list_them(slotring_t *ring, const char *group, slotring_letter_t *letters, uint32_t *count)
{
    if (slotring_dead_letters(ring, group, letters, SLOTRING_LETTERS_MAX, count) < 0)
        return report_last("cannot list the dead letters");
    return EXIT_DONE;
}

/* One that went meanwhile is dropped, too. */
static int drop_all(slotring_t *ring, const char *group)
{
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count, gone = 0;
    int code = list_them(ring, group, letters, &count);
    for (uint32_t i = 0; i < count && code == EXIT_DONE; i++) {
        int dropped = slotring_drop_letter(ring, group, letters[i].sequence);
        gone += dropped == 0;
        if (dropped < 0 && dropped != SLOTRING_E_NOT_FOUND)
            code = report_last("cannot drop a dead letter");
    }
    printf("dropped %" PRIu32 " message%s\n", gone, gone == 1 ? "" : "s");
    return code;
}

static int do_it(slotring_t *ring, const char *group, uint64_t sequence)
{
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count;
    if (given.drop_all)
        return drop_all(ring, group);
    if (given.drop)
        return slotring_drop_letter(ring, group, sequence) < 0 ? report_last("cannot drop the dead letter")
                                                               : EXIT_DONE;
    int code = list_them(ring, group, letters, &count);
    if (code == EXIT_DONE && given.json)
        print_json(letters, count);
    else if (code == EXIT_DONE)
        print_text(letters, count);
    return code;
}

static bool values(uint64_t *sequence)
{
    if (!args_number("--drop", given.drop, 0, UINT64_MAX - 1, sequence))
        return false;
    if ((given.drop != NULL) + given.drop_all + given.json > 1) {
        out_error("--drop, --drop-all and --json exclude each other; give one of them");
        return false;
    }
    return true;
}

int command_dead_letters(int argc, const char **argv)
{
    slotring_options_t options;
    slotring_t *ring;
    uint64_t sequence = 0;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = given.drop || given.drop_all ? SLOTRING_ATTACH : SLOTRING_OBSERVE;
    options.client_name = "slotring-dead-letters";
    if (values(&sequence))
        code = ring_open(&ring, args.operands[0], &options);
    if (code == EXIT_DONE) {
        code = do_it(ring, args.operands[1], sequence);
        ring_close(ring);
    }
    args_free(&args);
    return out_finish(code);
}
