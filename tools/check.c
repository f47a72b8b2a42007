/* SPDX-License-Identifier: Apache-2.0 */
/* slotring check: audits a ring without changing anything. */
#include <inttypes.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "output.h"

static struct {
    int json;
} given;

static struct poptOption table[] = {
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the findings as JSON", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "check", "NAME",
    "Audits every invariant of a ring, also while it is in use, and prints what does not hold.\n"
    "Ends with 0 when all is well and with 5 when there are findings.\n",
    1, 1};

static void print_finding(void *user, const char *finding)
{
    json_t *findings = user;
    if (findings)
        json_array_append_new(findings, out_json_text(finding, SLOTRING_ERROR_TEXT_SIZE));
    else
        printf("%s\n", finding);
}

/* A ring too broken to be opened has one finding: why. */
static int audit(const char *name, json_t *list, uint64_t *findings)
{
    slotring_options_t options;
    slotring_error_t error;
    slotring_t *ring;
    int result, code;
    ring_options(&options);
    options.mode = SLOTRING_OBSERVE;
    if (slotring_open(&ring, name, &options, &error) < 0) {
        code = exit_code_of(error.code);
        if (code != EXIT_DAMAGED)
            return report_open(&error, name, &options);
        *findings = 1;
        print_finding(list, error.text);
        return code;
    }
    result = slotring_check(ring, print_finding, list, findings);
    code = result < 0 ? report_last("cannot check the ring") : *findings ? EXIT_DAMAGED : EXIT_DONE;
    slotring_close(ring);
    return code;
}

int command_check(int argc, const char **argv)
{
    uint64_t findings = 0;
    json_t *list;
    args_t args;
    int code;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    list = given.json ? json_array() : NULL;
    code = audit(args.operands[0], list, &findings);
    if (code == EXIT_DONE || code == EXIT_DAMAGED) {
        if (given.json)
            out_json_print(stdout,
                           json_pack("{s:s, s:o, s:O}", "name", args.operands[0], "count",
                                     out_json_count(findings), "findings", list),
                           false);
        else if (findings == 0)
            printf("%s: no findings\n", args.operands[0]);
        else
            printf("%s: %" PRIu64 " finding%s\n", args.operands[0], findings, findings == 1 ? "" : "s");
    }
    json_decref(list);
    args_free(&args);
    return out_finish(code);
}
