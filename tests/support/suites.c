/* SPDX-License-Identifier: Apache-2.0 */
/* The suites of the test program, one for each *_test.c. */
#include "suite.h"

extern const test_suite_t seed_suite;
extern const test_suite_t order_suite;
extern const test_suite_t policy_suite;
extern const test_suite_t ticket_suite;
extern const test_suite_t skip_suite;
extern const test_suite_t path_skip_suite;
extern const test_suite_t record_ticket_suite;
extern const test_suite_t ticket_of_writer_suite;
extern const test_suite_t record_free_suite;
extern const test_suite_t stale_copy_suite;
extern const test_suite_t stopped_thread_suite;
extern const test_suite_t priority_suite;
extern const test_suite_t thread_suite;
extern const test_suite_t thread_repair_suite;
extern const test_suite_t contradicting_words_suite;
extern const test_suite_t free_map_suite;
extern const test_suite_t fences_suite;
extern const test_suite_t gather_suite;
extern const test_suite_t header_suite;
extern const test_suite_t reader_suite;
extern const test_suite_t stream_suite;
extern const test_suite_t kill_suite;
extern const test_suite_t step_suite;
extern const test_suite_t path_write_suite;
extern const test_suite_t path_read_suite;
extern const test_suite_t path_budget_suite;
extern const test_suite_t path_hot_suite;
extern const test_suite_t path_tickets_suite;
extern const test_suite_t path_death_suite;
extern const test_suite_t path_repair_suite;
extern const test_suite_t path_many_suite;
extern const test_suite_t path_stream_suite;
extern const test_suite_t proxy_suite;
extern const test_suite_t path_proxy_suite;
extern const test_suite_t path_names_suite;
extern const test_suite_t path_pictures_suite;
extern const test_suite_t path_pictures_readers_suite;
extern const test_suite_t record_suite;
extern const test_suite_t records_suite;
extern const test_suite_t records_seen_suite;
extern const test_suite_t records_share_suite;
extern const test_suite_t path_records_suite;
extern const test_suite_t span_suite;
extern const test_suite_t span_wait_suite;
extern const test_suite_t marks_suite;
extern const test_suite_t marks_durable_suite;
extern const test_suite_t mark_runs_suite;
extern const test_suite_t path_marks_suite;
extern const test_suite_t path_marks_durable_suite;
extern const test_suite_t path_spans_suite;
extern const test_suite_t durable_suite;
extern const test_suite_t path_durable_suite;
extern const test_suite_t group_suite;
extern const test_suite_t group_select_suite;
extern const test_suite_t letters_suite;
extern const test_suite_t path_group_suite;
extern const test_suite_t stream_count_suite;
extern const test_suite_t remove_suite;
extern const test_suite_t fork_suite;
extern const test_suite_t atfork_suite;
extern const test_suite_t cancel_suite;
extern const test_suite_t cancel_waits_suite;
extern const test_suite_t stop_suite;
extern const test_suite_t wait_suite;
extern const test_suite_t readable_suite;
extern const test_suite_t many_suite;
extern const test_suite_t many_lost_suite;
extern const test_suite_t descriptor_suite;
extern const test_suite_t wakes_suite;
extern const test_suite_t wanted_suite;
extern const test_suite_t wanted_start_suite;
extern const test_suite_t damage_suite;
extern const test_suite_t kept_suite;
extern const test_suite_t duty_suite;
extern const test_suite_t duty_calls_suite;
extern const test_suite_t share_suite;
extern const test_suite_t name_suite;
extern const test_suite_t bad_segment_suite;
extern const test_suite_t space_suite;
extern const test_suite_t access_suite;
extern const test_suite_t scale_suite;
extern const test_suite_t observer_suite;
extern const test_suite_t check_suite;
extern const test_suite_t check_fields_suite;
extern const test_suite_t batch_suite;
extern const test_suite_t window_durable_suite;
extern const test_suite_t window_suite;
extern const test_suite_t window_held_suite;
extern const test_suite_t close_suite;
extern const test_suite_t error_suite;
extern const test_suite_t hostile_writer_suite;
extern const test_suite_t foreign_observer_suite;
extern const test_suite_t namespace_suite;
extern const test_suite_t planted_file_suite;
extern const test_suite_t rights_suite;
extern const test_suite_t run_gate_suite;
extern const test_suite_t vanish_suite;
extern const test_suite_t collect_suite;
extern const test_suite_t comb_suite;
extern const test_suite_t cost_suite;
extern const test_suite_t struct_suite;
extern const test_suite_t slot_struct_suite;
extern const test_suite_t seccomp_suite;
extern const test_suite_t place_suite;
extern const test_suite_t numa_suite;
extern const test_suite_t crc32c_suite;
extern const test_suite_t checksum_suite;
extern const test_suite_t boot_suite;
extern const test_suite_t age_suite;
extern const test_suite_t description_suite;
extern const test_suite_t dump_suite;
extern const test_suite_t frozen_suite;
extern const test_suite_t freed_suite;
extern const test_suite_t budget_suite;
extern const test_suite_t by_ticket_suite;
extern const test_suite_t holds_suite;
extern const test_suite_t hot_suite;
extern const test_suite_t delivery_reader_suite;
extern const test_suite_t delivery_ring_suite;
extern const test_suite_t standstill_suite;
#ifdef _WIN32
extern const test_suite_t win32_rights_suite;
extern const test_suite_t win32_place_suite;
extern const test_suite_t win32_console_suite;
#endif
#ifdef SLOTRING_WITH_APR
extern const test_suite_t apr_suite;
#endif

