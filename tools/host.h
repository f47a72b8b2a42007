/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that the program asks of the operating system by itself; the library does the rest. host_<system>.c
 * implements it, on Windows with host_win32_files.c. Functions that can fail return 0 or a positive system error number, which
 * host_error_text puts into words. */
#ifndef SLOTRING_TOOL_HOST_H
#define SLOTRING_TOOL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Once at the start: standard streams carry bytes unchanged, a closed pipe is an error and not a death. */
void host_setup(void);
/* Replaces the arguments of main() by the same in UTF-8, where the system gives them otherwise. */
void host_arguments(int *argc, const char ***argv);

/* ---- Being asked to stop -------------------------------------------------------------------------- */

/* From now on a request to stop (SIGINT, SIGTERM, SIGHUP) calls `notify`, which must be async-signal-safe, and
 * ends what host_read, host_write and host_sleep wait for. */
void host_catch_stop(void (*notify)(void));
/* Number of the signal that asked to stop; 0: none did. */
int host_stop_requested(void);
/* Waits until one does. */
void host_await_stop(void);

/* ---- Files and streams ---------------------------------------------------------------------------- */

enum {
    HOST_STDIN = 0,
    HOST_STDOUT = 1
};

bool host_is_terminal(FILE *stream);
int host_open_input(const char *path, int *file);
/* Creates it. What is in it stays until host_empty. */
int host_open_output(const char *path, int *file);
/* Empties a file that was just opened; nothing to do for a pipe or a terminal. */
int host_empty(int file);
int host_empty_stream(FILE *stream);
int host_close(int file);
/* Gives a file another name, in one step; what had that name before is gone. */
int host_rename(const char *from, const char *to);
int host_remove(const char *path);
/* Brings a file's data to the disk. Nothing to do for a pipe or a terminal. */
int host_sync(int file);
/* Is it a named pipe, a device or a socket? Its bytes come once, to whoever has it open: it may not be opened for a look. */
bool host_gives_once(const char *path);
/* Bytes from the current position to the end of a regular file; false when that is not known. */
bool host_bytes_left(int file, uint64_t *bytes);

/* Reads up to `size` bytes; *got 0: end of file. Returns early, with what it has, when asked to stop. */
int host_read(int file, void *buffer, uint64_t size, uint64_t *got);
/* Writes all of it, unless it fails or is asked to stop; *put says how much. It tries once even if it was asked before. */
#define HOST_STOPPED (-1) /* of host_write: a request to stop ended it before all was written */
int host_write(int file, const void *buffer, uint64_t size, uint64_t *put);

bool host_is_broken_pipe(int error);
bool host_is_full(int error);
bool host_is_missing(int error);
/* errno of the C library's streams after a failed call. */
int host_last_error(void);
const char *host_error_text(int error);

/* ---- Time ----------------------------------------------------------------------------------------- */

/* The clock of rings' time stamps. */
uint64_t host_clock_ns(void);
/* What has passed since a time of this clock; 0 if that is not known (0), or is still to come. */
static inline uint64_t host_age_ns(uint64_t time_ns)
{
    uint64_t now = host_clock_ns();
    return time_ns > 0 && time_ns < now ? now - time_ns : 0;
}
/* The time of day: since 1970, UTC. */
uint64_t host_time_of_day_ns(void);
/* Sleeps, or returns early when asked to stop. */
void host_sleep(uint64_t duration_ns);

/* ---- Processes and users -------------------------------------------------------------------------- */

/* One process, held such that its number cannot come to mean another one meanwhile, where the system can. */
typedef struct host_process {
    uint64_t pid;
    int handle;
} host_process_t;

int host_process_open(uint64_t pid, host_process_t *process);
/* Ends it without appeal. */
int host_process_kill(const host_process_t *process);
void host_process_close(host_process_t *process);

/* Login name of a user, or its number. */
void host_user_name(uint64_t uid, char *text, size_t size);
/* The number of the group of this name, or that this number is. Where groups have no numbers, a name is never found. */
bool host_find_group(const char *name, uint64_t *gid);
/* The group's name; its number, if it has no name here. */
void host_group_name(uint64_t gid, char *text, size_t size);

#endif
