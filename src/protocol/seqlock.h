/* SPDX-License-Identifier: Apache-2.0 */
/* Records of several words, read as they were at one moment. */
#ifndef SR_SEQLOCK_H
#define SR_SEQLOCK_H

#include "handle.h"

#define SR__LEFT 1 /* whom it was about has left meanwhile, and nothing is known */
typedef struct sr__participant_copy {
    uint64_t incarnation, pid, pid_namespace, start_time, uid, attached_at;
    uint64_t last_sequence;
    uint64_t blocked_at;           /* 0: no call of it waits for slots */
    uint64_t counts[SR__COUNTERS]; /* since it attached */
    uint32_t life;                 /* if it was asked for */
    uint32_t backend, library;
    uint64_t proxy, origin_pid,
        origin_incarnation; /* proxy: its incarnation, if it publishes for the origin */
    uint64_t lost;          /* of one that died: its incarnation, if only the way to the origin was lost */
    bool producing;
    char name[48];
} sr__participant_copy_t;
void sr__participant_write(sr__member_t *member, sr__participant_t *p, const slotring_options_t *options);
int sr__participant_read(sr__member_t *member, uint32_t participant, bool with_life,
                         sr__participant_copy_t *copy);
void sr__participant_origin(const sr__participant_copy_t *copy, slotring_participant_t *out);
void sr__death_write(sr__participant_t *p, uint64_t last_sequence, bool lost);
void sr__death_read(const sr__participant_t *p, uint64_t number, sr__participant_copy_t *dead);
typedef struct sr__account {
    uint64_t start, cursor, delivered, missed, passed_over, pending;
} sr__account_t;
typedef struct sr__subscription_copy {
    uint64_t word; /* ACTIVE */
    uint64_t bytes_read, records, records_missed, records_passed_over, group;
    uint64_t mask, match, budget, lost, missed_before;
    uint64_t left_at, left_by; /* of one that its owner has left */
    uint32_t every, latest, revoked_at, flags, window;
    sr__account_t account;
    char name[48];
} sr__subscription_copy_t;
int sr__subscription_read(sr__member_t *member, uint32_t subscription, sr__subscription_copy_t *record);

#endif
