/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "suite.h"

#define TIME_LIMIT_S 110 /* before ctest's own, so that there is a report and a clean directory */

static role_fn find_role(const char *name)
{
    for (size_t s = 0; test_suites[s] != NULL; s++)
        for (const test_role_t *role = test_suites[s]->roles; role != NULL && role->name != NULL; role++)
            if (strcmp(role->name, name) == 0)
                return role->run;
    return NULL;
}

peer_t peer_start(enum how_to_start how, const char *name, const char *argument)
{
    role_fn role = find_role(name);
    if (role == NULL)
        FAIL("no role \"%s\" in any suite", name);
    return how == BY_FORK && process_can_fork() ? peer_fork(role, argument) : peer_exec(name, argument);
}

int peer_run_role(const char *name, int in, int out, const char *argument)
{
    role_fn role = find_role(name);
    if (role == NULL) {
        fprintf(stderr, "slotring_tests: no role \"%s\"\n", name);
        return 2;
    }
    peer_t test = peer_of_starter(in, out);
    check_in_helper(name);
    role(&test, argument);
    return 0;
}

void peer_tell(peer_t *peer, uint64_t number)
{
    peer_put(peer, &number, sizeof number);
}

uint64_t peer_hear(peer_t *peer)
{
    uint64_t number = 0;
    peer_get(peer, &number, sizeof number);
    return number;
}

void peer_expect(peer_t *peer, uint64_t number)
{
    uint64_t heard = peer_hear(peer);
    if (heard != number)
        FAIL("process %d said %llu, expected %llu", (int)peer->pid, (unsigned long long)heard,
             (unsigned long long)number);
}

unsigned process_time_limit_s(void)
{
    const char *text = getenv("SLOTRING_TEST_TIMEOUT");
    unsigned long seconds = text != NULL ? strtoul(text, NULL, 10) : 0;
    return seconds != 0 ? (unsigned)seconds : TIME_LIMIT_S;
}
