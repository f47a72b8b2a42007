/* SPDX-License-Identifier: Apache-2.0 */
/* slotring doctor: what this host needs for rings and has, or why one ring cannot be used. */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "remedy.h"

static struct {
    int json, trial;
} given;

static struct poptOption table[] = {
    {"try", 0, POPT_ARG_NONE, &given.trial, 0,
     "Also make a small ring and remove it, or attach to the ring and leave it", NULL},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "doctor", "[NAME]",
    "Says what this host needs for rings and has, a line for each finding: OK, WARN or BAD, what it is,\n"
    "and what to do. With NAME: why this ring cannot be used from here.\n"
    "The exit status is 0 if all is OK, 1 with a WARN, 2 with a BAD.\n"
    "  slotring doctor\n"
    "  slotring doctor daq\n",
    0, 1};

/* ---- Findings ------------------------------------------------------------------------------------- */

static const char *level_word(doctor_level_t level)
{
    static const char *const words[] = {"OK", "WARN", "BAD"};
    return words[level];
}

static void keep(doctor_t *doctor, doctor_level_t level, const char *value, const char *remedy)
{
    json_t *entry = json_object();
    json_object_set_new(entry, "level", json_string(level_word(level)));
    json_object_set_new(entry, "what", json_string(doctor->what));
    json_object_set_new(entry, "value", json_string(value));
    json_object_set_new(entry, "remedy", remedy[0] ? json_string(remedy) : json_null());
    json_array_append_new(doctor->findings, entry);
}

/* What comes from files and from the library may hold anything: one line of it, that a terminal may show. */
void doctor_say(doctor_t *doctor, doctor_level_t level, const char *remedy, const char *format, ...)
{
    char value[DOCTOR_VALUE], safe[DOCTOR_VALUE], safe_remedy[DOCTOR_REMEDY];
    va_list list;
    va_start(list, format);
    vsnprintf(value, sizeof value, format, list);
    va_end(list);
    out_safe_name(value, sizeof value, safe);
    out_safe_name(remedy, sizeof safe_remedy, safe_remedy);
    if (level > doctor->worst)
        doctor->worst = level;
    if (doctor->json)
        keep(doctor, level, safe, safe_remedy);
    else
        printf("%-4s  %s: %s%s%s\n", level_word(level), doctor->what, safe,
               safe_remedy[0] ? "; remedy: " : "", safe_remedy);
}

void doctor_run(doctor_t *doctor, const doctor_check_t *checks)
{
    for (; checks->what; checks++) {
        doctor->what = checks->what;
        checks->look(doctor);
    }
}

void doctor_command(char *text, size_t size, const char *command, const char *name, const char *more)
{
    snprintf(text, size, "slotring %s%s ", command, ring_place_words());
    remedy_quote(text, size, name);
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s", more);
}

void doctor_user(uint64_t uid, char *text, size_t size)
{
    char name[64];
    host_user_name(uid, name, sizeof name);
    out_safe_name(name, size < sizeof name ? size : sizeof name, text);
}

/* ---- The command ---------------------------------------------------------------------------------- */

static const doctor_check_t *const host_tables[] = {
#if defined(_WIN32)
    doctor_win32_checks,
#else
    doctor_posix_checks,
#endif
#if defined(__linux__)
    doctor_linux_checks,
#endif
    doctor_rings_checks};

static void fetch_list(doctor_t *doctor)
{
    uint32_t capacity = 0;
    while (slotring_list(&doctor->options, doctor->list, capacity, &doctor->count, NULL) == 0) {
        if (doctor->count <= capacity) {
            doctor->listed = true;
            return;
        }
        capacity = doctor->count + 16;
        slotring_list_entry_t *larger = realloc(doctor->list, capacity * sizeof *larger);
        if (!larger)
            break;
        doctor->list = larger;
    }
    doctor->count = 0;
}

static int tell(doctor_t *doctor)
{
    static const int codes[] = {EXIT_DONE, 1, 2}; /* of this command, as monitoring programs want them */
    if (doctor->json)
        out_json_print(
            stdout, json_pack("{s:s, s:O}", "worst", level_word(doctor->worst), "findings", doctor->findings),
            false);
    return out_finish(codes[doctor->worst]);
}

int command_doctor(int argc, const char **argv)
{
    static doctor_t doctor;
    args_t args;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&doctor.options);
    doctor.json = given.json;
    doctor.trial = given.trial;
    doctor.findings = json_array();
    doctor_find_folder(&doctor);
    fetch_list(&doctor);
    if (args.count > 0)
        doctor_look_at_ring(&doctor, args.operands[0]);
    else
        for (size_t i = 0; i < sizeof host_tables / sizeof host_tables[0]; i++)
            doctor_run(&doctor, host_tables[i]);
    int code = tell(&doctor);
    json_decref(doctor.findings);
    free(doctor.list);
    args_free(&args);
    return code;
}
