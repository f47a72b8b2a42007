/* SPDX-License-Identifier: Apache-2.0 */
/* What people and programs get to see: messages on standard error, text and JSON on standard output. */
#ifndef SLOTRING_TOOL_OUTPUT_H
#define SLOTRING_TOOL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "slotring/slotring.h"

/* Names the command that messages begin with: "slotring write: ". */
void out_set_command(const char *command);
/* And what they are about: "slotring create: rings.json, ring 2: ". NULL: nothing. The text stays the caller's. */
void out_set_subject(const char *subject);

/* "slotring COMMAND: text" on standard error, or with the subject. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void out_error(const char *format, ...);

/* From now on the last error goes into this text, and to nobody: whoever shows a screen says it there. NULL: as before. */
void out_keep_errors(char *text, size_t size);

/* Flushes standard output and returns `code`, or what the failure to write there deserves. */
int out_finish(int code);

/* ---- Text ----------------------------------------------------------------------------------------- */

enum {
    OUT_TEXT = 32
};

/* Small texts come by value, so that several fit into one printf. */
typedef struct out_text {
    char text[OUT_TEXT];
} out_text_t;

out_text_t out_bytes(uint64_t bytes);               /* "1.5 GiB", "64 KiB", "17 B" */
out_text_t out_rate(double bytes_per_second);       /* "1.5 GiB/s" */
out_text_t out_per_second(double per_second);       /* "12.3k/s" */
out_text_t out_count_per_second(double per_second); /* "12.3k" */
out_text_t out_duration(double seconds);            /* "0.52 s", "3 min 05 s" */
/* Adds to a text as far as there is room; it stays terminated. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void out_append(char *text, size_t size, const char *format, ...);
/* A name from shared memory as it may safely be shown: control and stray bytes become '?'. */
void out_safe_name(const char *name, size_t size, char *safe);
/* Length of the well-formed UTF-8 character at `at`, of which `left` bytes are there; 0 for anything else and for control
 * characters. */
size_t out_character(const unsigned char *at, size_t left);
/* Prints `text` and fills up to `width` characters, counting UTF-8 characters as one. */
void out_cell(const char *text, int width);

/* ---- JSON ----------------------------------------------------------------------------------------- */

/* UINT64_MAX means "not known" throughout the interface: null. */
json_t *out_json_count(uint64_t value);
json_t *out_json_node(uint32_t node); /* null for SLOTRING_NO_NUMA_NODE */
json_t *out_json_text(const char *text, size_t size);
json_t *out_json_id(const uint8_t id[16]);
/* The number of the group whose readers may be lossless; null if there is none. */
json_t *out_json_group(const slotring_info_t *info);
/* A rate; null when it is not known (negative). */
json_t *out_json_rate(double rate);
/* Writes one document and its end of line, and frees it. compact: on one line. out_finish tells of failures. */
void out_json_print(FILE *stream, json_t *document, bool compact);

/* ---- Words for numbers ---------------------------------------------------------------------------- */

const char *out_life(uint32_t life);
const char *out_writer_state(uint32_t state);
const char *out_when_full(uint32_t when_full);
const char *out_hot(uint32_t hot_slots); /* ", hot slots", or nothing */
const char *out_time_stamps(uint32_t time_stamps);
const char *out_access(uint32_t access);
const char *out_lossless_for(uint32_t lossless_for);
#define OUT_GRANT 256u
/* Who may not hold producers back without a limit. False: all may. */
bool out_grant(const slotring_info_t *info, char *text, size_t size);
const char *out_revoked(uint32_t revoked);
const char *out_reader_mode(uint32_t mode);
const char *out_blocks_by(uint32_t why);

#endif
