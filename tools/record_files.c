/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a recording: which one to go on with, and a new one. Docs/recording.md says what is on the disk after a kill at any
 * point. */
#include "record_files.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

static int report_locked(const char *name)
{
    out_error("%s: another process is recording into it", name);
    return EXIT_IN_USE;
}

static int open_file(recording_t *recording, bool create)
{
    int error = host_open_record(recording->name, create, &recording->out.file);
    if (error == 0) {
        error = host_lock(recording->out.file);
        if (error != 0 && host_is_locked(error))
            return report_locked(recording->name);
    }
    if (error == 0)
        return EXIT_DONE;
    out_error("cannot open %s: %s", recording->name, host_error_text(error));
    return host_is_missing(error) ? EXIT_NOT_FOUND : host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

int recording_begin_file(recording_t *recording)
{
    uint64_t size = 0;
    int error, code = EXIT_DONE;
    if (recording->out.file < 0)
        code = open_file(recording, true);
    if (code != EXIT_DONE)
        return code;
    recording->out.position = 0;
    error = host_file_size(recording->out.file, &size);
    /* A file that was cut to nothing is sent to the disk by ext4 when it is closed, and the next one waits. So a new one is not cut. */
    if (error == 0 && size > 0)
        error = host_cut(recording->out.file, 0);
    if (error == 0)
        error = recording_write_head(recording);
    if (error != 0)
        return recording_report(recording, error);
    if (recording->sync_ns >= 0)
        (void)host_sync_folder(recording->name);
    recording->begun_ns = host_clock_ns();
    recording->files++;
    return recording_sync(recording);
}

/* ---- Going on with a file ------------------------------------------------------------------------- */

bool recording_name(recording_t *recording, uint32_t number)
{
    free(recording->name);
    recording->number = number;
    if (number > 0) {
        recording->name = record_file_name(recording->path, number);
    } else {
        recording->name = malloc(strlen(recording->path) + 1);
        if (recording->name)
            strcpy(recording->name, recording->path);
    }
    if (!recording->name)
        out_error("out of memory");
    return recording->name != NULL;
}

int record_judge(const char *path, const skim_t *skim, int error)
{
    if (error != 0) {
        out_error("cannot read %s: %s", path, host_error_text(error));
        return EXIT_ERROR;
    }
    if (skim->foreign) {
        out_error("%s is there, and is not a recording of this program; it stays as it is", path);
        return EXIT_IN_USE;
    }
    return EXIT_DONE;
}

/* The file before one whose head is torn says how far the recording is. */
static int skim_before(recording_t *recording, uint32_t oldest)
{
    int file, error = 0, code;
    if (recording->number <= oldest)
        return EXIT_DONE;
    char *name = record_file_name(recording->path, recording->number - 1);
    error = name ? host_open_input(name, &file) : 0;
    if (name && host_is_missing(error)) {
        free(name);
        return EXIT_DONE;
    }
    skim_free(&recording->skim);
    if (name && error == 0) {
        error = skim_file(&recording->skim, file, false);
        host_close(file);
    }
    code = name ? record_judge(name, &recording->skim, error) : EXIT_NO_SPACE;
    free(name);
    for (uint32_t i = 0; i < recording->skim.ring_count; i++)
        recording->skim.rings[i].channel = 0; /* of that file */
    return code;
}

int recording_find(recording_t *recording)
{
    uint32_t oldest = 0, newest = 0;
    bool follow = recording->rotate_bytes + recording->rotate_ns > 0;
    int error = follow ? record_file_numbers(recording->path, &oldest, &newest) : 0;
    recording->out.file = -1;
    recording->out.crc = recording->crc;
    if (error != 0) {
        out_error("cannot look into the folder of %s: %s", recording->path, host_error_text(error));
        return EXIT_ERROR;
    }
    if (!recording_name(recording, follow ? (newest ? newest : 1) : 0))
        return EXIT_NO_SPACE;
    error = host_open_record(recording->name, false, &recording->out.file);
    if (host_is_missing(error))
        return EXIT_DONE;
    if (error == 0)
        error = host_lock(recording->out.file);
    if (error != 0 && host_is_locked(error))
        return report_locked(recording->name);
    if (error == 0)
        error = skim_file(&recording->skim, recording->out.file, false);
    int code = record_judge(recording->name, &recording->skim, error);
    recording->goes_on = recording->skim.head;
    if (code == EXIT_DONE && !recording->goes_on && follow)
        code = skim_before(recording, oldest);
    return code;
}

static int go_on(recording_t *recording)
{
    skim_t *skim = &recording->skim;
    int error = 0;
    recording->out.position = skim->data_end;
    recording->cut = skim->ended ? 0 : skim->file_size - skim->data_end;
    error = host_cut(recording->out.file, skim->data_end);
    recording->out.notes = skim->notes;
    skim->notes = (mcap_notes_t){0};
    if (error == 0)
        error = recording_write_schemas(recording);
    for (uint32_t i = 0; i < recording->source_count && error == 0; i++)
        if (!recording->sources[i].channel_is_known)
            error = recording_write_channels(recording, &recording->sources[i]);
    if (error != 0)
        return recording_report(recording, error);
    recording->begun_ns = host_clock_ns();
    return recording_sync(recording);
}

/* Each source gets its place and its channels. */
static int assign(recording_t *recording)
{
    uint16_t next = (uint16_t)(recording->goes_on ? recording->skim.last_channel + 1 : 1);
    for (uint32_t i = 0; i < recording->source_count; i++) {
        source_t *source = &recording->sources[i];
        known_ring_t *known = skim_ring(&recording->skim, source->info.ring_id);
        source->channel_is_known = known && known->channel > 0;
        memcpy(source->place.ring_id, source->info.ring_id, sizeof source->place.ring_id);
        memcpy(source->written.ring_id, source->info.ring_id, sizeof source->written.ring_id);
        source->channel = source->channel_is_known ? known->channel : next;
        if (!source->channel_is_known)
            next = (uint16_t)(next + MCAP_CHUNK_CHANNELS);
        if (next > UINT16_MAX - 2 * MCAP_CHUNK_CHANNELS) {
            out_error("%s has channels of too many rings; begin another file", recording->name);
            return EXIT_ERROR;
        }
    }
    return EXIT_DONE;
}

int recording_begin(recording_t *recording)
{
    int code = assign(recording);
    if (code == EXIT_DONE)
        code = recording->goes_on ? go_on(recording) : recording_begin_file(recording);
    return code;
}
