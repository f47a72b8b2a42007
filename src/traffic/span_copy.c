/* SPDX-License-Identifier: Apache-2.0 */
/* Copying all bytes of a message, of one slot or of several. */
#include "traffic/span_copy.h"

#include <string.h>

#include "base/error.h"
#include "layout/plan.h"
#include "protocol/span.h"

static uint64_t bytes_in_one(const sr__view_t *view, uint64_t rest)
{
    return rest < view->slot_size ? rest : view->slot_size;
}

int sr__message_copy(const sr__view_t *view, uint32_t head, uint8_t *to, uint64_t length)
{
    uint32_t slot = head;
    uint64_t done = 0, word;
    while (done < length) {
        if (done > 0 && !sr__span_follow(view, head, SR__PIECE, SR__NOBODY, &slot, &word))
            return sr__error(SLOTRING_E_CORRUPT, "a piece of the message that begins in slot %u is not there",
                             head);
        uint64_t part = bytes_in_one(view, length - done);
        memcpy(to + done, view->payload + (uint64_t)slot * view->payload_stride, (size_t)part);
        done += part;
    }
    if (length > view->slot_size && !sr__span_is_over(view, slot))
        return sr__error(SLOTRING_E_CORRUPT, "more pieces follow than the message has that begins in slot %u",
                         head);
    return 0;
}

/* What a piece says of its span. */
typedef struct links {
    uint64_t next, part_of;
} links_t;
_Static_assert(offsetof(sr__slot_t, part_of) == offsetof(sr__slot_t, next) + 8, "read at once");

static int read_links(slotring_t *ring, uint32_t slot, links_t *links)
{
    const sr__view_t *view = &ring->member.view;
    uint64_t offset = (uint64_t)(view->slots - ring->member.snapshot) + slot * view->slot_stride +
                      offsetof(sr__slot_t, next);
    return ring->member.os->segments.read(ring->member.segment, offset, links, sizeof *links);
}

/* The second look at the head tells whether the message was there all the time, and then so were its links. */
int sr__message_copy_observed(slotring_t *ring, uint32_t slot, const sr__slot_t *head, uint8_t *to,
                              uint64_t length, bool *whole)
{
    const sr__view_t *view = &ring->member.view;
    uint64_t payload = sr__layout_control_size(&view->header), done = 0;
    links_t links = {.next = sr__peek(&head->next), .part_of = sr__peek(&head->part_of)};
    int failed = 0;
    *whole = true;
    while (!failed && done < length) {
        uint64_t part = bytes_in_one(view, length - done);
        /* The bytes of one slot of the message. */
        failed = ring->member.os->segments.read(ring->member.segment, payload + slot * view->payload_stride,
                                                to + done, (size_t)part);
        done += part;
        if (failed || done == length)
            break;
        slot = sr__link_slot(links.next);
        if (links.next == 0 || slot >= view->slot_count) {
            *whole = false;
            break;
        }
        failed = read_links(ring, slot, &links);
        if (links.part_of != sr__peek(&head->part_of)) {
            *whole = false;
            break;
        }
    }
    if (length > view->slot_size && links.next != 0)
        *whole = false;
    return failed;
}
