/* SPDX-License-Identifier: Apache-2.0 */
/* slotring replay: publishes a recording again, in its own time or another. */
#include "replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "record.h"

static struct {
    char *ring, *topic, *speed, *from, *to, *loop, *readers, *timeout;
    int create, verify, json, quiet;
} given;

static struct poptOption table[] = {
    {"ring", 0, POPT_ARG_STRING, &given.ring, 0, "Publish in ring NAME (default: the name that was recorded)",
     "NAME"},
    {"topic", 0, POPT_ARG_STRING, &given.topic, 0, "Only what was recorded of ring NAME", "NAME"},
    {"create", 'c', POPT_ARG_NONE, &given.create, 0,
     "Make the ring if there is none, with the sizes that were recorded", NULL},
    {"speed", 's', POPT_ARG_STRING, &given.speed, 0,
     "N times as fast as it was recorded (default 1), or max: as fast as possible", "N"},
    {"from", 0, POPT_ARG_STRING, &given.from, 0, "Begin S seconds after the recording's begin", "S"},
    {"to", 0, POPT_ARG_STRING, &given.to, 0, "End S seconds after the recording's begin", "S"},
    {"loop", 0, POPT_ARG_STRING, &given.loop, 0, "Do all of it N times (0: until stopped)", "N"},
    {"readers", 'r', POPT_ARG_STRING, &given.readers, 0, "First wait until N lossless readers are there",
     "N"},
    {"timeout", 't', POPT_ARG_STRING, &given.timeout, 0,
     "Give up after S seconds without a free slot, or without the readers (default: never)", "S"},
    {"verify", 0, POPT_ARG_NONE, &given.verify, 0,
     "First compare all of the recording with its checksums; publish nothing if it is damaged", NULL},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the summary as JSON on standard output", NULL},
    {"quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "No progress and no summary on standard error", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "replay", "FILE...",
    "Publishes what \"slotring record\" recorded: the same messages with their tags, at the same intervals.\n"
    "  slotring replay run17.mcap --create\n"
    "  slotring replay run17.mcap --ring test --speed max --loop 0\n",
    1, -1};

/* ---- One file ------------------------------------------------------------------------------------- */

static int report_read(const char *path, int error)
{
    out_error("cannot read %s: %s", path, host_error_text(error));
    return EXIT_ERROR;
}

/* Waits until it is the message's time. */
static void pace(replay_t *replay, const item_t *item)
{
    if (!replay->started) {
        replay->started = true;
        replay->start_time = item->publish_time;
        replay->start_clock_ns = host_clock_ns();
    }
    if (replay->speed <= 0 || item->publish_time <= replay->start_time)
        return;
    double due = (double)(item->publish_time - replay->start_time) / replay->speed;
    double gone = (double)(host_clock_ns() - replay->start_clock_ns);
    if (due > gone)
        host_sleep((uint64_t)(due - gone));
}

static int play_item(replay_t *replay, target_t *target, const track_t *track)
{
    const item_t *item = &track->item;
    int code;
    pace(replay, item);
    if (host_stop_requested())
        return stop_code();
    switch (item->what) {
    case REPLAY_MESSAGE:
        stream_begin(&replay->stream);
        code = target_message(target, track);
        if (code == EXIT_DONE)
            stream_count(&replay->stream, item->entry.sequence, item->length);
        return code;
    case REPLAY_GAP:
        replay->missing += item->entry.length;
        return target_gap(target, item);
    default:
        return target_event(target, item);
    }
}

/* The track whose item is the earliest; NULL: all are at their end. */
static track_t *earliest(track_t *tracks, uint32_t count)
{
    track_t *first = NULL;
    for (uint32_t i = 0; i < count; i++)
        if (tracks[i].there && (!first || tracks[i].item.log_time < first->item.log_time))
            first = &tracks[i];
    return first;
}

/* `zero`: when the recording begins. */
static int play_tracks(replay_t *replay, track_t *tracks, uint32_t count, uint64_t zero, const char *path)
{
    int code = EXIT_DONE, error = 0;
    for (uint32_t i = 0; i < count && error == 0; i++)
        error = track_step(&tracks[i]);
    for (track_t *track; code == EXIT_DONE && error == 0 && (track = earliest(tracks, count)) != NULL;) {
        uint64_t at = track->item.log_time > zero ? track->item.log_time - zero : 0;
        if (at > replay->to_ns)
            break;
        if (at >= replay->from_ns) {
            target_t *target = replay_target(replay, track->known, &code);
            code = target ? play_item(replay, target, track) : code;
            progress_show(&replay->progress, replay->stream.bytes);
        }
        if (code == EXIT_DONE)
            error = track_step(track);
    }
    for (uint32_t i = 0; i < count; i++)
        replay->damaged += tracks[i].damaged;
    return error ? report_read(path, error) : code;
}

static uint64_t begin_of(const skim_t *skim)
{
    uint64_t first = UINT64_MAX;
    for (uint64_t i = 0; i < skim->notes.chunk_count; i++)
        if (skim->notes.chunks[i].first_time < first)
            first = skim->notes.chunks[i].first_time;
    return first;
}

/* A track for each ring that is wanted. */
static int make_tracks(replay_t *replay, skim_t *skim, track_t *tracks, uint32_t *count, const char *path)
{
    *count = 0;
    for (uint32_t i = 0; i < skim->ring_count; i++) {
        const known_ring_t *known = &skim->rings[i];
        if (known->channel == 0 || (replay->topic && strcmp(replay->topic, known->name) != 0))
            continue;
        if (replay->ring && *count > 0 && strcmp(known->name, tracks[0].known->name) != 0) {
            out_error("%s has several rings; choose one with --topic, or leave --ring out", path);
            return EXIT_USAGE;
        }
        tracks[(*count)++] = (track_t){
            .skim = skim,
            .known = known,
            .window = {.file = skim->window.file, .file_size = skim->window.file_size},
        };
    }
    if (*count == 0 && replay->topic)
        out_error("%s has nothing of a ring %s", path, replay->topic);
    return *count == 0 && replay->topic ? EXIT_NOT_FOUND : EXIT_DONE;
}

static int play_skimmed(replay_t *replay, skim_t *skim, const char *path, uint64_t *zero)
{
    track_t *tracks = calloc(skim->ring_count + 1, sizeof *tracks);
    uint32_t count = 0;
    int code = EXIT_NO_SPACE;
    if (*zero == UINT64_MAX)
        *zero = begin_of(skim);
    if (!skim->ended) {
        replay->torn++;
        out_error("%s has no index: its recorder was killed, or is at work. What is whole is replayed", path);
    }
    if (tracks)
        code = make_tracks(replay, skim, tracks, &count, path);
    else
        out_error("out of memory");
    if (code == EXIT_DONE)
        code = play_tracks(replay, tracks, count, *zero, path);
    for (uint32_t i = 0; tracks && i < count; i++)
        track_free(&tracks[i]);
    free(tracks);
    return code;
}

static int play_file(replay_t *replay, const char *path, uint64_t *zero)
{
    skim_t skim;
    int file, error = host_open_input(path, &file);
    if (error != 0) {
        out_error("cannot open %s: %s", path, host_error_text(error));
        return host_is_missing(error) ? EXIT_NOT_FOUND : EXIT_ERROR;
    }
    error = skim_file(&skim, file, given.verify);
    int code = EXIT_DONE;
    if (error != 0) {
        code = report_read(path, error);
    } else if (skim.foreign || !skim.head) {
        out_error("%s is not a recording of this program", path);
        code = EXIT_DAMAGED;
    } else if (skim.damaged > 0) {
        out_error("%s: %" PRIu64 " chunk%s not the bytes that were written", path, skim.damaged,
                  skim.damaged == 1 ? " has" : "s have");
        code = EXIT_DAMAGED;
    }
    if (code == EXIT_DONE)
        code = play_skimmed(replay, &skim, path, zero);
    skim_free(&skim);
    host_close(file);
    return code;
}

/* ---- All of them ---------------------------------------------------------------------------------- */

static int play_all(replay_t *replay, const char **paths)
{
    int code = EXIT_DONE;
    progress_start(&replay->progress, replay->quiet);
    for (uint64_t turn = 0; code == EXIT_DONE && (replay->loops == 0 || turn < replay->loops); turn++) {
        uint64_t zero = UINT64_MAX, before = replay->stream.messages;
        replay->started = false;
        for (const char **path = paths; *path && code == EXIT_DONE; path++)
            code = play_file(replay, *path, &zero);
        if (code == EXIT_DONE && replay->stream.messages == before && replay->loops == 0)
            break; /* nothing would come for ever */
    }
    progress_wipe(&replay->progress);
    return code == EXIT_DONE && replay->damaged > 0 ? EXIT_DAMAGED : code;
}

static int summarize(const replay_t *replay, int code)
{
    char sentence[160];
    uint64_t marks = 0;
    for (uint32_t i = 0; i < replay->target_count; i++)
        marks += replay->targets[i].marks;
    stream_sentence(&replay->stream, sentence, sizeof sentence);
    if (!replay->quiet) {
        fprintf(stderr, "slotring replay: published %s", sentence);
        if (marks > 0)
            fprintf(stderr, ", and %" PRIu64 " mark%s", marks, marks == 1 ? "" : "s");
        fprintf(stderr, "; missing in the recording: %" PRIu64 "\n", replay->missing);
    }
    if (given.json) {
        json_t *json = json_object();
        stream_json(&replay->stream, json);
        json_object_set_new(json, "missing", out_json_count(replay->missing));
        json_object_set_new(json, "marks", out_json_count(marks));
        json_object_set_new(json, "files_without_index", out_json_count(replay->torn));
        json_object_set_new(json, "exit_code", json_integer(code));
        out_json_print(stdout, json, false);
    }
    return out_finish(code);
}

static bool values(replay_t *replay)
{
    int64_t from = 0, to = INT64_MAX, speed = INT64_C(1000000000);
    bool max = given.speed && !strcmp(given.speed, "max");
    if (!args_seconds("--from", given.from, &from) || !args_seconds("--to", given.to, &to) ||
        !args_seconds("--timeout", given.timeout, &replay->timeout_ns) ||
        !args_number("--loop", given.loop, 0, UINT64_MAX, &replay->loops) ||
        !args_number("--readers", given.readers, 0, SLOTRING_READERS_MAX, &replay->readers) ||
        (!max && !args_seconds("--speed", given.speed, &speed)))
        return false;
    if (speed == 0) {
        out_error("--speed %s: a number above 0, or max, is expected", given.speed);
        return false;
    }
    if (from > to) {
        out_error("--from %s lies behind --to %s", given.from, given.to);
        return false;
    }
    replay->speed = max ? 0 : (double)speed * 1e-9;
    replay->from_ns = (uint64_t)from;
    replay->to_ns = (uint64_t)to;
    replay->ring = given.ring;
    replay->topic = given.topic;
    replay->create = given.create;
    replay->quiet = given.quiet;
    return true;
}

int command_replay(int argc, const char **argv)
{
    replay_t replay = {.timeout_ns = -1, .loops = 1};
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    if (values(&replay)) {
        code = play_all(&replay, args.operands);
        if (replay.target_count > 0 || code == EXIT_DONE)
            code = summarize(&replay, code);
    }
    for (uint32_t i = 0; i < replay.target_count; i++)
        target_free(&replay.targets[i]);
    free(replay.targets);
    args_free(&args);
    return code;
}
