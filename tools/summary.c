/* SPDX-License-Identifier: Apache-2.0 */
#include "summary.h"
#include <inttypes.h>

#include "exit_codes.h"
#include "host.h"
#include "output.h"

static json_t *summary_json(const receiver_t *receiver, bool marks, int code)
{
    json_t *json = json_object();
    json_object_set_new(json, "ring", out_json_text(receiver->info.name, sizeof receiver->info.name));
    json_object_set_new(json, "mode", json_string(out_reader_mode(receiver->options.mode)));
    stream_json(&receiver->stream, json);
    json_object_set_new(json, "delivered", out_json_count(receiver->delivered));
    json_object_set_new(json, "missed", out_json_count(receiver->missed));
    json_object_set_new(json, "records", out_json_count(receiver->records));
    json_object_set_new(json, "records_missed", out_json_count(receiver->records_missed));
    json_object_set_new(json, "redelivered", out_json_count(receiver->redelivered));
    json_object_set_new(json, "revocations", out_json_count(receiver->revocations));
    json_object_set_new(json, "lost", out_json_count(receiver->lost));
    json_object_set_new(json, "damaged", out_json_count(receiver->damaged));
    json_object_set_new(json, "passed_over", out_json_count(receiver->passed_over));
    json_object_set_new(json, "records_passed_over", out_json_count(receiver->records_passed_over));
    json_object_set_new(json, "output_bytes", out_json_count(receiver->output_bytes));
    json_object_set_new(json, "ended", json_boolean(receiver->ended));
    json_object_set(json, "producers_died", receiver->deaths);
    if (marks)
        json_object_set(json, "marks", receiver->marks);
    json_object_set_new(json, "exit_code", json_integer(code));
    return json;
}

static void print_words(const receiver_t *receiver)
{
    char sentence[160];
    stream_sentence(&receiver->stream, sentence, sizeof sentence);
    fprintf(stderr, "slotring read: received %s; missed %" PRIu64 " message%s", sentence, receiver->missed,
            receiver->missed == 1 ? "" : "s");
    if (receiver->records + receiver->records_missed > 0)
        fprintf(stderr, ", %" PRIu64 " record%s", receiver->records_missed,
                receiver->records_missed == 1 ? "" : "s");
    if (receiver->redelivered > 0)
        fprintf(stderr, "; %" PRIu64 " of them another member had before", receiver->redelivered);
    if (receiver->revocations > 0)
        fprintf(stderr, "; revoked %" PRIu64 " time%s", receiver->revocations,
                receiver->revocations == 1 ? "" : "s");
    if (receiver->damaged > 0)
        fprintf(stderr, "; %" PRIu64 " were not what was published", receiver->damaged);
    if (receiver->passed_over + receiver->records_passed_over > 0)
        fprintf(stderr, "; passed over %" PRIu64 " message%s and %" PRIu64 " record%s", receiver->passed_over,
                receiver->passed_over == 1 ? "" : "s", receiver->records_passed_over,
                receiver->records_passed_over == 1 ? "" : "s");
    fprintf(stderr, "%s\n", receiver->ended ? "" : " (stopped before the end of the stream)");
}

static int write_file(const char *path, const receiver_t *receiver, bool marks, int code)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        out_error("cannot write %s: %s", path, host_error_text(host_last_error()));
        return EXIT_ERROR;
    }
    out_json_print(file, summary_json(receiver, marks, code), false);
    if (ferror(file) | fclose(file)) {
        out_error("cannot write %s: %s", path, host_error_text(host_last_error()));
        return EXIT_ERROR;
    }
    return EXIT_DONE;
}

int summarize(const summary_t *wanted, const receiver_t *receiver, int code)
{
    bool data_on_stdout = receiver->file == HOST_STDOUT;
    int failed = EXIT_DONE;
    if (!wanted->quiet && code != EXIT_BROKEN_PIPE)
        print_words(receiver);
    if (wanted->json)
        out_json_print(data_on_stdout ? stderr : stdout, summary_json(receiver, wanted->marks, code),
                       data_on_stdout);
    if (wanted->file)
        failed = write_file(wanted->file, receiver, wanted->marks, code);
    return out_finish(code == EXIT_DONE ? failed : code);
}
