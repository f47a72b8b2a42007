/* SPDX-License-Identifier: Apache-2.0 */
/* From sizes to offsets. */
#ifndef SR_PLAN_H
#define SR_PLAN_H

#include "layout/layout.h"
#include "slotring/slotring.h"

typedef struct sr__geometry {
    uint64_t total_size, slot_size;
    uint32_t participants, readers, writers, groups, when_full, time_stamps, access;
    uint32_t meta_size, lossless_for, lossless_group, holds;
    uint64_t budget_messages, budget_ns; /* the largest of the others; 0: the default */
    uint64_t first_sequence;
    bool page_aligned, hot;
    bool checksums;
} sr__geometry_t;
int sr__layout_plan(const sr__geometry_t *geometry, uint64_t page_size, sr__header_t *header,
                    slotring_error_t *error);
/* The words of a level with so many bits, each of which has `width` of them. */
static inline uint64_t sr__layout_level_words(uint64_t bits, uint32_t width)
{
    return (bits + width - 1) / width;
}
#define SR__WITHDRAWN_WIDTH 16u /* beside the lap */
uint64_t sr__layout_bitmap_words(uint64_t bits, uint32_t levels);
uint64_t sr__layout_withdrawn_words(uint64_t order_length, uint32_t *levels);
uint64_t sr__layout_progress_words(uint32_t readers, uint32_t writers);
uint64_t sr__layout_takes(uint32_t slot_bits);
uint64_t sr__layout_slot_stride(uint32_t participants);
uint64_t sr__layout_control_size(const sr__header_t *header);
/* What comes before all that grows with the number of slots: header, state, participants, subscriptions. */
uint64_t sr__layout_constant_size(const sr__header_t *header);

#endif