#ifdef SLOTRING_POSIX_REGISTRY
extern const test_suite_t registry_suite;
#endif

const test_suite_t *const test_suites[] = {
    &seed_suite,
    &order_suite,
    &policy_suite,
    &ticket_suite,
    &skip_suite,
    &path_skip_suite,
    &record_ticket_suite,
    &ticket_of_writer_suite,
    &record_free_suite,
    &stale_copy_suite,
    &stopped_thread_suite,
    &priority_suite,
    &thread_suite,
    &reader_suite,
    &stream_suite,
    &kill_suite,
    &step_suite,
    &path_write_suite,
    &path_read_suite,
    &path_budget_suite,
    &path_hot_suite,
    &path_tickets_suite,
    &path_death_suite,
    &path_repair_suite,
    &path_many_suite,
    &path_stream_suite,
    &proxy_suite,
    &path_proxy_suite,
    &path_names_suite,
    &path_pictures_suite,
    &path_pictures_readers_suite,
    &record_suite,
    &records_suite,
    &records_seen_suite,
    &records_share_suite,
    &path_records_suite,
    &span_suite,
    &span_wait_suite,
    &marks_suite,
    &marks_durable_suite,
    &mark_runs_suite,
    &path_marks_suite,
    &path_marks_durable_suite,
    &path_spans_suite,
    &durable_suite,
    &path_durable_suite,
    &group_suite,
    &group_select_suite,
    &letters_suite,
    &path_group_suite,
    &stream_count_suite,
    &remove_suite,
    &fork_suite,
    &atfork_suite,
    &cancel_suite,
    &cancel_waits_suite,
    &stop_suite,
    &wait_suite,
    &readable_suite,
    &many_suite,
    &many_lost_suite,
    &descriptor_suite,
    &wakes_suite,
    &wanted_suite,
    &wanted_start_suite,
    &damage_suite,
    &kept_suite,
    &duty_suite,
    &duty_calls_suite,
    &share_suite,
    &name_suite,
    &bad_segment_suite,
    &space_suite,
    &access_suite,
    &scale_suite,
    &comb_suite,
    &cost_suite,
    &freed_suite,
    &budget_suite,
    &by_ticket_suite,
    &holds_suite,
    &hot_suite,
    &delivery_reader_suite,
    &delivery_ring_suite,
    &standstill_suite,
    &observer_suite,
    &check_suite,
    &check_fields_suite,
    &batch_suite,
    &window_durable_suite,
    &window_suite,
    &window_held_suite,
    &close_suite,
    &error_suite,
    &thread_repair_suite,
    &contradicting_words_suite,
    &free_map_suite,
    &fences_suite,
    &gather_suite,
    &header_suite,
    &hostile_writer_suite,
    &foreign_observer_suite,
    &namespace_suite,
    &planted_file_suite,
    &struct_suite,
    &slot_struct_suite,
    &seccomp_suite,
    &place_suite,
    &numa_suite,
    &crc32c_suite,
    &checksum_suite,
    &boot_suite,
    &age_suite,
    &description_suite,
    &dump_suite,
    &frozen_suite,
    &rights_suite,
    &run_gate_suite,
    &vanish_suite,
    &collect_suite,
#ifdef _WIN32
    &win32_rights_suite,
    &win32_place_suite,
    &win32_console_suite,
#endif
#ifdef SLOTRING_WITH_APR
    &apr_suite,
#endif
#ifdef SLOTRING_POSIX_REGISTRY
    &registry_suite,
#endif
    NULL,
};

const char *suite_backend(const test_suite_t *suite)
{
#ifdef _WIN32
    if (suite == &win32_rights_suite || suite == &win32_place_suite || suite == &win32_console_suite)
        return "win32";
#endif
#ifdef SLOTRING_WITH_APR
    if (suite == &apr_suite)
        return "apr";
#endif
#ifdef SLOTRING_POSIX_REGISTRY
    if (suite == &registry_suite)
        return "posix";
#endif
    (void)suite;
    return NULL;
}
