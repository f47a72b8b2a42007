/* SPDX-License-Identifier: Apache-2.0 */
/* slotring create --file: several rings, as a file describes them; all of them, or none. */
#include "common.h"
#include "create.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "ring_file.h"
#include "shape.h"

static int make_one(described_t *ring, bool exist_ok)
{
    slotring_error_t error;
    ring->options.mode = SLOTRING_CREATE;
    int code = slotring_open(&ring->ring, ring->name, &ring->options, &error);
    ring->made = code == 0;
    if (code == SLOTRING_E_EXISTS && exist_ok) {
        ring->options.mode = SLOTRING_ATTACH;
        code = slotring_open(&ring->ring, ring->name, &ring->options, &error);
    }
    if (code != 0)
        return report(&error);
    ring->info.struct_size = sizeof ring->info;
    return slotring_info(ring->ring, &ring->info) == 0 ? stop_code()
                                                       : report_last("cannot describe the new ring");
}

static int make_all(ring_file_t *file, bool exist_ok)
{
    int code = EXIT_DONE;
    host_catch_stop(NULL);
    for (size_t i = 0; code == EXIT_DONE && i < file->count; i++) {
        ring_file_speak_of(file, i);
        code = make_one(&file->rings[i], exist_ok);
    }
    out_set_subject(NULL);
    return code;
}

/* Whoever has joined one of them meanwhile keeps it until it leaves. */
static void take_back(ring_file_t *file)
{
    slotring_options_t options;
    slotring_error_t error;
    size_t made = 0, stay = 0;
    ring_shape_clear();
    ring_options(&options);
    for (size_t i = 0; i < file->count; i++) /* what they have open may be what is lacking */
        if (file->rings[i].ring) {
            slotring_close(file->rings[i].ring);
            file->rings[i].ring = NULL;
        }
    for (size_t i = 0; i < file->count; i++) {
        described_t *ring = &file->rings[i];
        if (!ring->made)
            continue;
        ring_file_speak_of(file, i);
        int failed = slotring_unlink(ring->name, SLOTRING_UNLINK_WHEN_UNUSED, &options, &error);
        if (failed != 0 &&
            failed != SLOTRING_E_NOT_FOUND) { /* where a ring goes with its last user it is gone */
            report(&error);
            stay++;
        } else {
            made++;
        }
    }
    out_set_subject(NULL);
    if (stay > 0)
        out_error("%s: not all rings could be made, and %zu of those that were could not be removed again "
                  "(slotring rm)",
                  file->path, stay);
    else
        out_error("%s: not all rings could be made, so none stays; %zu that were made are removed again",
                  file->path, made);
}

static void describe(const ring_file_t *file, bool json)
{
    json_t *rings = json_array();
    for (size_t i = 0; i < file->count; i++) {
        const described_t *ring = &file->rings[i];
        ring_file_speak_of(file, i);
        ring_warn_refused(&ring->info, ring->options.flags);
        if (json)
            json_array_append_new(rings, create_json(&ring->info));
        else
            create_print(&ring->info);
    }
    out_set_subject(NULL);
    if (json)
        out_json_print(stdout, json_pack("{s:O}", "rings", rings), false);
    json_decref(rings);
}

static int make(ring_file_t *file, bool exist_ok, bool json)
{
    int code = ring_file_check(file) ? make_all(file, exist_ok) : EXIT_USAGE;
    if (!file->rings || !file->rings[0].ring)
        return code; /* nothing was made */
    if (code != EXIT_DONE) {
        take_back(file);
        return code;
    }
    describe(file, json);
    return create_stay(&file->rings[0].info, out_finish(EXIT_DONE));
}

int create_from_file(const char *path, bool exist_ok, bool json)
{
    ring_file_t file = {.path = path};
    int code = ring_file_load(&file);
    if (code == EXIT_DONE)
        code = make(&file, exist_ok, json);
    ring_file_close(&file);
    return code;
}
