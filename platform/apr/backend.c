/* SPDX-License-Identifier: Apache-2.0 */
/* The APR backend, as the core knows it. */
#include "apr_internal.h"

extern const sr__backend_t sr__apr_backend; /* for platform/common/backends.c */

/* No wake-ups: a sleeper looks for itself, at most a millisecond late. One user: APR makes objects for their owner
 * alone. */
#ifdef WIN32
#define CAPABILITIES 0 /* an object is gone with its last user */
#else
#define CAPABILITIES SLOTRING_CAN_PERSIST
#endif

const sr__backend_t sr__apr_backend = {
    .name = "apr",
    .kind = 3,
    .capabilities = CAPABILITIES,
    .place_open = sr__apr_place_open,
    .place_close = sr__apr_place_close,
    .list_names = sr__apr_list_names,
    .segment_create = sr__apr_segment_create,
    .segment_link = sr__apr_segment_link,
    .segment_open = sr__apr_segment_open,
    .segment_size = sr__apr_segment_size,
    .segment_owner = sr__apr_segment_owner,
    .segment_read = sr__apr_segment_read,
    .segment_map = sr__apr_segment_map,
    .segment_memory = sr__apr_segment_memory,
    .segment_granted = sr__apr_segment_granted,
    .segment_leave_out = sr__apr_segment_leave_out,
    .segment_is_named = sr__apr_segment_is_named,
    .segment_exists = sr__apr_segment_exists,
    .segment_may_unlink = sr__apr_segment_may_unlink,
    .segment_unlink = sr__apr_segment_unlink,
    .segment_close = sr__apr_segment_close,
    .locks_open = sr__apr_locks_open,
    .locks_close = sr__apr_locks_close,
    .locks_abandon = sr__apr_locks_abandon,
    .locks_identity = sr__apr_locks_identity,
    .locks_are_named = sr__apr_locks_are_named,
    .locks_unlink = sr__apr_locks_unlink,
    .names_look = sr__apr_names_look,
    .mutex_lock = sr__apr_mutex_lock,
    .mutex_unlock = sr__apr_mutex_unlock,
    .death_lock_take = sr__apr_death_lock_take,
    .death_lock_release = sr__apr_death_lock_release,
    .death_lock_abandon = sr__apr_death_lock_abandon,
    .death_lock_query = sr__apr_death_lock_query,
    .waits_open = sr__apr_waits_open,
    .waits_close = sr__apr_waits_close,
    .wait = sr__apr_wait,
    .wake = sr__apr_wake,
    .process_mark = sr__apr_process_mark,
    .self = sr__apr_self,
    .boot_id = sr__apr_boot_id,
    .life = sr__apr_life,
    .threads = sr__apr_threads,
    .random = sr__apr_random,
    .clock_ns = sr__apr_clock_ns,
    .coarse_clock_ns = sr__apr_clock_ns,
    .sleep_ns = sr__apr_sleep_ns,
    .pause = sr__apr_pause,
    .yield = sr__apr_yield,
    .processors = sr__apr_processors,
    .page_size = sr__apr_page_size,
};
