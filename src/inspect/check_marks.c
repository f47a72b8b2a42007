/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the marks: what is counted is there, and has its place; only the last one may still be without. */
#include "inspect/check.h"
#include "protocol/marks.h"

#define KIND(field) SR__KIND(SR__AUDIT_MARK, sr__mark_t, field)
#define OFFSET_MAX (UINT64_C(1) << 62)

static void audit_place(sr__audit_t *a, uint64_t index, const sr__mark_t *entry, uint64_t number,
                        bool is_last)
{
    uint64_t place = sr__load(&entry->place);
    bool right = sr__mark_is_pending(place) ? is_last && place == (SR__MARK_PENDING | number)
                                            : place <= sr__audit_published(a);
    sr__audit_field(a, right, KIND(place), index, "place", place,
                    "at most what was published; pending only of the last mark");
}

/* Of a mark that was counted. */
static void audit_mark(sr__audit_t *a, uint64_t index, enum sr__mark_class class, uint64_t number,
                       uint64_t total)
{
    const sr__view_t *view = a->view;
    const sr__mark_t *entry = &view->marks[index];
    uint64_t serial = sr__peek(&entry->serial), shape = sr__peek(&entry->shape);
    uint64_t offset = sr__peek(&entry->offset), maker = sr__peek(&entry->maker);
    uint32_t kind = (uint32_t)(shape & 0xff);
    bool known = kind >= SLOTRING_MARK_RUN_BEGIN && kind <= SLOTRING_MARK_GAP;
    audit_place(a, index, entry, number, serial + 1 == total);
    sr__audit_field(a, serial >= number && serial < total, KIND(serial), index, "serial", serial,
                    "below the number of marks that were made");
    sr__audit_field(a, known && sr__mark_class_of(kind) == class && shape >> 8 <= SR__MARK_BYTES, KIND(shape),
                    index, "shape", shape, "a kind of this table, and at most 48 bytes");
    sr__audit_field(a, offset >= view->header.first_sequence && offset <= OFFSET_MAX, KIND(offset), index,
                    "offset", offset, "at least the first number of the ring");
    sr__audit_field(a, sr__producer_number(maker) < view->participant_count, KIND(maker), index, "maker",
                    maker, "a participant's number, and its incarnation");
}

static void audit_entry(sr__audit_t *a, enum sr__mark_class class, uint32_t n)
{
    uint64_t word = sr__load(&a->view->state->marks), count = sr__marks_of(word, class);
    uint64_t index = (uint64_t) class * SR__MARK_ENTRIES + n;
    const sr__mark_t *entry = &a->view->marks[index];
    sr__audit_zero(a, KIND(reserved), index, &entry->reserved, sizeof entry->reserved);
    sr__audit_zero(a, KIND(reserved0), index, &entry->reserved0, sizeof entry->reserved0);
    if (n > count) { /* nobody has come to it; `count` itself may be being filled in */
        sr__audit_zero(a, KIND(place), index, entry, offsetof(sr__mark_t, reserved));
        return;
    }
    uint64_t behind = (count + SR__MARK_ENTRIES - 1 - n) % SR__MARK_ENTRIES; /* marks made after this one */
    if (count > behind && sr__mark_is_kept(count - 1 - behind, count))
        audit_mark(a, index, class, count - 1 - behind, sr__marks_total(word));
}

void sr__audit_marks(sr__audit_t *a)
{
    for (uint32_t n = 0; n < SR__MARK_ENTRIES; n++) {
        audit_entry(a, SR__RUN_MARKS, n);
        audit_entry(a, SR__OTHER_MARKS, n);
    }
}
