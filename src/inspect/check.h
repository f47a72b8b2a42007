/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the audit share: check.c runs them, check_*.c have one part of the ring each. */
#ifndef SR_CHECK_H
#define SR_CHECK_H

#include <inttypes.h>

#include "handle.h"

/* A finding's kind: the part, and above it where the field lies in it. */
#define SR__AUDIT_PART (UINT32_C(1) << 20)
enum sr__audit_part {
    SR__AUDIT_HEADER,
    SR__AUDIT_STATE,
    SR__AUDIT_PARTICIPANT,
    SR__AUDIT_SUBSCRIPTION,
    SR__AUDIT_GROUP,
    SR__AUDIT_ORDER,
    SR__AUDIT_FREE_MAP,
    SR__AUDIT_DEFERRED,
    SR__AUDIT_WITHDRAWN,
    SR__AUDIT_SLOT,
    SR__AUDIT_WRITER,
    SR__AUDIT_MARK
};
#define SR__KIND(part, type, field) ((part)*SR__AUDIT_PART + (uint32_t)offsetof(type, field))

#define SR__FINDINGS_MAX 1000u

typedef struct sr__finding {
    uint32_t kind;
    uint64_t index, value;
    char text[192];
} sr__finding_t;

/* The latest of a writer's messages or blocks that the audit met in the order. */
typedef struct sr__met {
    bool any;
    uint64_t block, next, sequence; /* `next`: number of the message behind it */
} sr__met_t;

typedef struct sr__audit {
    slotring_t *ring;
    sr__view_t *view;
    uint64_t end, oldest, now;
    uint64_t published; /* see sr__audit_published */
    sr__finding_t *findings;
    uint32_t count;
    sr__met_t *met;  /* one for each writer */
    uint8_t *pieces; /* one for each slot: of how many messages it is a piece, 2: of more */
} sr__audit_t;

SR__LIKE_PRINTF(5, 6)
void sr__find(sr__audit_t *a, uint32_t kind, uint64_t index, uint64_t value, const char *format, ...);
/* A finding unless the value is `right`: names part, field, value and domain. */
void sr__audit_field(sr__audit_t *a, bool right, uint32_t kind, uint64_t index, const char *field,
                     uint64_t value, const char *domain);
void sr__audit_zero(sr__audit_t *a, uint32_t kind, uint64_t index, const void *at, size_t size);
void sr__audit_name(sr__audit_t *a, uint32_t kind, uint64_t index, const char *name);

/* One above the last publication, as of now. It goes on from where it was, and each entry of the order is looked at once: in a
 * damaged ring a search from the tail may take millions of turns, and nearly every field is compared with this end. */
uint64_t sr__audit_published(sr__audit_t *a);

/* A sequence that was given, or none. */
static inline bool sr__is_given(const sr__audit_t *a, uint64_t sequence)
{
    return sequence == SR__NO_SEQUENCE || sequence < a->end;
}

void sr__audit_header(sr__audit_t *a); /* check_state.c */
void sr__audit_description(sr__audit_t *a);
void sr__audit_state(sr__audit_t *a);
void sr__audit_sets(sr__audit_t *a);
void sr__audit_participants(sr__audit_t *a);  /* check_participants.c */
void sr__audit_subscriptions(sr__audit_t *a); /* check_subscriptions.c */
void sr__audit_groups(sr__audit_t *a);        /* check_groups.c */
void sr__audit_order(sr__audit_t *a);         /* check_order.c */
void sr__audit_free_map(sr__audit_t *a);
void sr__audit_withdrawn(sr__audit_t *a);
void sr__audit_slots(sr__audit_t *a);   /* check_slots.c */
void sr__audit_spans(sr__audit_t *a);   /* check_spans.c */
void sr__audit_writers(sr__audit_t *a); /* check_writers.c */
void sr__audit_blocks(sr__audit_t *a);  /* check_blocks.c */
void sr__audit_sums(sr__audit_t *a);    /* check_sums.c */
void sr__audit_marks(sr__audit_t *a);   /* check_marks.c */
void sr__audit_names(sr__audit_t *a);   /* check_names.c */

#endif
