/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a producer takes slots that are free. */
#ifndef SR_FILL_ORDER_H
#define SR_FILL_ORDER_H

#include "handle.h"

#define SR__FILL_BLOCK 64u

/* Where to look for a free slot after number n of a block: 0, 32, 16, 48, 8 … 63, which is 0, 1, 2 … with the six bits
 * of each in reverse. SR__FILL_BLOCK: the block is over. */
static const uint8_t sr__after_in_block[SR__FILL_BLOCK] = {
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53,
    54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
    28, 29, 30, 31, 8,  9,  10, 11, 12, 13, 14, 15, 4,  5,  6,  7,  2,  3,  1,  64,
};

#define SR__LARGE_SLOT 4096u /* bytes, a page */

/* Where to look for a free slot after `slot`: block after block of 64. In a plain order the processor of a reader
 * guesses what comes next and fetches those lines too early: from the producer, which has claimed them already and
 * has to get them back before it can publish. What is left at the end, less than a block, goes in a plain order; and
 * so do large slots, whose bytes take far longer than their control lines, and which processors follow best upwards. */
static inline uint32_t sr__slot_after(const sr__view_t *view, uint32_t slot)
{
    if (slot / SR__FILL_BLOCK == view->slot_count / SR__FILL_BLOCK || view->payload_stride >= SR__LARGE_SLOT)
        return slot + 1;
    return slot / SR__FILL_BLOCK * SR__FILL_BLOCK + sr__after_in_block[slot % SR__FILL_BLOCK];
}

#endif
