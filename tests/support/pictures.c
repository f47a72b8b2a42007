/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a picture: the words of shared memory that a step changes, written down whenever they change, and compared with those
 * of the page. */
#include "support/pictures.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "support/ring.h"
#include "support/step.h"

#define LINES_MAX 40u

/* ---- Words ------------------------------------------------------------------------------------------- */

const char *who(uint32_t participant)
{
    static const char *const names[] = {"A", "B", "C"};
    return participant < 3 ? names[participant] : "-";
}

void draw(line_t *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int length = vsnprintf(line->text + line->length, sizeof line->text - line->length, format, list);
    va_end(list);
    CHECK(length >= 0 && (size_t)length < sizeof line->text - line->length);
    line->length += (size_t)length;
}

void draw_number(line_t *line, const char *name, uint64_t number)
{
    if (number == SR__NO_SEQUENCE)
        draw(line, "  %s none", name);
    else
        draw(line, "  %s %llu", name, (unsigned long long)number);
}

void draw_word(line_t *line, const sr__view_t *view, uint32_t slot, bool with_version)
{
    static const char *const states[] = {"FREE", "CLAIMED", "RECLAIM", "COMMIT", "PUBLISHED", "PIECE"};
    uint64_t w = sr__load(&sr__slot(view, slot)->word);
    draw(line, "%s %s", states[sr__slot_state(w)],
         who(sr__slot_state(w) == SR__FREE ? SR__NOBODY : sr__owner(w)));
    if (with_version)
        draw(line, " v%llu", (unsigned long long)sr__version(w));
    draw(line, "%s%s", sr__is_retired(w) ? " retired" : "", sr__is_withdrawn(w) ? " withdrawn" : "");
}

void draw_holders(line_t *line, const sr__view_t *view, uint32_t slot)
{
    uint64_t bits = sr__load(&sr__slot(view, slot)->hold0);
    draw(line, "%s", bits == 0 ? "-" : "");
    for (uint32_t p = 0; p < 3; p++)
        draw(line, "%s", bits >> p & 1 ? who(p) : "");
}

void draw_held(line_t *line, const sr__view_t *view, uint32_t slot)
{
    draw(line, "  held by ");
    draw_holders(line, view, slot);
}

void draw_bits(line_t *line, const sr__view_t *view)
{
    for (uint32_t slot = 0; slot < PICTURE_SLOTS; slot++)
        draw(line, "%d", (int)(sr__load(&view->free_map[0][0]) >> slot & 1));
}

void draw_map(line_t *line, const sr__view_t *view)
{
    draw(line, "  map ");
    draw_bits(line, view);
}

void draw_entry(line_t *line, const sr__view_t *view, uint64_t sequence)
{
    uint64_t entry = sr__load(sr__order_at(view, sequence)), lap = entry >> view->slot_bits;
    draw(line, "  order[%llu]", (unsigned long long)(sequence & view->order_mask));
    if (lap == 0)
        draw(line, " empty");
    else
        draw(line, " %llu in slot %u",
             (unsigned long long)((lap - 1) << view->order_bits | (sequence & view->order_mask)),
             sr__entry_slot(view, entry));
}

/* ---- Pictures --------------------------------------------------------------------------------------------- */

typedef struct lines {
    const picture_t *picture;
    const sr__view_t *view;
    uint32_t count;
    line_t line[LINES_MAX];
} lines_t;

static bool look(void *context, unsigned long done)
{
    lines_t *lines = context;
    line_t line = {.length = 0};
    (void)done;
    lines->picture->look(&line, lines->view);
    if (lines->count > 0 && strcmp(lines->line[lines->count - 1].text, line.text) == 0)
        return true;
    CHECK(lines->count < LINES_MAX);
    lines->line[lines->count++] = line;
    return true;
}

/* Columns may be filled up. */
static void one_space_for_many(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\n' && (*from != ' ' || (to > text && to[-1] != ' ')))
            *to++ = *from;
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

/* The next line of the picture: what stands behind the bar. False: no further one. */
static bool next_drawn(FILE *page, char *text, int size)
{
    while (fgets(text, size, page) != NULL && strncmp(text, "#", 1) != 0) {
        char *bar = strstr(text, " | ");
        if (bar == NULL || strncmp(text, "| ", 2) == 0)
            continue;
        memmove(text, bar + 3, strlen(bar + 3) + 1);
        one_space_for_many(text);
        return true;
    }
    return false;
}

static void compare(lines_t *lines)
{
    FILE *page = fopen(PICTURES, "r");
    if (page == NULL)
        FAIL("%s cannot be read", PICTURES);
    char text[400], title[100];
    (void)snprintf(title, sizeof title, "### %s\n", lines->picture->title);
    bool found = false;
    while (!found && fgets(text, sizeof text, page) != NULL)
        found = strcmp(text, title) == 0;
    for (uint32_t i = 0; i < lines->count; i++)
        printf("%s\n", lines->line[i].text);
    if (!found)
        FAIL("there is no picture \"%s\"", lines->picture->title);
    for (uint32_t i = 0; i < lines->count; i++) {
        one_space_for_many(lines->line[i].text);
        if (!next_drawn(page, text, sizeof text))
            FAIL("\"%s\" has %u lines, and the code goes on: %s", lines->picture->title, i,
                 lines->line[i].text);
        if (strcmp(text, lines->line[i].text) != 0)
            FAIL("\"%s\" says: %s; the code: %s", lines->picture->title, text, lines->line[i].text);
    }
    if (next_drawn(page, text, sizeof text))
        FAIL("\"%s\" has a line too many: %s", lines->picture->title, text);
    (void)fclose(page);
}

static void draw_and_compare(const picture_t *picture)
{
    static lines_t lines;
    step_trace_t trace = {0};
    slotring_options_t options = ring_options(SLOTRING_CREATE, PICTURE_SLOTS, 100);
    options.flags |= picture->flags;
    options.max_groups = 1;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    check_context("picture \"%s\"", picture->title);
    lines = (lines_t){.picture = picture, .view = &ring->member.view};
    picture->prepare(ring);
    pid_t victim = step_record(picture->step, ring_name(), look, &lines, &trace);
    (void)look(&lines, trace.count);
    step_kill(victim);
    step_forget(&trace);
    printf("%s\n", picture->title);
    compare(&lines);
    if (picture->tidy != NULL)
        picture->tidy(ring);
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
    check_context("%s", "");
}

void pictures_compare(const picture_t *pictures)
{
    const char *why;
    if (!step_possible(&why))
        SKIP("%s", why);
    for (size_t i = 0; pictures[i].title != NULL; i++)
        draw_and_compare(&pictures[i]);
}
