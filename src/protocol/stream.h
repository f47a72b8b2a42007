/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: which producers are at work, who ended, who died. */
#ifndef SR_STREAM_H
#define SR_STREAM_H

#include "handle.h"

void sr__stream_open(sr__member_t *member);
bool sr__stream_close(sr__member_t *member, uint32_t participant, enum sr__stream_phase phase);
typedef struct sr__stream_counts {
    uint64_t started, ended, died;
    enum sr__stream_phase phase;
} sr__stream_counts_t;
sr__stream_counts_t sr__stream_counts(const sr__participant_t *p); /* since the ring was created */

#endif
