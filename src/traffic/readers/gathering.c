/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that asked for a number of messages and a time. Its blocked call waits for the first message, then for the
 * number, then takes what is there. It takes nothing before that: so it can be interrupted, cancelled or killed at any
 * moment and nothing is lost, and a lossy reader holds nothing meanwhile.
 */
#include "traffic/readers/gathering.h"

#include "base/error.h"
#include "protocol/event.h"
#include "protocol/gather.h"
#include "traffic/readers/news.h"
#include "traffic/readers/revoked.h"
#include "traffic/readers/tell.h"
#include "traffic/readers/unread.h"
#include "traffic/wait.h"

typedef struct gathering {
    slotring_reader_t *reader;
    uint64_t pressed; /* as it began */
} gathering_t;

/* Of a stream, a mark, or this reader's subscription. */
static bool is_news_due(const slotring_reader_t *reader)
{
    return sr__stream_is_due(reader) || sr__revoked_is_due(reader) ||
           sr__tell_is_due(reader, sr__reader_position(reader));
}

bool sr__gather_begins(const slotring_reader_t *reader)
{
    return sr__unread(reader, 1) > 0 || is_news_due(reader);
}

static int find_first(void *context)
{
    return sr__gather_begins(context) ? 0 : SLOTRING_E_EMPTY;
}

/* Whatever number is there. Somebody waits for space, or did in vain; or there is news. */
static bool is_ended(const slotring_reader_t *reader, uint64_t pressed)
{
    const sr__member_t *member = &reader->ring->member;
    return sr__is_armed(member, SR__SPACE_EVENT) || sr__gather_pressed(member) != pressed ||
           is_news_due(reader);
}

/* [gathering.look] Are there enough? Arms, then looks. What was published between two looks may not have been counted down:
 * then it arms anew, for fewer. */
bool sr__gather_is_over(const slotring_reader_t *reader, uint64_t pressed)
{
    uint64_t wanted = reader->wake_messages, there = sr__unread(reader, wanted), before;
    do {
        if (there >= wanted)
            return true;
        sr__gather_arm(&reader->ring->member, wanted - there);
        before = there;
        there = sr__unread(reader, wanted);
    } while (there > before);
    return is_ended(reader, pressed);
}

static int find_enough(void *context)
{
    const gathering_t *g = context;
    return sr__gather_is_over(g->reader, g->pressed) ? 0 : SLOTRING_E_EMPTY;
}

/* Of a time-out that began at `start`. */
static int64_t rest_of(const slotring_reader_t *reader, int64_t timeout_ns, uint64_t start)
{
    if (timeout_ns < 0)
        return timeout_ns;
    uint64_t now = reader->ring->member.os->system.clock_ns();
    uint64_t passed = now > start ? now - start : 0; /* clocks have been seen to step back */
    return passed < (uint64_t)timeout_ns ? timeout_ns - (int64_t)passed : 0;
}

int sr__gather(slotring_reader_t *reader, const sr__wait_t *wanted, int64_t timeout_ns)
{
    slotring_t *ring = reader->ring;
    uint64_t start = ring->member.os->system.clock_ns();
    gathering_t g = {.reader = reader};
    sr__wait_t first = *wanted, enough = *wanted;
    first.attempt = find_first;
    first.context = reader;
    int code = sr__wait_for(&first, timeout_ns);
    if (code != 0)
        return code;
    g.pressed = sr__gather_pressed(&ring->member);
    enough.kind = SR__GATHERED_EVENT;
    enough.attempt = find_enough;
    enough.context = &g;
    int64_t rest = rest_of(reader, timeout_ns, start), most = (int64_t)reader->wake_ns;
    code = sr__wait_for(&enough, rest >= 0 && rest < most ? rest : most);
    if (code != 0 && code != SLOTRING_E_EMPTY)
        return code;
    /* Mostly it is there at the first look. Not if it was withdrawn, or overwritten. */
    return sr__wait_for(wanted, rest_of(reader, timeout_ns, start));
}
