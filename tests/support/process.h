/* SPDX-License-Identifier: Apache-2.0 */
/* Helper processes. A role runs either in a forked child or in a fresh run of the test program (exec); it talks
 * with the test through two pipes, which is how tests order what happens: never by sleeping. Helpers die with
 * the process that started them. */
#ifndef TEST_PROCESS_H
#define TEST_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct peer {
    pid_t pid; /* of the other side */
    int in;    /* what it says */
    int out;   /* what it hears */
} peer_t;

/* What a helper does. Return ends it with success. */
typedef void (*role_fn)(peer_t *test, const char *argument);

enum how_to_start {
    BY_FORK,
    BY_EXEC
};

/* Are there forked helpers at all? Does the system say that a process is stopped? */
bool process_can_fork(void);
bool process_shows_stops(void);

/* Does memory that was marked with MADV_DONTFORK stay out of forked children, as the system promises? Emulators may not
 * know it. */
bool process_forks_without_marked_memory(void);

/* Starts a helper. `name` is the role's, as in the table of its suite. Where processes do not fork, all are fresh
 * runs. */
peer_t peer_start(enum how_to_start how, const char *name, const char *argument);
/* The same for a function without a name. Only where processes fork. */
peer_t peer_fork(role_fn role, const char *argument);

/* After so many seconds a test is taken for hung: 110, or as the environment's SLOTRING_TEST_TIMEOUT says. */
unsigned process_time_limit_s(void);

/* Bytes to and from the other side. Both fail the test when the other side is gone. One that stays silent for nine tenths
 * of the time limit of the test is taken for hung. */
void peer_put(peer_t *peer, const void *data, size_t size);
void peer_get(peer_t *peer, void *data, size_t size);
/* One number, as a signal ("go on") or as a result. */
void peer_tell(peer_t *peer, uint64_t number);
uint64_t peer_hear(peer_t *peer);
void peer_expect(peer_t *peer, uint64_t number);
/* Is there something to hear within timeout_ms, or has the other side ended? */
bool peer_speaks(peer_t *peer, int timeout_ms);

/* Waits until the helper sleeps in the kernel: it has come to the call that blocks. */
void peer_wait_asleep(const peer_t *peer);

/* The number by which this process's user is known. */
uint64_t own_user(void);

/* Waits until the helper ends, and fails the test unless it succeeded. */
void peer_join(peer_t *peer);
/* Waits until it ends; the status as from waitpid. */
int peer_wait(peer_t *peer);
/* Waits until a process that a helper had started is gone, whoever is its parent now. */
void orphan_wait(pid_t orphan);
/* SIGKILL, and waits until it is gone. */
void peer_kill(peer_t *peer);
/* SIGSTOP, and waits until it has stopped; SIGCONT. */
void peer_stop(peer_t *peer);
void peer_continue(peer_t *peer);

/* Starts a fresh run of the test program that plays role `name`. */
peer_t peer_exec(const char *name, const char *argument);
/* In that run: the one that started it. */
peer_t peer_of_starter(int in, int out);

/* For main(): runs role `name` in this process, with the pipes given. */
int peer_run_role(const char *name, int in, int out, const char *argument);

#endif
