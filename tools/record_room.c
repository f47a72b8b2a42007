/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording does when a write fails, and how its files come to the disk. */
#include "record_files.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

#define ROOM_POLL_NS UINT64_C(250000000) /* between two looks for room on the disk */

int recording_report(recording_t *recording, int error)
{
    progress_wipe(recording->progress);
    if (error == MCAP_NO_MEMORY) {
        out_error("out of memory");
        return EXIT_NO_SPACE;
    }
    out_error("cannot write %s: %s; all that came before is in it", recording->name, host_error_text(error));
    return host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

/* ---- Room on the disk ----------------------------------------------------------------------------- */

/* Removes the oldest file that is complete. False: there is none, or it cannot be removed. */
static bool drop_oldest(recording_t *recording)
{
    uint32_t oldest = 0, newest;
    if (recording->rotate_bytes + recording->rotate_ns == 0 ||
        record_file_numbers(recording->path, &oldest, &newest) != 0 || oldest == 0 ||
        oldest >= recording->number)
        return false;
    char *name = record_file_name(recording->path, oldest);
    bool done = name && host_remove(name) == 0;
    if (done) {
        progress_wipe(recording->progress);
        out_error("no room on the disk: removed %s", name);
        recording->dropped++;
    }
    free(name);
    return done;
}

bool recording_made_room(recording_t *recording, int error)
{
    if (!host_is_full(error) || host_stop_requested())
        return false;
    if (recording->when_full == RECORD_DROP_OLDEST)
        return drop_oldest(recording);
    if (recording->when_full != RECORD_WAIT)
        return false;
    progress_say(recording->progress, "waiting: no room on the disk");
    host_sleep(ROOM_POLL_NS);
    return true;
}

int recording_sync(recording_t *recording)
{
    int error = recording->sync_ns >= 0 ? host_sync(recording->out.file) : 0;
    recording->synced_ns = host_clock_ns();
    return error ? recording_report(recording, error) : EXIT_DONE;
}
