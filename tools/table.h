/* SPDX-License-Identifier: Apache-2.0 */
/* A table on a page: the rows that weigh most come first, and columns are left out until it fits. */
#ifndef SLOTRING_TOOL_TABLE_H
#define SLOTRING_TOOL_TABLE_H

#include "page.h"

enum {
    TABLE_COLUMNS_MAX = 20,
};

typedef struct table_column {
    const char *title;
    uint8_t rank; /* 0: it is always there; the highest goes first */
    bool left;    /* the cells stand at the left */
} table_column_t;

typedef struct table_row {
    char *cells[TABLE_COLUMNS_MAX];
    uint64_t weight;
    uint32_t number; /* in the order in which they were added */
    page_style_t style;
} table_row_t;

typedef struct table {
    const table_column_t *columns;
    uint32_t column_count, row_count, capacity, filled;
    uint32_t passed; /* rows that were not added, since others are to be seen */
    table_row_t *rows;
    bool failed; /* there was no memory for a cell */
} table_t;

void table_begin(table_t *table, const table_column_t *columns, uint32_t column_count);
void table_row(table_t *table, uint64_t weight, page_style_t style);
/* Fills the next cell of the row that was added last. A column without any text is left out. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void table_cell(table_t *table, const char *format, ...);
/* Adds it to the page, and frees it. A table without rows is nothing. `what` are its rows: "readers". */
void table_end(table_t *table, page_t *page, uint32_t matters, const char *what);

#endif
