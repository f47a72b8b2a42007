/* SPDX-License-Identifier: Apache-2.0 */
/* The POSIX backend, as the core knows it. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

extern const sr__backend_t sr__posix_backend; /* for platform/common/backends.c */

#define CAN_WAKE (SR__WAIT_KIND == 1u ? 0u : (uint32_t)SLOTRING_CAN_WAKE)

const sr__backend_t sr__posix_backend = {
    .name = "posix",
    .kind = SR__POSIX_KIND,
    .capabilities = SLOTRING_CAN_PERSIST | CAN_WAKE | SLOTRING_CAN_SHARE_USERS,
    .place_open = sr__posix_place_open,
    .place_close = sr__posix_place_close,
    .list_names = sr__posix_list_names,
    .segment_create = sr__posix_segment_create,
    .segment_link = sr__posix_segment_link,
    .segment_open = sr__posix_segment_open,
    .segment_size = sr__posix_segment_size,
    .segment_owner = sr__posix_segment_owner,
    .segment_read = sr__posix_segment_read,
    .segment_map = sr__posix_segment_map,
    .segment_memory = sr__posix_segment_memory,
    .segment_granted = sr__posix_segment_granted,
    .segment_leave_out = sr__posix_segment_leave_out,
    .segment_is_named = sr__posix_segment_is_named,
    .segment_exists = sr__posix_segment_exists,
    .segment_may_unlink = sr__posix_segment_may_unlink,
    .segment_unlink = sr__posix_segment_unlink,
    .segment_close = sr__posix_segment_close,
    .locks_open = sr__posix_locks_open,
    .locks_close = sr__posix_locks_close,
    .locks_abandon = sr__posix_locks_abandon,
    .locks_identity = sr__posix_locks_identity,
    .locks_are_named = sr__posix_locks_are_named,
    .locks_unlink = sr__posix_locks_unlink,
    .names_look = sr__posix_names_look,
    .mutex_lock = sr__posix_mutex_lock,
    .mutex_unlock = sr__posix_mutex_unlock,
    .death_lock_take = sr__posix_death_lock_take,
    .death_lock_release = sr__posix_death_lock_release,
    .death_lock_abandon = sr__posix_death_lock_abandon,
    .death_lock_query = sr__posix_death_lock_query,
    .waits_open = sr__posix_waits_open,
    .waits_close = sr__posix_waits_close,
    .wait = sr__posix_wait,
    .wake = sr__posix_wake,
    .process_mark = sr__posix_process_mark,
    .self = sr__posix_self,
    .boot_id = sr__posix_boot_id,
    .life = sr__posix_life,
    .threads = sr__posix_threads,
    .random = sr__posix_random,
    .clock_ns = sr__posix_clock_ns,
    .coarse_clock_ns = sr__posix_coarse_clock_ns,
    .sleep_ns = sr__posix_sleep_ns,
    .pause = sr__posix_pause,
    .yield = sr__posix_yield,
    .processors = sr__posix_processors,
    .page_size = sr__posix_page_size,
};
