/* SPDX-License-Identifier: Apache-2.0 */
#include "layout/stamps.h"

#include "base/hash.h"
#include "layout/layout.h"

uint64_t sr__layout_fingerprint(void)
{
    const uint32_t shape[] = {
        SR__PAGE,
        SR__LINE,
        SR__FREE_MAP_LEVELS,
        SR__DEFERRED_LEVELS,
        SR__WITHDRAWN_LEAST,
        SR__SET_WORDS,
        SR__COUNTERS,
        sizeof(sr__part_t),
        sizeof(sr__header_t),
        offsetof(sr__header_t, segment_size),
        offsetof(sr__header_t, slot_count),
        offsetof(sr__header_t, absence_ms),
        offsetof(sr__header_t, parts),
        sizeof(sr__state_t),
        offsetof(sr__state_t, tail),
        offsetof(sr__state_t, frontier),
        offsetof(sr__state_t, recent),
        offsetof(sr__state_t, reap_at),
        offsetof(sr__state_t, stream_generation),
        offsetof(sr__state_t, events),
        offsetof(sr__state_t, holders),
        offsetof(sr__state_t, waiters),
        offsetof(sr__state_t, gates),
        sizeof(sr__participant_t),
        offsetof(sr__participant_t, stream),
        offsetof(sr__participant_t, ends_carried),
        offsetof(sr__participant_t, odd_death),
        offsetof(sr__participant_t, counters),
        offsetof(sr__participant_t, last_sequence),
        offsetof(sr__participant_t, proxy),
        offsetof(sr__death_t, lost),
        offsetof(sr__participant_t, even_death),
        sizeof(sr__subscription_t),
        offsetof(sr__subscription_t, cursor),
        offsetof(sr__subscription_t, left_at),
        offsetof(sr__subscription_t, name),
        offsetof(sr__subscription_t, budget),
        offsetof(sr__subscription_t, stall),
        offsetof(sr__subscription_t, acks),
        offsetof(sr__subscription_t, marks),
        offsetof(sr__subscription_t, flags),
        offsetof(sr__subscription_t, accounts),
        sizeof(sr__account_words_t),
        offsetof(sr__account_words_t, pending),
        offsetof(sr__account_words_t, generation),
        SR__PROGRESS_ROWS,
        sizeof(sr__group_t),
        offsetof(sr__group_t, redelivered),
        offsetof(sr__group_t, dead_lettered),
        offsetof(sr__group_t, passed_over),
        offsetof(sr__group_t, letters),
        offsetof(sr__group_t, gone),
        offsetof(sr__slot_t, letters),
        offsetof(sr__slot_t, skipped),
        offsetof(sr__subscription_t, group),
        sizeof(sr__slot_t),
        offsetof(sr__slot_t, sequence),
        offsetof(sr__slot_t, producer),
        offsetof(sr__slot_t, hold0),
        offsetof(sr__slot_t, content),
        offsetof(sr__slot_t, number),
        offsetof(sr__slot_t, sum),
        offsetof(sr__slot_t, next),
        offsetof(sr__slot_t, part_of),
        offsetof(sr__state_t, span_token),
        sizeof(sr__writer_t),
        offsetof(sr__writer_t, claimed),
        offsetof(sr__writer_t, total),
        offsetof(sr__writer_t, first),
        offsetof(sr__writer_t, skipped),
        offsetof(sr__state_t, openings),
        offsetof(sr__state_t, marks),
        sizeof(sr__mark_t),
        offsetof(sr__mark_t, offset),
        offsetof(sr__mark_t, bytes),
        SR__MARK_ENTRIES,
        offsetof(sr__participant_t, blocked_at),
        offsetof(sr__state_t, seen_end),
    };
    uint64_t hash = SR__HASH_START;
    for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++) {
        /* byte by byte from the lowest, so that it is the same whatever the byte order */
        uint8_t bytes[4] = {(uint8_t)shape[i], (uint8_t)(shape[i] >> 8), (uint8_t)(shape[i] >> 16),
                            (uint8_t)(shape[i] >> 24)};
        hash = sr__hash(hash, bytes, sizeof bytes);
    }
    return hash;
}

uint64_t sr__layout_checksum(const void *page)
{
    static const uint64_t zero = 0;
    const uint8_t *bytes = page;
    size_t at = offsetof(sr__header_t, checksum);
    uint64_t hash = sr__hash(SR__HASH_START, bytes, at);
    hash = sr__hash(hash, &zero, sizeof zero);
    return sr__hash(hash, bytes + at + 8, SR__PAGE - at - 8);
}
