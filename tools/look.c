/* SPDX-License-Identifier: Apache-2.0 */
#include "look.h"

#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "host.h"
#include "output.h"
#include "unpack.h"

#define ROW 16u

bool look_format(look_t *look, const char *text)
{
    look->kind = LOOK_HEX;
    if (!text || !strcmp(text, "hex"))
        return true;
    if (!strcmp(text, "text")) {
        look->kind = LOOK_TEXT;
        return true;
    }
    if (strncmp(text, "struct:", 7) != 0) {
        out_error("--format %s: expects hex, text, or struct:CODES such as 'struct:<IHHq'", text);
        return false;
    }
    look->kind = LOOK_STRUCT;
    look->format = text + 7;
    return unpack_check(look->format, &look->bytes);
}

/* ---- For people ----------------------------------------------------------------------------------- */

/* As hexdump -C prints it. */
static void print_hex(const unsigned char *bytes, uint64_t size)
{
    for (uint64_t row = 0; row < size; row += ROW) {
        printf("%08" PRIx64, row);
        for (uint64_t i = row; i < row + ROW; i++) {
            if (i < size)
                printf("%s%02x", i % 8 ? " " : "  ", bytes[i]);
            else
                printf("%s", i % 8 ? "   " : "    ");
        }
        printf("  |");
        for (uint64_t i = row; i < row + ROW && i < size; i++)
            putchar(bytes[i] >= 0x20 && bytes[i] < 0x7f ? bytes[i] : '.');
        printf("|\n");
    }
}

static void print_text(const unsigned char *bytes, uint64_t size)
{
    for (uint64_t i = 0; i < size;) {
        escape_t piece;
        i += escape_next(bytes + i, (size_t)(size - i), &piece);
        fputs(piece.text, stdout);
    }
    if (size > 0 && bytes[size - 1] != '\n')
        putchar('\n');
}

static void print_values(const char *format, const unsigned char *bytes)
{
    json_t *values = unpack(format, bytes);
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *value = json_array_get(values, i);
        printf("%s", i ? " " : "");
        if (json_is_string(value))
            printf("%s", json_string_value(value));
        else
            json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    }
    printf("\n");
    json_decref(values);
}

static void print_head(const slotring_slot_t *message, bool damaged)
{
    uint64_t now = host_clock_ns();
    if (message->kind == SLOTRING_KIND_RECORD)
        printf("record");
    else
        printf("sequence %" PRIu64, message->sequence);
    printf("  tag %" PRIu64 "  %s", message->tag, out_bytes(message->length).text);
    if (message->pieces > 1)
        printf("  in %" PRIu32 " slots", message->pieces);
    printf("  producer %" PRIu32, message->producer);
    if (message->number != SLOTRING_NO_NUMBER)
        printf("  writer %" PRIu32 " number %" PRIu64, message->writer, message->number);
    if (message->time_ns > 0)
        printf("  age %s",
               out_duration(now > message->time_ns ? (double)(now - message->time_ns) * 1e-9 : 0).text);
    printf("%s\n", damaged ? "  DAMAGED: NOT WHAT WAS PUBLISHED" : "");
}

static void print_message(const look_t *look, const slotring_slot_t *message, const unsigned char *bytes,
                          uint64_t shown, bool damaged)
{
    print_head(message, damaged);
    if (look->kind == LOOK_HEX)
        print_hex(bytes, shown);
    else if (look->kind == LOOK_TEXT)
        print_text(bytes, shown);
    else
        print_values(look->format, bytes);
    if (shown < message->length)
        printf("... the first %" PRIu64 " of %" PRIu64 " bytes\n", shown, message->length);
}

/* ---- For programs --------------------------------------------------------------------------------- */

static void print_json(const look_t *look, const slotring_slot_t *message, const unsigned char *bytes,
                       uint64_t shown, bool damaged)
{
    static const char *const names[] = {"hex", "text", "values"};
    char ticket[SLOTRING_TICKET_TEXT_SIZE] = "";
    json_t *json = json_object();
    slotring_ticket_to_text(&message->ticket, ticket, sizeof ticket);
    json_object_set_new(json, "sequence", out_json_count(message->sequence));
    json_object_set_new(json, "tag", json_of_number(message->tag));
    json_object_set_new(json, "length", out_json_count(message->length));
    json_object_set_new(json, "slots", json_integer(message->pieces));
    json_object_set_new(json, "producer", json_integer(message->producer));
    json_object_set_new(json, "producer_incarnation", out_json_count(message->producer_incarnation));
    json_object_set_new(json, "writer",
                        message->writer == SLOTRING_NO_WRITER ? json_null() : json_integer(message->writer));
    json_object_set_new(json, "number", out_json_count(message->number));
    json_object_set_new(json, "time_ns", message->time_ns ? out_json_count(message->time_ns) : json_null());
    json_object_set_new(json, "ticket", json_string(ticket));
    json_object_set_new(json, "damaged", json_boolean(damaged));
    json_object_set_new(json, "shown", out_json_count(shown));
    json_object_set_new(json, names[look->kind],
                        look->kind == LOOK_HEX    ? json_of_hex(bytes, (size_t)shown)
                        : look->kind == LOOK_TEXT ? json_of_bytes(bytes, (size_t)shown)
                                                  : unpack(look->format, bytes));
    out_json_print(stdout, json, true);
}

bool look_print(const look_t *look, const slotring_slot_t *message, const unsigned char *bytes, bool damaged)
{
    uint64_t shown = message->length < look->bytes ? message->length : look->bytes;
    if (look->kind == LOOK_STRUCT && shown < look->bytes) {
        bool is_record = message->kind == SLOTRING_KIND_RECORD;
        out_error("%s %" PRIu64 " has %" PRIu64 " bytes, the format %s needs %" PRIu64,
                  is_record ? "record" : "sequence", is_record ? message->number : message->sequence,
                  message->length, look->format, look->bytes);
        return false;
    }
    if (look->json)
        print_json(look, message, bytes, shown, damaged);
    else
        print_message(look, message, bytes, shown, damaged);
    return true;
}
