/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

#define GAP 2u /* blanks between two columns */
#define LONGEST_ROW 1024u
#define LONGEST_CELL 400u

/* ---- Filling -------------------------------------------------------------------------------------- */

void table_begin(table_t *table, const table_column_t *columns, uint32_t column_count)
{
    *table = (table_t){.columns = columns, .column_count = column_count};
}

void table_row(table_t *table, uint64_t weight, page_style_t style)
{
    if (table->row_count == table->capacity) {
        uint32_t capacity = table->capacity ? 2 * table->capacity : 16;
        table_row_t *larger = realloc(table->rows, capacity * sizeof *larger);
        if (!larger) {
            table->failed = true;
            return;
        }
        table->rows = larger;
        table->capacity = capacity;
    }
    table->rows[table->row_count] =
        (table_row_t){.weight = weight, .number = table->row_count, .style = style};
    table->row_count++;
    table->filled = 0;
}

void table_cell(table_t *table, const char *format, ...)
{
    char text[LONGEST_CELL];
    va_list list;
    if (table->failed || table->filled == table->column_count)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    char *copy = malloc(strlen(text) + 1);
    table->failed = copy == NULL;
    if (copy)
        strcpy(copy, text);
    table->rows[table->row_count - 1].cells[table->filled++] = copy;
}

/* ---- Fitting -------------------------------------------------------------------------------------- */

static int by_weight(const void *left, const void *right)
{
    const table_row_t *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static const char *cell_of(const table_row_t *row, uint32_t column)
{
    return row->cells[column] ? row->cells[column] : "";
}

/* 0: there is nothing in it. */
static uint32_t width_of(const table_t *table, uint32_t column, uint32_t rows)
{
    uint32_t widest = 0;
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t width = page_width_of(cell_of(&table->rows[i], column));
        widest = width > widest ? width : widest;
    }
    uint32_t title = page_width_of(table->columns[column].title);
    return widest == 0 ? 0 : widest > title ? widest : title;
}

static uint32_t whole_width(const uint32_t *widths, uint32_t count)
{
    uint32_t whole = 0;
    for (uint32_t i = 0; i < count; i++)
        whole += widths[i] ? widths[i] + (whole ? GAP : 0) : 0;
    return whole;
}

/* Leaves out the column that matters least, of several the last. False: all that are left are always there. */
static bool leave_out(const table_t *table, uint32_t *widths)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < table->column_count; i++)
        if (widths[i] && table->columns[i].rank > 0 &&
            (!widths[found] || table->columns[i].rank >= table->columns[found].rank))
            found = i;
    if (!widths[found] || table->columns[found].rank == 0)
        return false;
    widths[found] = 0;
    return true;
}

/* ---- Adding it to a page -------------------------------------------------------------------------- */

static void add_cell(char *line, const char *text, uint32_t width, bool left, bool last)
{
    uint32_t shown = page_width_of(text);
    int blanks = width > shown ? (int)(width - shown) : 0;
    if (left)
        out_append(line, LONGEST_ROW, "%s%*s", text, last ? 0 : blanks, "");
    else
        out_append(line, LONGEST_ROW, "%*s%s", blanks, "", text);
}

/* The row, or the titles if there is none. What is too wide all the same is cut: the last column. */
static void add_line(const table_t *table, const table_row_t *row, const uint32_t *widths, page_t *page,
                     uint32_t matters)
{
    char line[LONGEST_ROW] = "";
    uint32_t last = 0;
    for (uint32_t i = 0; i < table->column_count; i++)
        last = widths[i] ? i : last;
    for (uint32_t i = 0; i <= last; i++) {
        if (!widths[i])
            continue;
        if (line[0])
            out_append(line, sizeof line, "%*s", (int)GAP, "");
        add_cell(line, row ? cell_of(row, i) : table->columns[i].title, widths[i], table->columns[i].left,
                 i == last);
    }
    if (page->width > 0)
        page_cut(line, page->width);
    page_add_whole(page, matters, row ? row->style : PAGE_HEAD, line);
}

static void release(table_t *table)
{
    for (uint32_t i = 0; i < table->row_count; i++)
        for (uint32_t k = 0; k < table->column_count; k++)
            free(table->rows[i].cells[k]);
    free(table->rows);
    *table = (table_t){0};
}

void table_end(table_t *table, page_t *page, uint32_t matters, const char *what)
{
    uint32_t widths[TABLE_COLUMNS_MAX], shown = table->row_count;
    page->failed = page->failed || table->failed;
    if (table->row_count == 0 || matters > page->detail) {
        release(table);
        return;
    }
    qsort(table->rows, table->row_count, sizeof *table->rows, by_weight);
    if (shown > page->most)
        shown = page->most;
    for (uint32_t i = 0; i < table->column_count; i++)
        widths[i] = width_of(table, i, shown);
    while (page->width > 0 && whole_width(widths, table->column_count) > page->width)
        if (!leave_out(table, widths))
            break;
    add_line(table, NULL, widths, page, matters);
    for (uint32_t i = 0; i < shown; i++)
        add_line(table, &table->rows[i], widths, page, matters);
    uint32_t all = table->row_count + table->passed;
    if (shown < all)
        page_add(page, matters, PAGE_PLAIN, 0, "  and %" PRIu32 " more of %" PRIu32 " %s", all - shown, all,
                 what);
    release(table);
}
