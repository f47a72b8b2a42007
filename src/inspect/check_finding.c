/* SPDX-License-Identifier: Apache-2.0 */
/* A finding of the audit, the words for a field whose value lies outside its domain, and the end of what may be named. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "inspect/check.h"

void sr__find(sr__audit_t *a, uint32_t kind, uint64_t index, uint64_t value, const char *format, ...)
{
    if (a->count == SR__FINDINGS_MAX)
        return;
    sr__finding_t *f = &a->findings[a->count++];
    f->kind = kind;
    f->index = index;
    f->value = value;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->text, sizeof f->text, format, arguments);
    va_end(arguments);
}

void sr__audit_field(sr__audit_t *a, bool right, uint32_t kind, uint64_t index, const char *field,
                     uint64_t value, const char *domain)
{
    static const char *const parts[] = {
        [SR__AUDIT_HEADER] = "header",
        [SR__AUDIT_STATE] = "state page",
        [SR__AUDIT_PARTICIPANT] = "participant",
        [SR__AUDIT_SUBSCRIPTION] = "subscription",
        [SR__AUDIT_GROUP] = "reader group",
        [SR__AUDIT_ORDER] = "order entry",
        [SR__AUDIT_FREE_MAP] = "free map word",
        [SR__AUDIT_DEFERRED] = "deferred word",
        [SR__AUDIT_WITHDRAWN] = "withdrawn word",
        [SR__AUDIT_SLOT] = "slot",
        [SR__AUDIT_WRITER] = "writer",
        [SR__AUDIT_MARK] = "mark",
    };
    uint32_t part = kind / SR__AUDIT_PART;
    if (right)
        return;
    if (part == SR__AUDIT_HEADER || part == SR__AUDIT_STATE)
        sr__find(a, kind, index, value, "%s: %s is %" PRIu64 " (0x%" PRIx64 "); it must be %s", parts[part],
                 field, value, value, domain);
    else
        sr__find(a, kind, index, value, "%s %" PRIu64 ": %s is %" PRIu64 " (0x%" PRIx64 "); it must be %s",
                 parts[part], index, field, value, value, domain);
}

/* What this version reserves. */
void sr__audit_zero(sr__audit_t *a, uint32_t kind, uint64_t index, const void *at, size_t size)
{
    const uint8_t *bytes = at;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            sr__audit_field(a, false, kind + (uint32_t)i, index, "a reserved byte", bytes[i], "0");
}

/* Names end within their 48 bytes, and are filled up with zeros. */
void sr__audit_name(sr__audit_t *a, uint32_t kind, uint64_t index, const char *name)
{
    uint64_t words[6];
    const uint8_t *bytes = (const uint8_t *)words;
    for (size_t i = 0; i < 6; i++)
        words[i] = sr__peek((const sr__word_t *)(const void *)name + i);
    bool over = false;
    for (uint32_t i = 0; i < sizeof words; i++) {
        over = over || bytes[i] == 0 || i == sizeof words - 1;
        sr__audit_field(a, !over || bytes[i] == 0, kind + i, index, "a byte behind its name", bytes[i], "0");
    }
}

uint64_t sr__audit_published(sr__audit_t *a)
{
    const sr__view_t *view = a->view;
    for (uint64_t turn = 0; turn <= view->order_mask; turn++) {
        uint64_t tail = sr__load(&view->state->tail);
        if (tail > a->published)
            a->published = tail;
        uint64_t entry = sr__load(sr__order_at(view, a->published));
        if (sr__entry_age(view, entry, a->published) != SR__CURRENT)
            break; /* the end; or a whole lap went by meanwhile, and the next audit knows more */
        a->published++;
    }
    return a->published;
}
