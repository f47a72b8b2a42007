/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a receiver: from entry to entry, back to what is not acknowledged, and what it hears of the sender. */
#include "receiver.h"

#include <string.h>

#include "receiving.h"

#define SLICE INT64_C(100000000)

#define SILENCE_NS INT64_C(5000000000)
#define STEP_NS \
    (5 * SLICE) /* more passes only while the process stands still, or the engine does not answer */

/* ---- Entries ---------------------------------------------------------------------------------------- */

/* The last entry stays in the log, so that a sender finds it; and an entry with the beginning of a message that is not complete. */
static int acknowledge(receiving_t *r, const bridge_entry_t *entry)
{
    uint64_t keep = r->target.filling.is_there ? r->filling_from : entry->sequence;
    return keep > 1 ? r->engine->calls->ack(r->engine, keep - 1, entry->life) : 0;
}

/* Begins again with what is not acknowledged. What is there already is passed over. */
static void go_back(receiving_t *r)
{
    r->report->returns++;
    r->position = 0;
    if (r->target.ring != NULL)
        bridge_target_give_up(&r->target);
}

/* Of a lossy remote: entries are gone, and what comes is later. A message that was half there does not become whole. */
static bool jumps(receiving_t *r, const bridge_entry_t *entry)
{
    wire_header_t header;
    if (entry->sequence <= r->position || !wire_get_header(entry->bytes, entry->size, &header) ||
        !(header.flags & WIRE_DROPS))
        return false;
    if (r->target.ring != NULL)
        bridge_target_give_up(&r->target);
    return true;
}

static int step(receiving_t *r)
{
    bridge_entry_t entry;
    int code = r->engine->calls->read_from(r->engine, r->position, SLICE, &entry);
    if (code != BRIDGE_OK)
        return code;
    bool is_next = entry.sequence == r->position || jumps(r, &entry);
    if (r->position > 0 && (entry.life != r->life || !is_next)) {
        r->life = entry.life;
        go_back(r);
        return BRIDGE_OK;
    }
    r->life = entry.life;
    r->position = entry.sequence;
    code = receiving_take(r, &entry);
    r->report->next = r->target.next;
    if (code != BRIDGE_OK)
        return code;
    r->report->entries++;
    r->position = entry.sequence + 1;
    return acknowledge(r, &entry);
}

/* ---- Signs of life ---------------------------------------------------------------------------------- */

static void end_silence(receiving_t *r)
{
    r->silent_ns = 0;
    r->is_lost = false;
    bridge_goes_on(&r->waits, BRIDGE_WAITS_FOR_SENDER);
}

/* Of the sender that appended the last entry: one that was fenced off may go on giving signs for a while. */
static bool hears_sender(receiving_t *r)
{
    uint8_t bytes[BRIDGE_SIGN_MAX];
    size_t size;
    wire_sign_t sign;
    return r->engine->calls->hear(r->engine, bytes, &size) == BRIDGE_OK &&
           wire_get_sign(bytes, size, &sign) && memcmp(sign.sender, r->sender, sizeof sign.sender) == 0;
}

/* Between the end of a silence and the next message no stream is open. */
static int tell_silence(receiving_t *r)
{
    r->is_lost = true;
    r->report->silences++;
    if (r->waits.what == BRIDGE_WAITS_NOT) /* else it has said already what it waits for */
        bridge_waits_for(&r->waits, BRIDGE_WAITS_FOR_SENDER, "a sign of life of the sender",
                         "it ended, or the way to it is cut");
    bool was_filling = r->target.filling.is_there;
    int failed = bridge_target_lost(&r->target);
    if (was_filling) /* its beginning is in the log still */
        go_back(r);
    return failed;
}

/* What was in the log was published first. Of a time in which this process itself stood still, a step counts. */
static int listen(receiving_t *r, int code)
{
    int64_t now = bridge_now_ns(), passed = now - r->listened_ns;
    int64_t limit = r->options->silence_ns > 0 ? r->options->silence_ns : SILENCE_NS;
    bool is_there = hears_sender(r) || code == BRIDGE_OK;
    if (r->listened_ns > 0)
        r->silent_ns += passed < STEP_NS ? passed : STEP_NS;
    r->listened_ns = now;
    if (is_there)
        end_silence(r);
    return r->silent_ns >= limit && !r->is_lost && r->target.ring != NULL ? tell_silence(r) : BRIDGE_OK;
}

static int run(receiving_t *r)
{
    unsigned tries = 0;
    while (!bridge_stops(&r->options->stop)) {
        int code = step(r);
        if (code == BRIDGE_FULL) /* a server that has no room for anything now, as after its restart */
            code = BRIDGE_CUT;
        tries = code == BRIDGE_CUT ? tries + 1 : 0;
        if (code == BRIDGE_CUT)
            bridge_waits_for(&r->waits, BRIDGE_WAITS_FOR_ENGINE, "the server", r->engine->error.text);
        else
            bridge_goes_on(&r->waits, BRIDGE_WAITS_FOR_ENGINE);
        if (code == BRIDGE_LOST)
            go_back(r);
        else if (code == BRIDGE_CUT)
            bridge_sleep_ns(bridge_backoff_ns(tries));
        else if (code != BRIDGE_OK && code != BRIDGE_AGAIN)
            return code;
        int failed = listen(r, code);
        if (failed)
            return failed;
    }
    return BRIDGE_STOPPED;
}

int bridge_receive(const bridge_receiver_options_t *options, bridge_receiver_report_t *report,
                   bridge_error_t *error)
{
    receiving_t r = {.options = options, .report = report, .error = error, .engine = options->engine};
    *report = (bridge_receiver_report_t){0};
    *error = (bridge_error_t){0};
    r.target = (target_t){.name = options->ring, .options = &options->place, .stop = &options->stop};
    r.waits.say = &options->say;
    r.target.error = error;
    r.target.waits = &r.waits;
    r.target.lock.file = -1;
    int code = run(&r);
    bridge_target_close(&r.target);
    if (error->code != code)
        *error = r.engine->error.code == code ? r.engine->error : (bridge_error_t){.code = code};
    return code;
}
