/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share: how they find, open and leave a ring, and how a library error becomes an exit code. */
#ifndef SLOTRING_TOOL_COMMON_H
#define SLOTRING_TOOL_COMMON_H

#include <popt.h>
#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

/* ---- Commands ------------------------------------------------------------------------------------- */

typedef struct command {
    const char *name;
    const char *summary;
    int (*run)(int argc, const char **argv); /* argv[0] is the command; returns an exit code */
} command_t;

int command_create(int argc, const char **argv);
int command_ls(int argc, const char **argv);
int command_stat(int argc, const char **argv);
int command_top(int argc, const char **argv);
int command_hz(int argc, const char **argv);
int command_peek(int argc, const char **argv);
int command_check(int argc, const char **argv);
int command_write(int argc, const char **argv);
int command_read(int argc, const char **argv);
int command_record(int argc, const char **argv);
int command_replay(int argc, const char **argv);
int command_bridge(int argc, const char **argv);
int command_revoke(int argc, const char **argv);
int command_gate(int argc, const char **argv);
int command_mark(int argc, const char **argv);
int command_recover(int argc, const char **argv);
int command_forget(int argc, const char **argv);
int command_dead_letters(int argc, const char **argv);
int command_rm(int argc, const char **argv);
int command_gc(int argc, const char **argv);
int command_doctor(int argc, const char **argv);
int command_metrics(int argc, const char **argv);

/* ---- Options of every command that opens a ring ---------------------------------------------------- */

extern struct poptOption ring_place_table[];
#define RING_PLACE_OPTIONS                                                                                   \
    {                                                                                                        \
        NULL, 0, POPT_ARG_INCLUDE_TABLE, ring_place_table, 0, "Where the ring is and whose it may be:", NULL \
    }

/* Defaults, plus those options. */
void ring_options(slotring_options_t *options);
/* Those of them that were given, for a command that is proposed: " --directory '/run/my rings'". */
const char *ring_place_words(void);

/* ---- Options that describe a new ring (create, write --create) ------------------------------------- */

extern struct poptOption ring_shape_table[];
#define RING_SHAPE_OPTIONS                                                          \
    {                                                                               \
        NULL, 0, POPT_ARG_INCLUDE_TABLE, ring_shape_table, 0, "The new ring:", NULL \
    }

/* Adds those options. False: a value is wrong, and reported. */
bool ring_shape(slotring_options_t *options);
bool ring_shape_given(void);
/* Says on standard error which of the flags that were asked for the system did not grant. */
void ring_warn_refused(const slotring_info_t *info, uint32_t asked);

/* ---- Errors --------------------------------------------------------------------------------------- */

int exit_code_of(int error);
/* Reports the error and returns the exit code for it. */
int report(const slotring_error_t *error);
/* The same for a ring that could not be opened, with what to do next: which ring may have been meant, or where to look. */
int report_open(const slotring_error_t *error, const char *name, const slotring_options_t *options);
/* The same for the last error of this thread, with what was tried: "cannot subscribe: ...". */
int report_last(const char *tried);
bool ring_is_deserted(slotring_t *ring);

/* ---- Opening -------------------------------------------------------------------------------------- */

/* Opens `name` and lets requests to stop interrupt it. 0, or an exit code after it was reported. */
int ring_open(slotring_t **ring, const char *name, const slotring_options_t *options);
/* The same, waiting up to timeout_ns (negative: for ever) for the ring to appear. Reports E_NOT_FOUND only when
 * the time is over. EXIT_SIGNAL + n when asked to stop. */
int ring_open_wait(slotring_t **ring, const char *name, const slotring_options_t *options,
                   int64_t timeout_ns);
void ring_close(slotring_t *ring);
/* 0, or EXIT_SIGNAL + n when the program was asked to stop. */
int stop_code(void);

/* ---- Lists from a ring ------------------------------------------------------------------------------ */

/* All there are, in memory to free; NULL and *count 0 when there are none. False: failed, and reported. */
bool ring_participants(slotring_t *ring, slotring_participant_t **list, uint32_t *count);
bool ring_readers(slotring_t *ring, slotring_reader_info_t **list, uint32_t *count);
bool ring_writers(slotring_t *ring, slotring_writer_info_t **list, uint32_t *count);
bool ring_blockers(slotring_t *ring, slotring_blocker_t **list, uint32_t *count);

#endif
