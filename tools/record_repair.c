/* SPDX-License-Identifier: Apache-2.0 */
/* slotring record --repair: gives a file that a killed recorder left its summary and index. */
#include <inttypes.h>
#include <stdio.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "record.h"

static int report_nothing(const char *path)
{
    out_error("%s has no whole head: nothing was recorded in it", path);
    return EXIT_DAMAGED;
}

static int write_end(const char *path, mcap_writer_t *out)
{
    int error = host_cut(out->file, out->position);
    if (error == 0)
        error = mcap_write_end(out);
    if (error == 0)
        error = host_sync(out->file);
    if (error == 0)
        return EXIT_DONE;
    out_error("cannot write %s: %s; it can be read all the same", path,
              error == MCAP_NO_MEMORY ? "out of memory" : host_error_text(error));
    return error == MCAP_NO_MEMORY || host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

static void say(const char *path, const skim_t *skim, uint64_t messages, uint64_t chunks)
{
    uint64_t cut = skim->file_size - skim->data_end;
    fprintf(stderr, "slotring record: %s: %" PRIu64 " message%s in %" PRIu64 " chunk%s, ", path, messages,
            messages == 1 ? "" : "s", chunks, chunks == 1 ? "" : "s");
    if (skim->ended)
        fprintf(stderr, "whole as it was\n");
    else if (cut > 0)
        fprintf(stderr, "index added; %" PRIu64 " bytes of an unfinished chunk cut off\n", cut);
    else
        fprintf(stderr, "index added\n");
}

static int repair(const char *path, int file, bool quiet)
{
    mcap_writer_t out = {.file = file};
    skim_t skim;
    int error = skim_file(&skim, file, true), code = record_judge(path, &skim, error);
    uint64_t messages = skim_messages(&skim), chunks = skim.notes.chunk_count;
    if (code == EXIT_DONE && !skim.head)
        code = report_nothing(path);
    if (code == EXIT_DONE && !skim.ended) {
        out.position = skim.data_end;
        out.notes = skim.notes;
        skim.notes = (mcap_notes_t){0};
        code = write_end(path, &out);
    }
    if (code == EXIT_DONE && !quiet)
        say(path, &skim, messages, chunks);
    if (code == EXIT_DONE && skim.damaged > 0) {
        out_error("%s: %" PRIu64 " chunk%s not the bytes that were written; %s stay%s in the file", path,
                  skim.damaged, skim.damaged == 1 ? " has" : "s have", skim.damaged == 1 ? "it" : "they",
                  skim.damaged == 1 ? "s" : "");
        code = EXIT_DAMAGED;
    }
    skim_free(&skim);
    out.file = -1; /* the caller's */
    (void)mcap_close(&out);
    return code;
}

int record_repair(const char *path, bool quiet)
{
    int file, error = host_open_record(path, false, &file), code;
    if (error == 0 && (error = host_lock(file)) != 0 && host_is_locked(error)) {
        out_error("%s: a process is recording into it", path);
        host_close(file);
        return EXIT_IN_USE;
    }
    if (error != 0) {
        out_error("cannot open %s: %s", path, host_error_text(error));
        return host_is_missing(error) ? EXIT_NOT_FOUND : EXIT_ERROR;
    }
    code = repair(path, file, quiet);
    error = host_close(file);
    if (code == EXIT_DONE && error != 0) {
        out_error("cannot write %s: %s", path, host_error_text(error));
        code = EXIT_ERROR;
    }
    return code;
}
