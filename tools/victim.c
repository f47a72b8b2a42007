/* SPDX-License-Identifier: Apache-2.0 */
#include "victim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

bool victim_parse(victim_t *victim, const char *text)
{
    char pid[24];
    const char *colon = text ? strchr(text, ':') : NULL;
    size_t length = colon ? (size_t)(colon - text) : 0;
    if (!colon)
        return args_number("--kill", text, 2, INT32_MAX, &victim->pid);
    if (length >= sizeof pid) {
        out_error("--kill %s: expects the number of a process, or PID:INCARNATION", text);
        return false;
    }
    memcpy(pid, text, length);
    pid[length] = '\0';
    return args_number("--kill", pid, 2, INT32_MAX, &victim->pid) &&
           args_number("--kill PID:", colon + 1, 1, UINT64_MAX, &victim->incarnation);
}

void victim_free(victim_t *victim)
{
    json_decref(victim->costs);
    victim->costs = NULL;
}

/* ---- Who it is ------------------------------------------------------------------------------------ */

/* A participant of another PID namespace, one that this user may not see, and one whose number has come to mean another
 * process have no such life. */
static bool lives_here(uint32_t life)
{
    return life == SLOTRING_LIFE_RUNNING || life == SLOTRING_LIFE_STOPPED || life == SLOTRING_LIFE_FROZEN;
}

static bool is_meant(const victim_t *victim, const slotring_participant_t *one)
{
    return one->pid == victim->pid && (victim->incarnation == 0 || one->incarnation == victim->incarnation) &&
           lives_here(one->life);
}

/* Why none of them is the one. */
static void report_missing(const victim_t *victim, const char *name, const slotring_participant_t *list,
                           uint32_t count)
{
    bool named = false, lives = false, unknown = false;
    for (uint32_t i = 0; i < count; i++) {
        if (list[i].pid != victim->pid)
            continue;
        named = true;
        lives = lives || lives_here(list[i].life);
        unknown = unknown || list[i].life == SLOTRING_LIFE_UNKNOWN;
    }
    if (lives)
        out_error("--kill %" PRIu64 ":%" PRIu64
                  ": this process attached anew to ring %s since then; nothing was "
                  "killed (slotring stat %s says how the ring is now)",
                  victim->pid, victim->incarnation, name, name);
    else if (unknown)
        out_error("--kill %" PRIu64
                  ": a participant of ring %s has this number, but this user cannot see the process: it is "
                  "in another PID namespace, or /proc hides it (hidepid); nothing was killed. Try as root, "
                  "where it runs",
                  victim->pid, name);
    else if (named)
        out_error("--kill %" PRIu64
                  ": the participant of ring %s with this number is dead; nothing was killed",
                  victim->pid, name);
    else
        out_error("--kill %" PRIu64
                  ": not attached to ring %s; nothing was killed (slotring stat %s lists who is)",
                  victim->pid, name, name);
}

/* ---- What its end costs --------------------------------------------------------------------------- */

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
add_cost(victim_t *victim, const char *format, ...)
{
    char text[256];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    json_array_append_new(victim->costs, json_string(text));
}

static void add_cost_of_reader(victim_t *victim, const slotring_reader_info_t *reader)
{
    char name[sizeof reader->name];
    out_safe_name(reader->name, sizeof name, name);
    if (reader->group != 0 || reader->durable)
        add_cost(victim, "another reader goes on with the messages of \"%s\": nothing is lost", name);
    else
        add_cost(victim, "the %" PRIu64 " messages that reader \"%s\" has not read are lost to it",
                 reader->lag, name);
}

static void add_costs(victim_t *victim, const slotring_participant_t *one,
                      const slotring_reader_info_t *readers, uint32_t count)
{
    if (one->producing)
        add_cost(victim, "its stream ends, and readers are told that it died; what it published stays");
    if (one->slots_writing != UINT64_MAX && one->slots_writing > 0)
        add_cost(victim, "what it is writing in %" PRIu64 " slots is lost", one->slots_writing);
    if (one->slots_held != UINT64_MAX && one->slots_held > 0)
        add_cost(victim, "the %" PRIu64 " slots that it holds are given back", one->slots_held);
    for (uint32_t i = 0; i < count; i++)
        if (readers[i].participant == one->index && readers[i].pid == one->pid)
            add_cost_of_reader(victim, &readers[i]);
}

/* ---- Its end -------------------------------------------------------------------------------------- */

/* A process may be several participants. */
static int find(victim_t *victim, slotring_t *ring, const char *name)
{
    slotring_participant_t *list;
    slotring_reader_info_t *readers;
    uint32_t count, reader_count;
    bool found = false;
    if (!ring_participants(ring, &list, &count))
        return EXIT_ERROR;
    if (!ring_readers(ring, &readers, &reader_count)) {
        free(list);
        return EXIT_ERROR;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (is_meant(victim, &list[i]))
            found = true;
        if (list[i].pid == victim->pid && lives_here(list[i].life))
            add_costs(victim, &list[i], readers, reader_count);
    }
    if (!found)
        report_missing(victim, name, list, count);
    free(readers);
    free(list);
    return found ? EXIT_DONE : EXIT_NOT_FOUND;
}

static void print_costs(const victim_t *victim, const char *name)
{
    for (size_t i = 0; i < json_array_size(victim->costs); i++)
        printf("%s: %s\n", name, json_string_value(json_array_get(victim->costs, i)));
    (void)fflush(stdout);
}

/* The process is held first and looked for in the ring then: so the one that is killed is the one that was seen. */
int victim_end(victim_t *victim, slotring_t *ring, const char *name, bool print)
{
    host_process_t process;
    int error = host_process_open(victim->pid, &process), code;
    victim->costs = json_array();
    code = find(victim, ring, name);
    if (code == EXIT_DONE && print)
        print_costs(victim, name);
    if (code == EXIT_DONE && !victim->only_say) {
        if (error == 0)
            error = host_process_kill(&process);
        if (error != 0) {
            out_error("cannot kill process %" PRIu64 ": %s", victim->pid, host_error_text(error));
            code = EXIT_ERROR;
        }
        victim->killed = error == 0;
    }
    host_process_close(&process);
    return code;
}
