/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_terminal.h"

#define LEAST_WIDTH 20u /* in less nothing can be read anyhow */
#define LONGEST 2048u   /* bytes of a line before it is broken */
#define LEAST_ROWS 3u   /* of a table, before details are left out */

/* ---- Making --------------------------------------------------------------------------------------- */

static bool wants_colours(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return !(no && *no) && !(terminal && strcmp(terminal, "dumb") == 0);
}

page_t page_for_stdout(void)
{
    page_t page = {.detail = PAGE_ALL, .most = UINT32_MAX};
    if (!host_terminal_size(&page.width, &page.height))
        return page;
    if (page.width < LEAST_WIDTH)
        page.width = LEAST_WIDTH;
    page.styled = wants_colours();
    return page;
}

void page_clear(page_t *page)
{
    for (uint32_t i = 0; i < page->count; i++)
        free(page->lines[i].text);
    page->count = 0;
}

void page_free(page_t *page)
{
    page_clear(page);
    free(page->lines);
    page->lines = NULL;
    page->capacity = 0;
}

static bool has_room(page_t *page)
{
    if (page->count < page->capacity)
        return true;
    uint32_t capacity = page->capacity ? 2 * page->capacity : 32;
    page_line_t *larger = realloc(page->lines, capacity * sizeof *larger);
    if (!larger)
        return false;
    page->lines = larger;
    page->capacity = capacity;
    return true;
}

/* The first `length` bytes of the text, behind so many blanks. */
static void add(page_t *page, page_style_t style, uint32_t blanks, const char *text, size_t length)
{
    char *line = has_room(page) ? malloc(blanks + length + 1) : NULL;
    if (!line) {
        page->failed = true;
        return;
    }
    memset(line, ' ', blanks);
    memcpy(line + blanks, text, length);
    line[blanks + length] = '\0';
    page->lines[page->count++] = (page_line_t){.text = line, .style = style};
}

void page_add_whole(page_t *page, uint32_t matters, page_style_t style, const char *text)
{
    if (matters <= page->detail)
        add(page, style, 0, text, strlen(text));
}

/* ---- Breaking ------------------------------------------------------------------------------------- */

uint32_t page_width_of(const char *text)
{
    uint32_t width = 0;
    for (; *text; text++)
        width += (*text & 0xc0) != 0x80;
    return width;
}

/* Bytes of the text that take `width` characters. */
static size_t bytes_of(const char *text, uint32_t width)
{
    size_t at = 0;
    for (; text[at]; at++)
        if ((text[at] & 0xc0) != 0x80 && width-- == 0)
            break;
    return at;
}

void page_cut(char *text, uint32_t width)
{
    text[bytes_of(text, width)] = '\0';
}

/* Where a text that is too wide is broken: behind an item, which two blanks end, unless that leaves half of the line empty; else
 * behind a word; else anywhere. */
static size_t break_at(const char *text, uint32_t width)
{
    size_t end = bytes_of(text, width), first = strspn(text, " "), word = 0;
    for (size_t at = end; at > first; at--) {
        if (text[at] != ' ')
            continue;
        if (text[at + 1] == ' ' && at > end / 2)
            return at;
        if (word == 0)
            word = at;
    }
    return word > 0 ? word : end;
}

void page_add(page_t *page, uint32_t matters, page_style_t style, uint32_t indent, const char *format, ...)
{
    char text[LONGEST], *at = text;
    uint32_t blanks = 0;
    va_list list;
    if (matters > page->detail)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    while (page->width > 0 && page_width_of(at) > page->width - blanks) {
        size_t length = break_at(at, page->width - blanks);
        add(page, style, blanks, at, length);
        at += length + strspn(at + length, " ");
        blanks = indent < page->width / 2 ? indent : 0;
    }
    if (*at || at == text)
        add(page, style, blanks, at, strlen(at));
}

/* ---- Fitting -------------------------------------------------------------------------------------- */

uint32_t page_rows(const page_t *page)
{
    uint32_t rows = 0;
    for (uint32_t i = 0; i < page->count; i++) {
        uint32_t width = page_width_of(page->lines[i].text);
        rows += page->width == 0 || width == 0 ? 1 : (width + page->width - 1) / page->width;
    }
    return rows;
}

static bool fits(page_t *page, void (*build)(page_t *page, const void *what), const void *what)
{
    page_clear(page);
    build(page, what);
    return page->height == 0 || page_rows(page) <= page->height;
}

void page_fit(page_t *page, void (*build)(page_t *page, const void *what), const void *what)
{
    page->detail = PAGE_ALL;
    page->most = UINT32_MAX;
    if (fits(page, build, what))
        return;
    page->most = LEAST_ROWS;
    while (!fits(page, build, what) && page->detail > PAGE_ALWAYS)
        page->detail--;
    while (!fits(page, build, what) && page->most > 1)
        page->most--;
    while (page->most < page->height && fits(page, build, what))
        page->most++;
    if (fits(page, build, what))
        return;
    page->most -= page->most > 1;
    (void)fits(page, build, what);
}

/* ---- Printing ------------------------------------------------------------------------------------- */

const char *page_begin(const page_t *page, page_style_t style)
{
    static const char *const begin[] = {"", "\033[1m", "\033[1;32m", "\033[1;33m", "\033[1;31m", "\033[7m"};
    return page->styled || style == PAGE_MARKED ? begin[style] : "";
}

const char *page_end(const page_t *page, page_style_t style)
{
    return *page_begin(page, style) ? "\033[0m" : "";
}

void page_print(const page_t *page)
{
    for (uint32_t i = 0; i < page->count; i++) {
        const page_line_t *line = &page->lines[i];
        printf("%s%s%s\n", page_begin(page, line->style), line->text, page_end(page, line->style));
    }
}
