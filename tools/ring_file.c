/* SPDX-License-Identifier: Apache-2.0 */
/* The file of slotring create --file, and what each ring in it is to be. */
#include "ring_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "shape.h"

#define FILE_BYTES_MAX (UINT64_C(1) << 20)

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

int ring_file_load(ring_file_t *file)
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

void ring_file_speak_of(const ring_file_t *file, size_t number)
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
    ring_file_speak_of(file, number);
    if (!json_is_object(ring->fields) || !name) {
        out_error("a ring is an object with a \"name\", which is text");
        return false;
    }
    ring->name = name;
    ring_file_speak_of(file, number);
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

static char *copy_of(const char *bytes, size_t size)
{
    char *copy = malloc(size);
    return copy ? memcpy(copy, bytes, size) : NULL;
}

/* The options of the next ring take the place of the texts of this one. */
static bool keep_texts(described_t *ring)
{
    slotring_options_t *options = &ring->options;
    bool kept = true;
    if (options->group) {
        options->group = ring->group = copy_of(options->group, strlen(options->group) + 1);
        kept = ring->group != NULL;
    }
    if (options->description_size > 0) {
        options->description = ring->description =
            copy_of(options->description, (size_t)options->description_size);
        kept = kept && ring->description;
    }
    if (!kept)
        out_error("out of memory");
    return kept;
}

static bool find_options(described_t *ring)
{
    ring_options(&ring->options);
    return ring_shape_from_json(ring->fields) && ring_shape(&ring->options) && keep_texts(ring);
}

bool ring_file_check(ring_file_t *file)
{
    bool good = find_rings(file);
    for (size_t i = 0; good && i < file->count; i++)
        good = find_name(file, i) && name_is_good(file->rings[i].name) && find_options(&file->rings[i]);
    out_set_subject(NULL);
    return good;
}

void ring_file_close(ring_file_t *file)
{
    for (size_t i = 0; file->rings && i < file->count; i++) {
        if (file->rings[i].ring)
            slotring_close(file->rings[i].ring);
        free(file->rings[i].group);
        free(file->rings[i].description);
    }
    ring_shape_clear();
    free(file->rings);
    json_decref(file->document);
}
