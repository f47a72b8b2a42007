/* SPDX-License-Identifier: Apache-2.0 */
/* Is there something for a reader? A call that waits for several readers asks this again and again. */
#ifndef SR_READABLE_H
#define SR_READABLE_H

#include "handle.h"

typedef struct sr__readable {
    slotring_reader_t *reader;
    uint32_t at;           /* for its owner */
    bool gathers;          /* messages gather: not the published event is waited for, but the gathered one */
    uint64_t pressed, due; /* when they began to: as sr__gather_pressed; when that is over */
} sr__readable_t;

/* 0, SLOTRING_E_EMPTY or an error, as sr__next_look; a reader that lets messages gather is not ready before that is over. */
int sr__readable_look(sr__readable_t *readable, uint64_t now);

static inline enum sr__event_kind sr__readable_event(const sr__readable_t *readable)
{
    return readable->gathers ? SR__GATHERED_EVENT : SR__PUBLISHED_EVENT;
}

#endif
