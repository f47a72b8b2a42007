/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that come: in turns those that have a place in the order, and the records of each writer. */
#include "peek.h"

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define POLL_NS UINT64_C(20000000)
#define POLLS_FOR_NAME 50u /* looks without a message, until it asks whether the ring is still there */
#define AT_A_TIME 256u     /* places of the order, before it is the writers' turn */

/* What lies below the oldest is gone: behind a fast producer, one look for each of them would come too late for all. */
static int pass_gone(peek_t *peek)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint64_t next = peek->next + 1;
    if (slotring_get_stats(peek->ring, &stats) < 0)
        return report_last("cannot look at the ring");
    if (stats.oldest > next)
        next = stats.oldest;
    peek->places += next - peek->next;
    peek->next = next;
    return EXIT_DONE;
}

static int wait_for_more(peek_t *peek, uint32_t *idle)
{
    if (++*idle % POLLS_FOR_NAME == 0 && ring_is_deserted(peek->ring)) {
        out_error("the ring was removed, and nobody writes to it any more");
        return EXIT_NOT_FOUND;
    }
    host_sleep(POLL_NS);
    return EXIT_DONE;
}

/* The next one that --every wants: one step, however far that is. */
static uint64_t wanted_from(const peek_t *peek, uint64_t at)
{
    uint64_t beyond = at % peek->every;
    return beyond == 0 ? at : at + (peek->every - beyond);
}

static int follow_order(peek_t *peek, bool *any)
{
    int code = EXIT_DONE;
    for (uint32_t i = 0; i < AT_A_TIME && code == EXIT_DONE && peek->shown < peek->count; i++) {
        peek->next = wanted_from(peek, peek->next);
        int result = peek_show(peek, (peek_what_t){.sequence = peek->next}, &code);
        if (code != EXIT_DONE || result == SLOTRING_E_NOT_READY)
            return code;
        *any = true;
        if (result == SLOTRING_E_STALE)
            code = pass_gone(peek);
        else if (result == 0 || result == SLOTRING_E_INVALID) /* a slot with records */
            peek->next++;
        else
            code = report_last("cannot copy a message");
    }
    return code;
}

int peek_follow(peek_t *peek)
{
    uint32_t idle = 0;
    int code = EXIT_DONE;
    while (code == EXIT_DONE && peek->shown < peek->count && !host_stop_requested()) {
        bool any = false;
        if (!peek->by_writer)
            code = follow_order(peek, &any);
        if (code == EXIT_DONE && peek->shown < peek->count)
            code = peek_writers_follow(peek, &any);
        if (code == EXIT_DONE && !any && peek->shown < peek->count)
            code = wait_for_more(peek, &idle);
    }
    return code;
}
