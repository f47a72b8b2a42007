/* SPDX-License-Identifier: Apache-2.0 */
/* What a forked child must not have of its parent. One mutex and one mark for all backends of a process. */
#ifndef SR_FORK_H
#define SR_FORK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* No fork happens between these two, no other thread is between them, and no signal handler runs in this thread. Short: no
 * waiting in between. Not nested. */
void sr__fork_forbid(void);
void sr__fork_allow(void);
/* Around each sleep. A handler of the host's that runs in the middle of a fork may wait for a thread that waits for the fork
 * to be over: that one goes first. */
bool sr__fork_let_others(void);
void sr__fork_go_on(bool let);

/* See system.process_mark of the contract. */
const _Atomic uint64_t *sr__process_mark(void);

/* A file that is open in this process and is given up in a forked child. The first member of what a backend knows of it. */
typedef struct sr__open_file {
    void (*give_up)(struct sr__open_file *file); /* called in the child */
    uint64_t process;                            /* the mark of the one that has it open */
    bool listed;
    struct sr__open_file *previous, *next;
} sr__open_file_t;

/* All of these while fork is forbidden. The list has the files of all backends; `give_up` says whose one is. */
void sr__open_files_add(sr__open_file_t *file, void (*give_up)(sr__open_file_t *file));
void sr__open_files_remove(sr__open_file_t *file);
sr__open_file_t *sr__open_files(void);

#endif
