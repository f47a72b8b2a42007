/* SPDX-License-Identifier: Apache-2.0 */
/* slotring forget: ends a durable subscription that no reader has. */
#include <inttypes.h>
#include <stdio.h>

#include "args.h"
#include "common.h"
#include "cost.h"
#include "exit_codes.h"
#include "output.h"

static struct poptOption table[] = {RING_PLACE_OPTIONS, ARGS_HELP, POPT_TABLEEND};

static const args_shape_t shape = {"forget", "NAME SUBSCRIPTION",
                                   "Ends the durable subscription SUBSCRIPTION of ring NAME, which no reader "
                                   "has: producers wait for it no more.\n"
                                   "  slotring forget daq recorder\n",
                                   2, 2};

/* While nobody has it, it reads nothing: what it has not read at this moment is what it never reads. */
static int forget(slotring_t *ring, const char *subscription)
{
    uint64_t unread = cost_of_subscription(ring, subscription);
    char safe[SLOTRING_CLIENT_NAME_MAX + 1];
    if (slotring_forget(ring, subscription) < 0)
        return report_last("cannot forget it");
    out_safe_name(subscription, sizeof safe, safe);
    if (unread != UINT64_MAX)
        printf("ended \"%s\": %" PRIu64 " messages that it had not read are lost to it\n", safe, unread);
    return EXIT_DONE;
}

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
        code = forget(ring, args.operands[1]);
        ring_close(ring);
    }
    args_free(&args);
    return out_finish(code);
}
