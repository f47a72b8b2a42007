/* SPDX-License-Identifier: Apache-2.0 */
/* slotring bridge: carries a ring to another host. Its parts are commands of their own. */
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "complete.h"
#include "exit_codes.h"
#include "near.h"
#include "output.h"

#ifdef SLOTRING_WITH_JETSTREAM
#include "bridge_parts.h"
#define PART(run) (run)
#else
#define PART(run) NULL
#endif

static const command_t parts[] = {
    {"send", "carries a ring into the log of a server", PART(bridge_part_send)},
    {"receive", "makes a copy of the ring from the log", PART(bridge_part_receive)},
    {"status", "says who waits for whom", PART(bridge_part_status)},
};

static struct poptOption table[] = {ARGS_HELP, POPT_TABLEEND};

static const args_shape_t shape = {
    "bridge", "send|receive|status [OPTION...] NAME",
    "Carries ring NAME to another host, through a server of NATS JetStream. Whoever reads the copy there "
    "gets each message\n"
    "once, in order and whole, also after a kill of any part; or the exact number of those that are "
    "missing.\n"
    "  slotring bridge send daq --server nats://builder:4222       on the host of the ring\n"
    "  slotring bridge receive daq --server nats://builder:4222    on the other host: makes ring daq there\n"
    "  slotring bridge status daq --server nats://builder:4222     on any host: who waits for whom\n"
    "  slotring bridge send --help                                 the options of a part\n",
    0, -1};

static const command_t *find(const char *word)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!strcmp(parts[i].name, word))
            return &parts[i];
    return NULL;
}

static int unknown(const char *word)
{
    char meant[80] = "";
    near_t near;
    near_begin(&near, word);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        near_consider(&near, parts[i].name);
    if (near_found(&near))
        snprintf(meant, sizeof meant, ", did you mean \"%.60s\"?", near.best);
    out_error("expects send, receive or status, and not \"%s\"%s; try \"slotring bridge --help\"", word,
              meant);
    return EXIT_USAGE;
}

static int run(const command_t *part, int argc, const char **argv)
{
    static char name[32]; /* errors begin with it */
    if (part->run == NULL) {
        out_error("this program was built without the bridge, which needs Linux and the client of NATS "
                  "(Debian, Ubuntu: "
                  "libnats-dev)");
        return EXIT_USAGE;
    }
    snprintf(name, sizeof name, "bridge %s", part->name);
    out_set_command(name);
    return part->run(argc, argv);
}

int command_bridge(int argc, const char **argv)
{
    const command_t *part = argc > 1 ? find(argv[1]) : NULL;
    args_t args;
    if (part != NULL && !(part->run == NULL && complete_is_asked()))
        return run(part, argc - 1, argv + 1);
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    int code = args.count > 0 ? unknown(args.operands[0]) : EXIT_USAGE;
    if (args.count == 0)
        out_error("expects send, receive or status; try \"slotring bridge --help\"");
    args_free(&args);
    return code;
}
