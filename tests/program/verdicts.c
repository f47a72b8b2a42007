/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict of stat in one situation each: "verdicts SITUATION". Also in those that a test cannot bring about everywhere, such as a
 * container that is frozen. */
#include <stdio.h>
#include <string.h>

#include "situations.h"
#include "verdict.h"

static bool is_cost(const verdict_t *verdict, const char *wanted)
{
    uint32_t count = verdict->remedies.count;
    return !wanted || (count > 0 && strcmp(verdict->remedies.list[count - 1].cost, wanted) == 0);
}

static bool begins(const char *line, const char *wanted)
{
    size_t length = strlen(wanted);
    if (wanted[length - 1] == '$')
        return strlen(line) == length - 1 && strncmp(line, wanted, length - 1) == 0;
    return strncmp(line, wanted, length) == 0;
}

static bool is_name(const char *who, const char *wanted)
{
    return strcmp(who, wanted ? wanted : "") == 0;
}

static int compare(const situation_t *situation)
{
    snapshot_t now = situation->make(), before = now;
    verdict_t verdict;
    char line[512];
    int wrong = 0;
    before.time_ns -= 1000000000;
    before.stats.published -= 16000;
    before.stats.waited_ns -= now.stats.waited_ns;
    verdict_of(&verdict, &now, situation->alone ? NULL : &before, "");
    snprintf(line, sizeof line, "%s %s", verdict_word(verdict.kind), verdict.text);
    wrong = !begins(line, situation->verdict);
    wrong |= !is_cost(&verdict, situation->cost) || !is_name(verdict.who, situation->who);
    wrong |= verdict.pid != situation->pid || verdict.since_ns != situation->since_ns;
    for (uint32_t k = 0; k <= verdict.remedies.count && k < 4; k++) {
        const char *wanted = situation->commands[k];
        const char *got = k < verdict.remedies.count ? verdict.remedies.list[k].command : NULL;
        wrong |= !wanted != !got || (wanted && strcmp(wanted, got) != 0);
    }
    if (wrong) {
        page_t page = page_for_stdout();
        verdict_page(&page, &verdict);
        page_print(&page);
        page_free(&page);
    }
    return wrong;
}

static const situation_t *find(const situation_t *list, const char *name)
{
    for (; list->name; list++)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

int main(int argc, char **argv)
{
    const situation_t *found = argc == 2 ? find(blocked_situations, argv[1]) : NULL;
    if (!found && argc == 2)
        found = find(other_situations, argv[1]);
    if (found)
        return compare(found);
    fprintf(stderr, "verdicts: there is no such situation\n");
    return 2;
}
