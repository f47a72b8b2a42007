/* SPDX-License-Identifier: Apache-2.0 */
/* slotring create --file: several rings, as a file describes them; all of them, or none. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "create.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "shape.h"

#define FILE_BYTES_MAX (UINT64_C(1) << 20)

typedef struct described {
    json_t *fields; /* of the document */
    const char *name;
    slotring_t *ring; /* NULL: not open */
    bool made;        /* by this command; else it was there */
    uint32_t asked;   /* flags of its options */
    slotring_info_t info;
} described_t;

typedef struct ring_file {
    const char *path;
    json_t *document;
    described_t *rings;
    size_t count;
} ring_file_t;

/* ---- The file ----------------------------------------------------------------------------------------- */

/* All of it, in memory to free. 0, or an exit code after it was reported. */
static int read_file(const char *path, char **text, uint64_t *size)
{
    uint64_t got = 1;
    int file, failed = host_open_input(path, &file);
    if (failed) {
        out_error("cannot open %s: %s", path, host_error_text(failed));
        return host_is_missing(failed) ? EXIT_NOT_FOUND : EXIT_ERROR;
    }
    *size = 0;
    *text = malloc(FILE_BYTES_MAX + 1);
    while (*text && !failed && got > 0 && *size <= FILE_BYTES_MAX) {
        failed = host_read(file, *text + *size, FILE_BYTES_MAX + 1 - *size, &got);
        *size += got;
    }
    host_close(file);
    if (*text && !failed && *size <= FILE_BYTES_MAX)
        return EXIT_DONE;
    if (failed)
        out_error("cannot read %s: %s", path, host_error_text(failed));
    else if (!*text)
        out_error("out of memory for %s", path);
    else
        out_error("%s has more than %" PRIu64 " bytes, and is no description of rings", path, FILE_BYTES_MAX);
    free(*text);
    return !failed && !*text ? EXIT_NO_SPACE : EXIT_ERROR;
}

static int load(ring_file_t *file)
{
    json_error_t error;
    char *text;
    uint64_t size;
    int code = read_file(file->path, &text, &size);
    if (code != EXIT_DONE)
        return code;
    file->document = json_loadb(text, (size_t)size, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (file->document)
        return EXIT_DONE;
    char said[JSON_ERROR_TEXT_LENGTH]; /* it quotes the file */
    out_safe_name(error.text, sizeof said, said);
    out_error("%s, line %d, column %d: %s", file->path, error.line, error.column, said);
    return EXIT_USAGE;
}

static bool is_in_place(const char *field)
{
    return !strcmp(field, "rings") || !strcmp(field, "comment");
}

/* {"rings": [{...}, ...]} */
static bool find_rings(ring_file_t *file)
{
    static const char wanted[] = "{\"rings\": [{\"name\": \"daq\", \"size\": \"1G\"}]} is expected";
    json_t *rings = json_object_get(file->document, "rings");
    const char *field;
    json_t *value;
    file->count = json_array_size(rings); /* 0 for all that is no array */
    if (file->count == 0) {
        out_error("%s describes no rings; %s", file->path, wanted);
        return false;
    }
    json_object_foreach(file->document, field, value)
    {
        char safe[64];
        out_safe_name(field, sizeof safe, safe);
        if (!is_in_place(field)) {
            out_error("%s: there is no field \"%s\" beside \"rings\"; %s", file->path, safe, wanted);
            return false;
        }
    }
    file->rings = calloc(file->count, sizeof *file->rings);
    if (!file->rings)
        out_error("out of memory for %zu rings", file->count);
    for (size_t i = 0; file->rings && i < file->count; i++)
        file->rings[i].fields = json_array_get(rings, i);
    return file->rings != NULL;
}

/* ---- What each ring is to be -------------------------------------------------------------------------- */

/* Messages name the ring: rings.json, ring 2 "raw": ... */
static void speak_of(const ring_file_t *file, size_t number)
{
    static char subject[512];
    const char *name = file->rings[number].name;
    char safe[SLOTRING_NAME_MAX + 1] = "";
    if (name)
        out_safe_name(name, sizeof safe, safe);
    snprintf(subject, sizeof subject, "%.200s, ring %zu%s%s%s", file->path, number + 1, name ? " \"" : "",
             safe, name ? "\"" : "");
    out_set_subject(subject);
}

static bool find_name(ring_file_t *file, size_t number)
{
    described_t *ring = &file->rings[number];
    const char *name = json_string_value(json_object_get(ring->fields, "name"));
    speak_of(file, number);
    if (!json_is_object(ring->fields) || !name) {
        out_error("a ring is an object with a \"name\", which is text");
        return false;
    }
    ring->name = name;
    speak_of(file, number);
    for (size_t i = 0; i < number; i++)
        if (!strcmp(file->rings[i].name, name)) {
            out_error("ring %zu has this name already", i + 1);
            return false;
        }
    return true;
}

/* The library says what a name must be like. Whether there is a ring of it does not matter yet. */
static bool name_is_good(const char *name)
{
    slotring_options_t options;
    slotring_error_t error;
    slotring_t *ring;
    ring_options(&options);
    options.mode = SLOTRING_OBSERVE;
    int code = slotring_open(&ring, name, &options, &error);
    if (code == 0)
        slotring_close(ring);
    if (code == SLOTRING_E_NAME)
        report(&error);
    return code != SLOTRING_E_NAME;
}

static bool options_of(const described_t *ring, slotring_options_t *options)
{
    ring_options(options);
    return ring_shape_from_json(ring->fields) && ring_shape(options);
}

/* Before the first one is made: a fault that can be known now costs nothing. */
static bool check(ring_file_t *file)
{
    slotring_options_t options;
    bool good = find_rings(file);
    for (size_t i = 0; good && i < file->count; i++)
        good =
            find_name(file, i) && name_is_good(file->rings[i].name) && options_of(&file->rings[i], &options);
    out_set_subject(NULL);
    return good;
}

/* ---- All or none -------------------------------------------------------------------------------------- */

static int make_one(described_t *ring, bool exist_ok)
{
    slotring_options_t options;
    slotring_error_t error;
    if (!options_of(ring, &options))
        return EXIT_USAGE;
    options.mode = SLOTRING_CREATE;
    int code = slotring_open(&ring->ring, ring->name, &options, &error);
    ring->made = code == 0;
    if (code == SLOTRING_E_EXISTS && exist_ok) {
        options.mode = SLOTRING_ATTACH;
        code = slotring_open(&ring->ring, ring->name, &options, &error);
    }
    if (code != 0)
        return report(&error);
    ring->asked = options.flags;
    ring->info.struct_size = sizeof ring->info;
    return slotring_info(ring->ring, &ring->info) == 0 ? stop_code()
                                                       : report_last("cannot describe the new ring");
}

static int make_all(ring_file_t *file, bool exist_ok)
{
    int code = EXIT_DONE;
    host_catch_stop(NULL);
    for (size_t i = 0; code == EXIT_DONE && i < file->count; i++) {
        speak_of(file, i);
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
        speak_of(file, i);
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
        speak_of(file, i);
        ring_warn_refused(&ring->info, ring->asked);
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
    int code = check(file) ? make_all(file, exist_ok) : EXIT_USAGE;
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
    int code = load(&file);
    if (code == EXIT_DONE)
        code = make(&file, exist_ok, json);
    for (size_t i = 0; file.rings && i < file.count; i++)
        if (file.rings[i].ring)
            slotring_close(file.rings[i].ring);
    ring_shape_clear();
    free(file.rings);
    json_decref(file.document);
    return code;
}
