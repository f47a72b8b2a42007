/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot for people: who takes part, the worst first. */
#include <inttypes.h>

#include "culprit.h"
#include "output.h"
#include "snapshot_text.h"
#include "table.h"

#define WANTED 256u
#define COUNT(columns) (uint32_t)(sizeof(columns) / sizeof *(columns))

static void blank(page_t *page)
{
    page_add(page, PAGE_ALL, PAGE_PLAIN, 0, "%s", "");
}

static page_style_t style_of(uint32_t life)
{
    return life == SLOTRING_LIFE_DEAD || culprit_stands_still(life) ? PAGE_BAD : PAGE_PLAIN;
}

/* A sum that stays at the top. */
static uint64_t more(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* ---- Participants --------------------------------------------------------------------------------- */

static const table_column_t of_participants[] = {
    {"NR", 9, false},      {"PID", 1, false},     {"PARTICIPANT", 0, true}, {"LIFE", 0, true},
    {"PRODUCES", 3, true}, {"WRITING", 5, false}, {"HOLDS", 4, false},      {"WRITTEN", 7, false},
    {"", 2, false},        {"READ", 8, false},    {"", 6, false},           {"WAITED", 3, false},
};

static void cell_unless_unknown(table_t *table, uint64_t count)
{
    if (count == UINT64_MAX)
        table_cell(table, "?");
    else
        table_cell(table, "%" PRIu64, count);
}

static void cell_rate(table_t *table, double bytes_per_second)
{
    table_cell(table, "%s", bytes_per_second < 0 ? "" : out_rate(bytes_per_second).text);
}

/* Whoever has slots that others wait for, or waits itself, is the worse. */
static uint64_t weight_of(const slotring_participant_t *p)
{
    uint64_t slots = more(p->slots_writing == UINT64_MAX ? 0 : p->slots_writing,
                          p->slots_held == UINT64_MAX ? 0 : p->slots_held);
    return more(culprit_stands_still(p->life) ? UINT64_MAX / 2 : 0,
                more(slots << 31, p->blocked_ns / 1000000));
}

static void add_participants(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    table_t table;
    blank(page);
    if (now->participant_count == 0) {
        page_add(page, PAGE_MORE, PAGE_PLAIN, 0, "nobody is attached");
        return;
    }
    table_begin(&table, of_participants, COUNT(of_participants));
    for (uint32_t i = 0; i < now->participant_count; i++) {
        const slotring_participant_t *p = &now->participants[i];
        const slotring_participant_t *b = snapshot_participant_before(p, before);
        char name[sizeof p->name];
        out_safe_name(p->name, sizeof name, name);
        table_row(&table, weight_of(p), style_of(p->life));
        table_cell(&table, "%" PRIu32, p->index);
        table_cell(&table, "%" PRIu64, p->pid);
        table_cell(&table, "%s", name);
        table_cell(&table, "%s", out_life(p->life));
        table_cell(&table, "%s",
                   p->proxy       ? p->producing ? "proxy" : "no, proxy"
                   : p->producing ? "yes"
                                  : "no");
        cell_unless_unknown(&table, p->slots_writing);
        cell_unless_unknown(&table, p->slots_held);
        table_cell(&table, "%s", out_bytes(p->bytes_written).text);
        cell_rate(&table, b ? snapshot_rate(now, before, p->bytes_written, b->bytes_written) : -1);
        table_cell(&table, "%s", out_bytes(p->bytes_read).text);
        cell_rate(&table, b ? snapshot_rate(now, before, p->bytes_read, b->bytes_read) : -1);
        table_cell(&table, "%s", out_duration((double)more(p->waited_ns, p->blocked_ns) * 1e-9).text);
    }
    table_end(&table, page, PAGE_ALWAYS, "participants");
}

/* ---- Readers -------------------------------------------------------------------------------------- */

static const table_column_t of_readers[] = {
    {"NR", 10, false},  {"PID", 1, false},       {"READER", 0, true},   {"LIFE", 0, true},
    {"MODE", 3, true},  {"DELIVERED", 7, false}, {"", 2, false},        {"MISSED", 2, false},
    {"LAG", 0, false},  {"HISTORY", 9, false},   {"RECORDS", 8, false}, {"MISSED", 6, false},
    {"WANTS", 5, true},
};

/* What it wants of the messages: "all", or "latest every 3 tag 0x1/0x3 (passed over 12)". */
static void say_wanted(const slotring_reader_info_t *r, char *text, size_t size)
{
    uint64_t passed_over = r->passed_over + r->records_passed_over;
    bool all = r->wanted == SLOTRING_WANTS_ALL && r->every <= 1 && r->tag_mask == 0;
    out_append(text, size, "%s", all ? "all" : r->wanted == SLOTRING_WANTS_LATEST ? "latest" : "some:");
    if (r->every > 1)
        out_append(text, size, " every %" PRIu32, r->every);
    if (r->tag_mask != 0)
        out_append(text, size, " tag 0x%" PRIx64 "/0x%" PRIx64, r->tag_match, r->tag_mask);
    if (!all)
        out_append(text, size, " (passed over %" PRIu64 ")", passed_over);
    if (r->flags & SLOTRING_BY_TICKET)
        out_append(text, size, " by ticket, passed over %" PRIu64, passed_over);
}

/* And how: "; window 8; marks; budget 25 in 100 ms; revoked 12 s ago, lost 4". */
static void say_terms(const slotring_reader_info_t *r, char *text, size_t size)
{
    if (r->window != 0)
        out_append(text, size, "; window %" PRIu32, r->window);
    if (r->flags & SLOTRING_TELL_MARKS)
        out_append(text, size, "; marks");
    if (r->budget_messages != 0)
        out_append(text, size, "; budget %" PRIu64 " in %s", r->budget_messages,
                   out_duration((double)r->budget_ns * 1e-9).text);
    if (r->revoked)
        out_append(text, size, "; revoked %s ago, lost %" PRIu64,
                   out_duration((double)r->revoked_ns * 1e-9).text, r->lost);
    if (r->group != 0 && r->durable)
        out_append(text, size, "; %" PRIu32 " member%s, redelivered %" PRIu64, r->members,
                   r->members == 1 ? "" : "s", r->redelivered);
    if (r->tries != 0)
        out_append(text, size, ", dead letters %" PRIu64, r->dead_lettered);
    if (r->left_ns > 0)
        out_append(text, size, "; nobody for %s", out_duration((double)r->left_ns * 1e-9).text);
}

static const char *kind_of(const slotring_reader_info_t *r)
{
    if (r->group != 0)
        return r->durable ? "group" : "member";
    return r->durable ? "durable" : out_reader_mode(r->mode);
}

static void cell_per_second(table_t *table, double rate)
{
    table_cell(table, "%s", rate < 0 ? "" : out_per_second(rate).text);
}

static void add_reader(table_t *table, const snapshot_t *now, const snapshot_t *before,
                       const slotring_reader_info_t *r)
{
    const slotring_reader_info_t *b = snapshot_reader_before(r, before);
    char name[sizeof r->name], wanted[WANTED] = "";
    out_safe_name(r->name, sizeof name, name);
    say_wanted(r, wanted, sizeof wanted);
    say_terms(r, wanted, sizeof wanted);
    table_row(table, more(culprit_stands_still(r->life) ? UINT64_MAX / 2 : 0, r->lag), style_of(r->life));
    table_cell(table, "%" PRIu32, r->row);
    table_cell(table, "%" PRIu64, r->pid);
    table_cell(table, "%s", name);
    table_cell(table, "%s", r->left_ns > 0 ? "nobody" : out_life(r->life));
    table_cell(table, "%s", kind_of(r));
    table_cell(table, "%" PRIu64, r->delivered);
    cell_per_second(table, b ? snapshot_rate(now, before, r->delivered, b->delivered) : -1);
    table_cell(table, "%" PRIu64, r->missed);
    table_cell(table, "%" PRIu64, r->lag);
    table_cell(table, "%" PRIu64, r->pending);
    table_cell(table, "%" PRIu64, r->records);
    table_cell(table, "%" PRIu64, r->records_missed);
    table_cell(table, "%s", wanted);
}

static void add_readers(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    table_t table;
    if (now->reader_count == 0)
        return;
    blank(page);
    table_begin(&table, of_readers, COUNT(of_readers));
    for (uint32_t i = 0; i < now->reader_count; i++)
        add_reader(&table, now, before, &now->readers[i]);
    table_end(&table, page, PAGE_ALWAYS, "readers");
}

/* ---- Writers -------------------------------------------------------------------------------------- */

static const table_column_t of_writers[] = {
    {"NR", 5, false}, {"PID", 1, false},  {"WRITER", 0, true}, {"LIFE", 0, true},     {"WRITTEN", 3, false},
    {"", 2, false},   {"KEEPS", 0, true}, {"SLOT", 6, false},  {"RECORDS", 4, false}, {"BYTES", 4, false},
};

static void add_writers(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    table_t table;
    if (now->writer_count == 0)
        return;
    blank(page);
    table_begin(&table, of_writers, COUNT(of_writers));
    for (uint32_t i = 0; i < now->writer_count; i++) {
        const slotring_writer_info_t *w = &now->writers[i];
        const slotring_writer_info_t *b = snapshot_writer_before(w, before);
        char name[sizeof w->name];
        out_safe_name(w->name, sizeof name, name);
        table_row(&table, culprit_stands_still(w->life), style_of(w->life));
        table_cell(&table, "%" PRIu32, w->row);
        table_cell(&table, "%" PRIu64, w->pid);
        table_cell(&table, "%s", name);
        table_cell(&table, "%s", out_life(w->life));
        table_cell(&table, "%" PRIu64, w->number);
        cell_per_second(&table, b ? snapshot_rate(now, before, w->number, b->number) : -1);
        table_cell(&table, "%s", out_writer_state(w->state));
        if (w->slot == UINT32_MAX)
            table_cell(&table, "-");
        else
            table_cell(&table, "%" PRIu32, w->slot);
        table_cell(&table, "%" PRIu64, w->records);
        table_cell(&table, "%s", out_bytes(w->bytes_used).text);
    }
    table_end(&table, page, PAGE_MORE, "writers");
}

void snapshot_tables(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    add_readers(page, now, before);
    add_participants(page, now, before);
    add_writers(page, now, before);
}
