/* SPDX-License-Identifier: Apache-2.0 */
#include "support/suite.h"

extern const test_suite_t bridge_log_suite;
extern const test_suite_t bridge_carry_suite;
extern const test_suite_t bridge_faults_suite;
extern const test_suite_t bridge_lost_suite;
extern const test_suite_t bridge_lossy_suite;
extern const test_suite_t bridge_records_suite;
extern const test_suite_t bridge_mixed_suite;
extern const test_suite_t bridge_lives_suite;
extern const test_suite_t bridge_storm_suite;
extern const test_suite_t bridge_jetstream_suite;

const test_suite_t *const test_suites[] = {
    &bridge_log_suite,
    &bridge_carry_suite,
    &bridge_faults_suite,
    &bridge_lost_suite,
    &bridge_lossy_suite,
    &bridge_records_suite,
    &bridge_mixed_suite,
    &bridge_lives_suite,
    &bridge_storm_suite,
#ifdef SLOTRING_WITH_JETSTREAM
    &bridge_jetstream_suite,
#endif
    NULL,
};

/* What the bridge does with a ring is the same over each backend. */
const char *suite_backend(const test_suite_t *suite)
{
    (void)suite;
    return "posix";
}
