/* SPDX-License-Identifier: Apache-2.0 */
#include "remedy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "thaw.h"

static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
    return word[0] != '\0' && word[strspn(word, plain)] == '\0';
}

void remedy_quote(char *text, size_t size, const char *word)
{
    if (is_plain(word)) {
        out_append(text, size, "%s", word);
        return;
    }
    out_append(text, size, "'");
    for (; *word; word++) {
        char one[2] = {*word, '\0'};
        out_append(text, size, "%s", *word == '\'' ? "'\\''" : one);
    }
    out_append(text, size, "'");
}

static remedy_t *next(remedies_t *remedies, const char *what, const char *cost)
{
    remedy_t *remedy = &remedies->list[remedies->count++];
    *remedy = (remedy_t){.command = ""};
    snprintf(remedy->what, sizeof remedy->what, "%s", what);
    snprintf(remedy->cost, sizeof remedy->cost, "%s", cost);
    return remedy;
}

void remedy_add(remedies_t *remedies, const char *what, const char *command, const char *arguments,
                const char *cost)
{
    remedy_t *remedy = next(remedies, what, cost);
    snprintf(remedy->command, sizeof remedy->command, "slotring %s%s ", command, remedies->place);
    remedy_quote(remedy->command, sizeof remedy->command, remedies->ring->info.name);
    out_append(remedy->command, sizeof remedy->command, "%s", arguments);
}

/* A name that means one reader alone, and that slotring revoke takes for no number and no option. */
static bool name_is_enough(const snapshot_t *ring, const char *name)
{
    uint32_t same = 0;
    if (!is_plain(name) || name[0] == '-' || name[strspn(name, "0123456789")] == '\0')
        return false;
    for (uint32_t i = 0; i < ring->reader_count; i++)
        same += strcmp(ring->readers[i].name, name) == 0;
    return same == 1;
}

static void add_revoke(remedies_t *remedies, const slotring_reader_info_t *reader, const char *what,
                       const char *cost)
{
    char arguments[sizeof reader->name + 8];
    if (name_is_enough(remedies->ring, reader->name))
        snprintf(arguments, sizeof arguments, " %s", reader->name);
    else
        snprintf(arguments, sizeof arguments, " %" PRIu32, reader->row);
    remedy_add(remedies, what, "revoke", arguments, cost);
}

/* What the end of this process costs. */
static void cost_of_end(const culprit_t *culprit, char *cost, size_t size)
{
    bool keeps = culprit->reader && (culprit->reader->durable || culprit->reader->group);
    cost[0] = '\0';
    if (keeps)
        snprintf(cost, size, "another reader goes on with its messages");
    else if (culprit->why == SLOTRING_BLOCKS_BY_LAG && culprit->messages > 0)
        snprintf(cost, size, "the %" PRIu64 " messages that it has not read are lost to it",
                 culprit->messages);
    else if (culprit->why == SLOTRING_BLOCKS_BY_WRITING)
        snprintf(cost, size, "what it is writing in %" PRIu64 " slots is lost", culprit->slots);
    else if (culprit->why != SLOTRING_BLOCKS_BY_LAG)
        snprintf(cost, size, "its stream ends, and what it holds is given back");
}

static void add_kill(remedies_t *remedies, const culprit_t *culprit)
{
    char arguments[64], cost[96];
    if (!culprit->participant || culprit->pid == 0)
        return;
    cost_of_end(culprit, cost, sizeof cost);
    snprintf(arguments, sizeof arguments, " --kill %" PRIu64 ":%" PRIu64, culprit->pid,
             culprit->participant->incarnation);
    remedy_add(remedies, "or kill it", "recover", arguments, cost);
}

static void for_nobody(remedies_t *remedies, const culprit_t *culprit)
{
    char arguments[2 * sizeof culprit->reader->name + 8] = " ", cost[96];
    snprintf(cost, sizeof cost, "%" PRIu64 " messages are lost to it", culprit->messages);
    if (!culprit->reader->revoked)
        add_revoke(remedies, culprit->reader, "start its reader again, or do not wait for it", cost);
    remedy_quote(arguments, sizeof arguments, culprit->name);
    remedy_add(remedies, culprit->reader->revoked ? "end it" : "or end it", "forget", arguments, cost);
}

/* What is frozen is a group of processes. A container is one, so the command does what docker unpause does. Where one cannot see which
 * group it is, the command is that of a host with version 2 of control groups. */
void remedy_to_continue(char *text, size_t size, uint32_t life, uint64_t pid)
{
    if (life != SLOTRING_LIFE_FROZEN)
        out_append(text, size, "kill -CONT %" PRIu64, pid);
    else if (!thaw_command("", pid, text, size))
        out_append(text, size,
                   "echo 0 >\"/sys/fs/cgroup$(sed -n s/^0:://p /proc/%" PRIu64 "/cgroup)/cgroup.freeze\"",
                   pid);
}

static void for_standing(remedies_t *remedies, const culprit_t *culprit)
{
    bool frozen = culprit->life == SLOTRING_LIFE_FROZEN;
    remedy_t *remedy =
        next(remedies, frozen ? "thaw it (docker unpause, systemctl thaw)" : "continue it", "");
    remedy_to_continue(remedy->command, sizeof remedy->command, culprit->life, culprit->pid);
}

/* It runs, and is slow or hangs. A durable reader and a member of a group cannot be revoked. */
static void for_running(remedies_t *remedies, const culprit_t *culprit)
{
    const slotring_reader_info_t *reader = culprit->reader;
    if (reader && !reader->durable && reader->group == 0 && !reader->revoked)
        add_revoke(remedies, reader,
                   reader->mode == SLOTRING_LOSSLESS ? "make it lossy at its next call" : "make it lossy",
                   "it misses messages from then on");
}

void remedy_for_culprit(remedies_t *remedies, const culprit_t *culprit)
{
    if (culprit->reader && culprit->reader->left_ns > 0) {
        for_nobody(remedies, culprit);
        return;
    }
    switch (culprit->life) {
    case SLOTRING_LIFE_STOPPED:
    case SLOTRING_LIFE_FROZEN:
        for_standing(remedies, culprit);
        break;
    case SLOTRING_LIFE_RUNNING:
        for_running(remedies, culprit);
        break;
    case SLOTRING_LIFE_DEAD:
        remedy_add(remedies, "repair after it at once", "recover", "", "");
        return;
    default:
        if (culprit->reader && culprit->reader->group != 0)
            return; /* of a group, whose members run */
        remedy_add(remedies, "look again as root, or where it runs", "stat", "", "");
        return;
    }
    add_kill(remedies, culprit);
}
