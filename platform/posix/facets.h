/* SPDX-License-Identifier: Apache-2.0 */
/* The facets of the POSIX backend: its side of the contract. Another backend may take one of them from here. */
#ifndef SR_POSIX_FACETS_H
#define SR_POSIX_FACETS_H

#include "common/fork.h"
#include "common/groups.h"
#include "platform.h"

/* ---- Names ------------------------------------------------------------------------------------------- */

int sr__posix_place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                         slotring_error_t *error);
void sr__posix_place_close(sr__place_t *place);
int sr__posix_list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                         slotring_error_t *error);
uint32_t sr__posix_names_look(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock,
                              sr__locks_t *locks);

#define SR__POSIX_NAMES                                                           \
    {                                                                             \
        .place_open = sr__posix_place_open, .place_close = sr__posix_place_close, \
        .list = sr__posix_list_names, .look = sr__posix_names_look                \
    }

/* ---- Segments ---------------------------------------------------------------------------------------- */

int sr__posix_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                             sr__segment_t **segment, slotring_error_t *error);
int sr__posix_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error);
int sr__posix_segment_open(sr__place_t *place, bool writable, sr__segment_t **segment,
                           slotring_error_t *error);
uint64_t sr__posix_segment_size(sr__segment_t *segment);
uint64_t sr__posix_segment_owner(sr__segment_t *segment);
int sr__posix_segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size);
int sr__posix_segment_map(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                          slotring_error_t *error);
void *sr__posix_segment_memory(sr__segment_t *segment);
uint32_t sr__posix_segment_granted(sr__segment_t *segment);
uint32_t sr__posix_segment_node(sr__segment_t *segment);
void sr__posix_segment_leave_out(sr__segment_t *segment, uint64_t from);
bool sr__posix_segment_is_named(sr__place_t *place, sr__segment_t *segment);
bool sr__posix_segment_exists(sr__place_t *place);
int sr__posix_segment_may_unlink(sr__place_t *place, slotring_error_t *error);
int sr__posix_segment_unlink(sr__place_t *place, slotring_error_t *error);
void sr__posix_segment_close(sr__segment_t *segment);

#define SR__POSIX_SEGMENTS                                                                                  \
    {                                                                                                       \
        .create = sr__posix_segment_create, .link = sr__posix_segment_link, .open = sr__posix_segment_open, \
        .size = sr__posix_segment_size, .owner = sr__posix_segment_owner, .read = sr__posix_segment_read,   \
        .map = sr__posix_segment_map, .memory = sr__posix_segment_memory,                                   \
        .granted = sr__posix_segment_granted, .node = sr__posix_segment_node,                               \
        .leave_out = sr__posix_segment_leave_out, .is_named = sr__posix_segment_is_named,                   \
        .exists = sr__posix_segment_exists, .may_unlink = sr__posix_segment_may_unlink,                     \
        .unlink = sr__posix_segment_unlink, .close = sr__posix_segment_close                                \
    }

/* ---- Locks ------------------------------------------------------------------------------------------- */

int sr__posix_locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                         sr__locks_t **locks, slotring_error_t *error);
void sr__posix_locks_close(sr__locks_t *locks);
void sr__posix_locks_abandon(sr__locks_t *locks);
sr__identity_t sr__posix_locks_identity(sr__locks_t *locks);
bool sr__posix_locks_are_named(sr__place_t *place, sr__locks_t *locks);
int sr__posix_locks_unlink(sr__place_t *place, slotring_error_t *error);
int sr__posix_mutex_lock(sr__locks_t *locks, uint64_t timeout_ns, slotring_error_t *error);
void sr__posix_mutex_unlock(sr__locks_t *locks);
int sr__posix_death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock,
                              slotring_error_t *error);
void sr__posix_death_lock_release(sr__death_lock_t *lock);
void sr__posix_death_lock_abandon(sr__death_lock_t *lock);
int sr__posix_death_lock_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error);

#define SR__POSIX_LOCKS                                                                                    \
    {                                                                                                      \
        .open = sr__posix_locks_open, .close = sr__posix_locks_close, .abandon = sr__posix_locks_abandon,  \
        .identity = sr__posix_locks_identity, .are_named = sr__posix_locks_are_named,                      \
        .unlink = sr__posix_locks_unlink, .mutex_lock = sr__posix_mutex_lock,                              \
        .mutex_unlock = sr__posix_mutex_unlock, .death_lock_take = sr__posix_death_lock_take,              \
        .death_lock_release = sr__posix_death_lock_release,                                                \
        .death_lock_abandon = sr__posix_death_lock_abandon, .death_lock_query = sr__posix_death_lock_query \
    }

/* ---- Waits ------------------------------------------------------------------------------------------- */

int sr__posix_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                         uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error);
void sr__posix_waits_close(sr__waits_t *waits);
void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns);
bool sr__posix_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns);
void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words);

bool sr__posix_join_fences(void);
bool sr__posix_fence_all(void);

#define SR__POSIX_WAITS                                                                               \
    {                                                                                                 \
        .open = sr__posix_waits_open, .close = sr__posix_waits_close, .wait = sr__posix_wait,         \
        .wait_any = sr__posix_wait_any, .wake = sr__posix_wake, .join_fences = sr__posix_join_fences, \
        .fence_all = sr__posix_fence_all                                                              \
    }

/* ---- System ------------------------------------------------------------------------------------------ */

void sr__posix_self(sr__self_t *self);
void sr__posix_boot_id(uint8_t id[16]);
uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time);
uint32_t sr__posix_threads(void);
int sr__posix_random(void *buffer, size_t size);
uint64_t sr__posix_clock_ns(void);
uint64_t sr__posix_coarse_clock_ns(void);
void sr__posix_sleep_ns(uint64_t duration_ns);
void sr__posix_pause(void);
void sr__posix_yield(void);
uint32_t sr__posix_processors(void);
uint64_t sr__posix_page_size(void);

#define SR__POSIX_SYSTEM                                                                        \
    {                                                                                           \
        .process_mark = sr__process_mark, .in_group = sr__in_group, .self = sr__posix_self,     \
        .boot_id = sr__posix_boot_id, .life = sr__posix_life, .threads = sr__posix_threads,     \
        .random = sr__posix_random, .clock_ns = sr__posix_clock_ns,                             \
        .coarse_clock_ns = sr__posix_coarse_clock_ns, .sleep_ns = sr__posix_sleep_ns,           \
        .pause = sr__posix_pause, .yield = sr__posix_yield, .processors = sr__posix_processors, \
        .page_size = sr__posix_page_size                                                        \
    }

#endif
