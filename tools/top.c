/* SPDX-License-Identifier: Apache-2.0 */
/* slotring top: a screen that shows how all rings do, or one of them. Only observes: it can disturb nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "host_terminal.h"
#include "output.h"
#include "overview.h"

#define INTERVAL_NS INT64_C(1000000000)
#define LEAST_INTERVAL_NS INT64_C(10000000)

static struct {
    char *interval;
} given;

static struct poptOption table[] = {
    {"interval", 'i', POPT_ARG_STRING, &given.interval, 0, "Look again every S seconds (default 1)", "S"},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "top", "[NAME...]",
    "A live screen: a line for each ring, those that need you first, and one ring in detail. With one NAME "
    "that ring.\n"
    "Keys: up and down choose a ring, Enter shows it, Escape goes back, Space holds the picture, q ends.\n"
    "  slotring top                         all rings of this host\n",
    0, -1};

typedef struct top {
    overview_t overview;
    page_t page;
    char chosen[SLOTRING_NAME_MAX + 8]; /* the name of a ring; "": none yet */
    bool by_user;                       /* until somebody presses a key, the worst one is chosen */
    bool detail, held, over;
    int code;
} top_t;

/* ---- Which ring ----------------------------------------------------------------------------------- */

/* Its place among the rings; 0 if it has gone. */
static uint32_t place_of(const top_t *top)
{
    for (uint32_t i = 0; i < top->overview.count; i++)
        if (strcmp(top->overview.rings[i]->name, top->chosen) == 0)
            return i;
    return 0;
}

static void choose(top_t *top, uint32_t place)
{
    if (place < top->overview.count)
        snprintf(top->chosen, sizeof top->chosen, "%s", top->overview.rings[place]->name);
}

static void move(top_t *top, bool down)
{
    uint32_t place = place_of(top);
    if (down)
        choose(top, place + 1);
    else if (place > 0)
        choose(top, place - 1);
}

/* ---- The screen ----------------------------------------------------------------------------------- */

static void add_detail(page_t *page, const top_t *top)
{
    const overview_ring_t *ring = top->overview.rings[place_of(top)];
    if (ring->watch.has_now)
        watch_page(page, &ring->watch);
    else
        page_add(page, PAGE_ALWAYS, PAGE_WARN, 2, "%s", ring->watch.error_text);
}

static void build(page_t *page, const void *what)
{
    const top_t *top = what;
    if (top->overview.error_text[0])
        page_add(page, PAGE_ALWAYS, PAGE_BAD, 2, "%s", top->overview.error_text);
    if (top->detail && top->overview.count > 0)
        add_detail(page, top);
    else
        overview_page(page, &top->overview);
}

static const char *keys_of(const top_t *top)
{
    if (top->held)
        return "HELD  Space goes on  q ends";
    return top->detail ? "Esc all rings  Space holds  q ends"
                       : "up, down choose  Enter shows one  Space holds  q ends";
}

/* Each row at its place: so nothing depends on how the terminal wraps a line that is as wide as the screen. */
static uint32_t draw_line(const page_t *page, uint32_t row, const page_line_t *line)
{
    const char *text = line->text;
    do {
        char part[1200];
        snprintf(part, sizeof part, "%s", text);
        page_cut(part, page->width);
        if (row < page->height)
            printf("\033[%u;1H\033[2K%s%s%s", row + 1, page_begin(page, line->style), part,
                   page_end(page, line->style));
        text += strlen(part);
        row++;
    } while (*text);
    return row;
}

static void draw(top_t *top)
{
    page_t *page = &top->page;
    uint32_t row = 0, bottom;
    if (!host_terminal_size(&page->width, &page->height))
        return;
    bottom = page->height;
    page->height -= page->height > 1; /* the keys */
    top->overview.chosen = top->chosen;
    page_fit(page, build, top);
    for (uint32_t i = 0; i < page->count; i++)
        row = draw_line(page, row, &page->lines[i]);
    if (row < bottom)
        printf("\033[%u;1H\033[J", row + 1);
    char keys[128];
    snprintf(keys, sizeof keys, "%s", keys_of(top));
    page_cut(keys, page->width);
    printf("\033[%u;1H\033[2K%s%s%s", bottom, page_begin(page, PAGE_MARKED), keys,
           page_end(page, PAGE_MARKED));
    top->code = page->failed ? EXIT_NO_SPACE : out_finish(EXIT_DONE);
}

/* ---- Keys ----------------------------------------------------------------------------------------- */

static void obey(top_t *top, int key)
{
    top->by_user = top->by_user || (key != HOST_KEY_NONE && key != HOST_KEY_REDRAW);
    if (key == 'q' || key == 'Q')
        top->over = true;
    else if (key == HOST_KEY_UP || key == 'k')
        move(top, false);
    else if (key == HOST_KEY_DOWN || key == 'j')
        move(top, true);
    else if (key == HOST_KEY_ENTER || key == HOST_KEY_RIGHT)
        top->detail = true;
    else if (key == HOST_KEY_ESCAPE || key == HOST_KEY_LEFT)
        top->detail = false;
    else if (key == ' ')
        top->held = !top->held;
}

static void look(top_t *top)
{
    if (overview_look(&top->overview) != EXIT_DONE || top->overview.count == 0)
        return;
    if (!top->by_user)
        choose(top, 0);
}

/* Looks, draws, and obeys keys until it is time to look again. */
static void watch(top_t *top, uint64_t interval_ns)
{
    uint64_t next = host_clock_ns();
    while (!top->over && top->code == EXIT_DONE && !host_stop_requested()) {
        uint64_t now = host_clock_ns();
        if (now >= next) {
            if (!top->held)
                look(top);
            next = now + interval_ns;
        }
        draw(top);
        now = host_clock_ns();
        obey(top, host_terminal_key(next > now ? next - now : 0));
    }
}

/* What the library notes would stand in the middle of the screen. */
static void say_nothing(void *user, const char *message)
{
    (void)user, (void)message;
}

static int run(top_t *top, uint64_t interval_ns)
{
    top->page = page_for_stdout();
    int error = host_terminal_enter();
    if (error != 0) {
        out_error("cannot use this terminal: %s", host_error_text(error));
        return EXIT_ERROR;
    }
    setvbuf(stdout, NULL, _IOFBF, 65536); /* a picture is written at once */
    slotring_set_log(say_nothing, NULL);
    host_catch_stop(NULL);
    watch(top, interval_ns);
    host_terminal_leave();
    page_free(&top->page);
    if (top->code == EXIT_NO_SPACE)
        out_error("out of memory");
    return top->code == EXIT_DONE ? stop_code() : top->code;
}

static bool values(int64_t *interval_ns)
{
    if (!args_seconds("--interval", given.interval, interval_ns))
        return false;
    if (*interval_ns < LEAST_INTERVAL_NS) {
        out_error("--interval %s: must be at least 0.01 seconds", given.interval);
        return false;
    }
    const char *terminal = getenv("TERM");
    if (host_is_terminal(stdout) && !(terminal && strcmp(terminal, "dumb") == 0))
        return true;
    out_error(
        "needs a terminal; slotring stat --interval writes to a file, a pipe or a terminal without a cursor");
    return false;
}

int command_top(int argc, const char **argv)
{
    int64_t interval_ns = INTERVAL_NS;
    top_t top = {.code = EXIT_DONE};
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    if (values(&interval_ns)) {
        overview_begin(&top.overview, args.count > 0 ? args.operands : NULL);
        top.detail = args.count == 1;
        code = run(&top, (uint64_t)interval_ns);
        overview_end(&top.overview);
    }
    args_free(&args);
    return code;
}
