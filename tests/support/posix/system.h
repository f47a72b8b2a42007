/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests ask of a POSIX system in the system's own words: one file for each system. */
#ifndef TEST_SYSTEM_H
#define TEST_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* This process is killed when its parent ends; where the system cannot, it is the watcher's to end it. */
void system_die_with_parent(void);
/* Orphaned descendants become this process's children, where the system can. */
void system_adopt_orphans(void);
/* The file of this program. */
void system_own_program(char *path, size_t size);
/* 'S' asleep, 'R' running, 'Z' ended, 0 not there. `thread` as system_thread numbers it. */
char system_state(pid_t process, int thread);
int system_thread(void);
bool system_is_first_thread(void);
/* All threads of this process on one processor. False: there is no way. */
bool system_use_one_processor(void);
/* This thread, and the processes that it starts, stay on the processor where it is. Two processes that take turns, as a tracer and
 * its victim do, take half the time when neither has to wake another processor. No change where there is no way. */
void system_stay_here(void);
/* It goes where it could before. */
void system_go_anywhere(void);
/* Memory that could be had. */
uint64_t system_free_mib(void);

#endif
