/* SPDX-License-Identifier: Apache-2.0 */
/* What people get to see of a ring, as lines that fit a terminal: its width, and by leaving out the least its height. */
#ifndef SLOTRING_TOOL_PAGE_H
#define SLOTRING_TOOL_PAGE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum page_style {
    PAGE_PLAIN,
    PAGE_HEAD, /* of a table, or a bar */
    PAGE_GOOD,
    PAGE_WARN,
    PAGE_BAD,
    PAGE_MARKED, /* the row that is chosen */
} page_style_t;

/* How much a line matters. What matters least is left out first. */
enum {
    PAGE_ALWAYS = 0,
    PAGE_USUAL = 1,
    PAGE_MORE = 2,
    PAGE_ALL = 3,
};

typedef struct page_line {
    char *text;
    page_style_t style;
} page_line_t;

typedef struct page {
    uint32_t width, height; /* of the terminal; 0: without an end */
    bool styled;
    uint32_t detail; /* lines that matter less, with a higher number, are left out: PAGE_ALL … */
    uint32_t most;   /* rows of each table */
    page_line_t *lines;
    uint32_t count, capacity;
    bool failed; /* there was no memory for a line */
} page_t;

/* For standard output as it is: a terminal has an end, and colours unless NO_COLOR is set. */
page_t page_for_stdout(void);
/* Without lines, for the next look. */
void page_clear(page_t *page);
void page_free(page_t *page);

/* Adds a line. One that is too wide goes on in the next one, `indent` to the right: behind two blanks if there are any, else behind
 * one. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
void page_add(page_t *page, uint32_t matters, page_style_t style, uint32_t indent, const char *format, ...);
/* Adds a line that nothing breaks but the terminal: a command that can be copied, or a row. */
void page_add_whole(page_t *page, uint32_t matters, page_style_t style, const char *text);

/* Terminal rows that the lines take. */
uint32_t page_rows(const page_t *page);
/* Builds the page by `build` with as much detail, and with as long tables, as the height allows. */
void page_fit(page_t *page, void (*build)(page_t *page, const void *what), const void *what);
/* To standard output. */
void page_print(const page_t *page);
/* What begins and ends a text of this style. */
const char *page_begin(const page_t *page, page_style_t style);
const char *page_end(const page_t *page, page_style_t style);

/* Characters of a text; a UTF-8 character is one. */
uint32_t page_width_of(const char *text);
/* Ends a text behind so many characters. */
void page_cut(char *text, uint32_t width);

#endif
