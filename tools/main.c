/* SPDX-License-Identifier: Apache-2.0 */
/* slotring: make, watch, feed, drain, repair and remove rings from the command line. */
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "complete.h"
#include "exit_codes.h"
#include "host.h"
#include "near.h"
#include "output.h"
#include "slotring/slotring.h"
#include "topics.h"

static const command_t commands[] = {
    {"create", "make a ring", command_create},
    {"ls", "list the rings of this host", command_ls},
    {"stat", "show how one ring or all are doing, once or live", command_stat},
    {"top", "show how all rings are doing, live on the screen", command_top},
    {"hz", "measure messages and bytes a second, by producer", command_hz},
    {"peek", "show messages, without taking part in the ring", command_peek},
    {"check", "audit a ring's control data", command_check},
    {"write", "put standard input or files into a ring", command_write},
    {"read", "take messages out of a ring, to standard output or a file", command_read},
    {"record", "record rings into files of MCAP, and repair such files", command_record},
    {"replay", "publish a recording again", command_replay},
    {"bridge", "carry a ring to another host, by NATS JetStream", command_bridge},
    {"revoke", "have producers stop waiting for a reader", command_revoke},
    {"gate", "say whether a run may begin", command_gate},
    {"mark", "mark the begin or end of a run in a ring", command_mark},
    {"recover", "repair at once after dead processes; kill a stuck one", command_recover},
    {"forget", "end a durable subscription that no reader has", command_forget},
    {"dead-letters", "list or drop what a group of readers tried too often", command_dead_letters},
    {"rm", "remove rings", command_rm},
    {"gc", "say which rings were to go with a user who was killed; remove them", command_gc},
    {"doctor", "say what this host needs for rings and has; why a ring cannot be used", command_doctor},
    {"metrics", "numbers of all rings for Prometheus: once, into a file, or by HTTP", command_metrics},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static const command_t *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static void print_overview(FILE *stream)
{
    fprintf(stream,
            "Usage: slotring COMMAND [OPTION...] [ARGUMENT...]\n\n"
            "Hands large blocks of data between processes through shared memory, without copying.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-12s  %s\n", commands[i].name, commands[i].summary);
    fprintf(stream, "\n  slotring help COMMAND, slotring COMMAND --help: its options\n"
                    "  slotring help TOPIC: ");
    for (const topic_t *topic = topics; topic->name; topic++)
        fprintf(stream, "%s%s", topic == topics ? "" : ", ", topic->name);
    fprintf(stream, "\n"
                    "  slotring --version\n"
                    "  man slotring: concepts and exit codes\n");
}

static int unknown(const char *word, bool for_help)
{
    char meant[80] = "";
    near_t near;
    near_begin(&near, word);
    for (size_t i = 0; i < COMMANDS; i++)
        near_consider(&near, commands[i].name);
    for (const topic_t *topic = topics; for_help && topic->name; topic++)
        near_consider(&near, topic->name);
    if (near_found(&near))
        snprintf(meant, sizeof meant, ", did you mean \"%.60s\"?", near.best);
    out_error("unknown %s \"%s\"%s; try \"slotring --help\"", word[0] == '-' ? "option" : "command", word,
              meant);
    return EXIT_USAGE;
}

static int print_topic(const topic_t *topic)
{
    printf("%s: %s\n\n%s", topic->name, topic->summary, topic->text);
    return out_finish(EXIT_DONE);
}

static int run(const command_t *command, int argc, const char **argv)
{
    out_set_command(command->name);
    return command->run(argc, argv);
}

static int one_too_many(const char *word, const char *wanted)
{
    out_error("\"%s\" is one argument too many, expects %s; try \"slotring --help\"", word, wanted);
    return EXIT_USAGE;
}

static int help(int argc, const char **argv)
{
    const char *ask[] = {NULL, "--help", NULL};
    const command_t *command;
    if (argc < 2) {
        print_overview(stdout);
        return out_finish(EXIT_DONE);
    }
    if (argc > 2)
        return one_too_many(argv[2], "one COMMAND or TOPIC");
    command = find_command(argv[1]);
    if (command)
        return run(command, 2, ask);
    return topic_find(argv[1]) ? print_topic(topic_find(argv[1])) : unknown(argv[1], true);
}

static int version(void)
{
    if (strcmp(slotring_version(), SLOTRING_VERSION_STRING) == 0)
        printf("slotring %s\n", SLOTRING_VERSION_STRING);
    else
        printf("slotring %s, library %s\n", SLOTRING_VERSION_STRING, slotring_version());
    return out_finish(EXIT_DONE);
}

static void print_warning(void *user, const char *message)
{
    (void)user;
    out_error("note: %s", message);
}

int main(int argc, char **argv)
{
    const char **words = (const char **)argv; /* popt's way to say that it changes no text */
    const command_t *command;
    host_setup();
    host_arguments(&argc, &words);
    slotring_set_log(print_warning, NULL);
    if (argc < 2) {
        print_overview(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(words[1], "--help") || !strcmp(words[1], "-h") || !strcmp(words[1], "help"))
        return help(argc - 1, words + 1);
    if (!strcmp(words[1], "--version") || !strcmp(words[1], "-V"))
        return argc > 2 ? one_too_many(words[2], "none") : version();
    if (!strcmp(words[1], "complete-words") && argc > 3 && !strcmp(words[2], "--"))
        return complete(commands, COMMANDS, words + 3, argc - 3); /* for the files in tools/completions */
    command = find_command(words[1]);
    return command ? run(command, argc - 1, words + 1) : unknown(words[1], false);
}
