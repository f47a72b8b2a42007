/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "prove.h"
#include "support/files.h"
#include "support/suite.h"

journal_t *journal;

/* What the test program's support asks of a program: no suites, and a name for its rings. */
const test_suite_t *const test_suites[] = {NULL};

const char *test_name(void)
{
    return "prove";
}

uint32_t prove_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

entry_t *journal_entry(void)
{
    uint32_t number = atomic_fetch_add(&journal->entries, 1);
    if (number >= ENTRIES)
        FAIL("the journal has %u lines, and all are used; run for a shorter time", ENTRIES);
    return &journal->entry[number];
}

uint32_t journal_number(const entry_t *entry)
{
    return (uint32_t)(entry - journal->entry);
}

static int usage(FILE *where)
{
    fprintf(
        where,
        "usage: slotring_prove storm [--seconds N] [--slots N] [--slot-size N] [--keep] [--crowd N] [--seed "
        "N] [--records | --deliveries | --choices | --groups [--filtered]] [--checksums] [--hot]\n"
        "         processes are killed, stopped and continued at random; every message is accounted for;\n"
        "         --crowd: four processes with N handles and readers each take nearly all places\n"
        "         that there are; with 960 these are 4095\n"
        "         --records: writers of messages of any size, and who reads them\n"
        "         --deliveries: readers with a budget, durable ones, marks and drains\n"
        "         --groups: workers that share the messages, with and without dead letters\n"
        "         --choices: readers of each pressure, start and selection, with and without a window\n"
        "         --filtered: the groups want messages by their tag, and every third one\n"
        "         --checksums: each message has one, and what comes after a kill is compared with it\n"
        "         --hot: in a ring with hot slots\n"
        "       slotring_prove soak [--messages N | --seconds N] [--slots N] [--slot-size N]\n"
        "         one producer and one lossless reader; memory stays flat, counters do not drift\n"
        "       slotring_prove garbage [--seconds N] [--slots N] [--slot-size N] [--seed N]\n"
        "         one process overwrites control words at random while others do everything else\n"
        "       slotring_prove place --place KIND [--seconds N] [--seed N]\n"
        "         rings on a file system of a kind, made anew each time, and filled up beside them;\n"
        "         storm --place KIND: a storm there; slotring_prove kinds lists all kinds\n"
        "The last line is the result, as JSON. Exit: 0 nothing found, 1 something found, 2 wrong usage\n");
    return where == stdout ? 0 : 2;
}

static uint64_t number_of(const char *text, uint64_t most)
{
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    if (end == text || *end != 0 || text[0] == '-' || number == 0 || number > most) {
        fprintf(stderr, "slotring_prove: \"%s\" is not a number from 1 to %llu\n", text,
                (unsigned long long)most);
        exit(2);
    }
    return number;
}

static double seconds_of(const char *text)
{
    const double most = 30 * 24 * 3600;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != 0 || !(number >= 0.001 && number <= most)) {
        fprintf(stderr, "slotring_prove: \"%s\" is not a number of seconds from 0.001 to %.0f\n", text, most);
        exit(2);
    }
    return number;
}

static bool parse(int argc, char **argv, prove_options_t *options)
{
    static const struct option known[] = {
        {"seconds", required_argument, NULL, 's'}, {"messages", required_argument, NULL, 'm'},
        {"slots", required_argument, NULL, 'n'},   {"slot-size", required_argument, NULL, 'z'},
        {"seed", required_argument, NULL, 'r'},    {"keep", no_argument, NULL, 'k'},
        {"records", no_argument, NULL, 'w'},       {"crowd", required_argument, NULL, 'c'},
        {"place", required_argument, NULL, 'p'},   {"checksums", no_argument, NULL, 'x'},
        {"hot", no_argument, NULL, 'h'},           {"deliveries", no_argument, NULL, 'd'},
        {"groups", no_argument, NULL, 'g'},        {"filtered", no_argument, NULL, 'f'},
        {"choices", no_argument, NULL, 'o'},       {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 's':
            options->seconds = seconds_of(optarg);
            break;
        case 'm':
            options->messages = number_of(optarg, UINT64_C(1) << 39);
            break;
        case 'n':
            options->slots = number_of(optarg, 65536);
            break;
        case 'z':
            options->slot_size = number_of(optarg, 1 << 20);
            break;
        case 'r':
            options->seed = (uint32_t)number_of(optarg, UINT32_MAX);
            break;
        case 'k':
            options->keep = true;
            break;
        case 'h':
            options->hot = true;
            break;
        case 'w':
            options->records = true;
            break;
        case 'd':
            options->deliveries = true;
            break;
        case 'g':
            options->groups = true;
            break;
        case 'o':
            options->choices = true;
            break;
        case 'f':
            options->filtered = true;
            break;
        case 'x':
            options->sums = true;
            break;
        case 'c':
            options->crowd = (uint32_t)number_of(optarg, CROWD_HANDLES);
            break;
        case 'p':
            options->place = place_kind_of(optarg);
            if (!options->place) {
                fprintf(stderr, "slotring_prove: there is no kind \"%s\"\n", optarg);
                return false;
            }
            break;
        default:
            return false;
        }
    if (options->keep && options->hot) {
        fprintf(stderr, "slotring_prove: --keep and --hot exclude each other\n");
        return false;
    }
    if (options->deliveries && (options->records || options->crowd)) {
        fprintf(stderr, "slotring_prove: --deliveries goes with neither --records nor --crowd\n");
        return false;
    }
    if (options->groups && (options->records || options->deliveries || options->crowd)) {
        fprintf(stderr, "slotring_prove: --groups goes with none of --records, --deliveries and --crowd\n");
        return false;
    }
    if (options->choices && (options->records || options->deliveries || options->groups || options->crowd)) {
        fprintf(stderr, "slotring_prove: --choices goes with no other way to read\n");
        return false;
    }
    if (options->filtered && !options->groups) {
        fprintf(stderr, "slotring_prove: --filtered goes with --groups\n");
        return false;
    }
    return optind == argc;
}

/* The journal costs what is used of it. */
static void make_journal(void)
{
    void *memory = mmap(NULL, sizeof *journal, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        perror("slotring_prove: no memory for the journal");
        exit(2);
    }
    journal = memory;
    atomic_store(&journal->last, UINT64_MAX);
}

static int kinds(void)
{
    for (const place_kind_t *kind = place_kinds; kind->name; kind++)
        printf("%s\n", kind->name);
    return 0;
}

typedef int (*part_fn)(const prove_options_t *options);

static part_fn part_of(const char *name)
{
    static const struct {
        const char *name;
        part_fn run;
    } parts[] = {{"storm", storm}, {"soak", soak}, {"garbage", garbage}, {"place", places}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strcmp(parts[i].name, name) == 0)
            return parts[i].run;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    if (argc == 2 && strcmp(argv[1], "kinds") == 0)
        return kinds();
    prove_options_t options = {.slot_size = 200, .seed = (uint32_t)getpid()};
    part_fn part = argc >= 2 ? part_of(argv[1]) : NULL;
    if (!part || !parse(argc - 1, argv + 1, &options) || (part == places && !options.place))
        return usage(stderr);
    if (options.slots == 0)
        options.slots = part == soak ? 1024 : 16; /* a storm is worse in a small ring */
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    make_journal();
    directory_make();
    int found = part(&options);
    directory_remove();
    return found; /* 77: it could not run */
}
