/* SPDX-License-Identifier: Apache-2.0 */
#include "topics.h"

#include <stddef.h>
#include <string.h>

const topic_t topics[] = {
    {"rings", "what a ring is, and where it lies",
     "A ring is a named piece of shared memory, cut into slots of one size. Producers fill slots and "
     "publish\n"
     "them as messages. Each reader receives all messages in order, in place, without a copy.\n"
     "\n"
     "On Linux a ring daq is the file /dev/shm/slotring.daq, and its lock file lies beside it. All users of "
     "a\n"
     "ring must name the same folder: --directory DIR, else the variable SLOTRING_DIR, else /dev/shm.\n"
     "Remove a ring with slotring rm, not with rm.\n"
     "\n"
     "  slotring create daq --size 1G --slot-size 1M\n"
     "  slotring ls\n"
     "  slotring stat daq\n"
     "  slotring rm daq\n"},
    {"full", "what happens when a ring is full",
     "A producer needs a free slot. If there is none, it takes the oldest message that nobody needs any "
     "more.\n"
     "If somebody still needs it, the producer waits:\n"
     "\n"
     "  a lossless reader      until it has read the message\n"
     "  a reader with a budget for as long as its budget lasts; then it is lossy\n"
     "  a lossy reader         never; it counts what it missed\n"
     "  a durable subscription that nobody has: for --absence seconds\n"
     "  create --keep          until a program has freed the message\n"
     "\n"
     "The first line of slotring stat NAME says who is in the way, and the lines below it what to do.\n"},
    {"readers", "which kinds of readers there are",
     "  slotring read daq                        all messages; producers wait for it\n"
     "  slotring read daq --lossy                never in the way; what it missed is counted\n"
     "  slotring read daq --budget 25/0.1        in the way as long as it reads 25 messages in 0.1 s\n"
     "  slotring read daq --durable online       can end, and go on later at the same place\n"
     "  slotring read daq --group workers        shares the messages with the others of the group\n"
     "  slotring peek daq                        looks at messages, and takes no part\n"},
    {"sizes", "how sizes and times are written",
     "A size is a whole number of bytes: 4096, or with K, M, G or T (times 1024), or with KB, MB, GB or TB\n"
     "(times 1000). A time is in seconds and may have decimals: 5, 0.25.\n"},
    {"trouble", "where to look when something goes wrong",
     "  the run stands still               slotring stat NAME\n"
     "  a ring cannot be made or opened    slotring doctor, slotring doctor NAME\n"
     "  there is no room in /dev/shm       slotring gc, slotring ls, slotring doctor\n"
     "  a process was killed               nothing to do; slotring recover NAME repairs at once\n"
     "  is the ring damaged?               slotring check NAME\n"
     "  start from the beginning           slotring rm --force NAME\n"},
    {"exit-codes", "what the exit codes mean",
     "  0      done\n"
     "  1      failed for another reason than those below\n"
     "  2      wrong usage\n"
     "  3      not found: no such ring, file, process or subscription\n"
     "  4      in the way: it exists already, or is in use or locked\n"
     "  5      damaged, of another version, or from before a restart\n"
     "  6      timed out\n"
     "  7      read: a producer died; all its messages were received\n"
     "  8      read: messages were missed\n"
     "  9      the program that read the output has gone\n"
     "  10     too little shared memory, memory or disk\n"
     "  128+n  ended in order by signal n\n"
     "doctor has 0, 1 and 2: all OK, a warning, something bad.\n"},
    {NULL, NULL, NULL}};

const topic_t *topic_find(const char *name)
{
    for (const topic_t *topic = topics; topic->name; topic++)
        if (strcmp(topic->name, name) == 0)
            return topic;
    return NULL;
}
