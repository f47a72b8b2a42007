/* SPDX-License-Identifier: Apache-2.0 */
/* slotring forget: ends a durable subscription that no reader has. */
#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "output.h"

static struct poptOption table[] = {RING_PLACE_OPTIONS, ARGS_HELP, POPT_TABLEEND};

static const args_shape_t shape = {"forget", "NAME SUBSCRIPTION",
                                   "Ends the durable subscription SUBSCRIPTION of ring NAME, which no reader "
                                   "has: producers wait for it no more.\n"
                                   "  slotring forget daq recorder\n",
                                   2, 2};

int command_forget(int argc, const char **argv)
{
    slotring_options_t options;
    slotring_t *ring;
    args_t args;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    options.mode = SLOTRING_ATTACH;
    options.client_name = "slotring-forget";
    int code = ring_open(&ring, args.operands[0], &options);
    if (code == EXIT_DONE) {
        if (slotring_forget(ring, args.operands[1]) < 0)
            code = report_last("cannot forget it");
        ring_close(ring);
    }
    args_free(&args);
    return out_finish(code);
}
