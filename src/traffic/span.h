/* SPDX-License-Identifier: Apache-2.0 */
/* Slot structs of spans. */
#ifndef SR_TRAFFIC_SPAN_H
#define SR_TRAFFIC_SPAN_H

#include "protocol/span.h"
#include "protocol/sum.h"
#include "slotring/slotring.h"

/* The struct of a span of so many slots that is being written. Its kind is the caller's. */
void sr__span_for_writing(slotring_t *ring, const sr__span_t *span, slotring_slot_t *out);
/* As sr__slot_for_reading: of a span, or of a message of a writer, or both. */
int sr__content_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t content,
                            uint64_t kind, slotring_slot_t *out);
/* What a length of a message in slot `s` may be: a span's, which fits into the ring, or a slot's. */
bool sr__length_fits(const sr__view_t *view, const sr__slot_t *s, uint64_t length);
/* Is this struct one of a span that this handle is writing? */
bool sr__is_written_span(const slotring_t *ring, const slotring_slot_t *slot);
/* Ends the writing of a span with its first `length` bytes. Then its head may be published as any slot, with *content. */
int sr__span_ready(slotring_t *ring, const slotring_slot_t *slot, uint64_t length, uint64_t time,
                   uint64_t *content);
/* The checksum of a message in slot `head`, and in those behind it, all in `state` of this owner. False: one is not there. */
bool sr__span_sum(const sr__view_t *view, uint32_t head, const sr__summed_t *summed,
                  enum sr__slot_state state, uint32_t owner, uint32_t *sum);
/* Notes it in the slot, of what this handle is writing there. */
void sr__span_note_sum(sr__member_t *member, uint32_t head, const sr__summed_t *summed);
int sr__span_drop(slotring_t *ring, const slotring_slot_t *slot);

#endif
