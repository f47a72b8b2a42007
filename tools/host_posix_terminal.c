/* SPDX-License-Identifier: Apache-2.0 */
/* host_terminal.h on POSIX systems. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* SIGWINCH, struct winsize */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif

#include "host_terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "host.h"

#define ENTER "\033[?1049h\033[?25l\033[H\033[2J" /* another screen, without a cursor, empty */
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define NS_PER_MS UINT64_C(1000000)

static struct termios before; /* as the terminal was */
static volatile sig_atomic_t taken, has_keys, redraw;

bool host_terminal_size(uint32_t *columns, uint32_t *rows)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) != 1)
        return false;
    memset(&size, 0, sizeof size);
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *columns = size.ws_col > 0 ? size.ws_col : 80;
    *rows = size.ws_row > 0 ? size.ws_row : 24;
    return true;
}

/* ---- Taking and giving back: async-signal-safe ---------------------------------------------------- */

static void set_mode(const struct termios *mode)
{
    while (tcsetattr(STDIN_FILENO, TCSADRAIN, mode) != 0 && errno == EINTR)
        ;
}

static void say(const char *sequence)
{
    size_t length = strlen(sequence);
    while (length > 0) {
        ssize_t put = write(STDOUT_FILENO, sequence, length);
        if (put < 0 && errno != EINTR)
            return; /* nobody is there any more */
        sequence += put > 0 ? put : 0;
        length -= put > 0 ? (size_t)put : 0;
    }
}

/* The mode first: in the background this stops the program, before it draws over what another one shows. */
static void take(void)
{
    if (has_keys) {
        struct termios mode = before;
        mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C and Ctrl-Z stay signals */
        mode.c_cc[VMIN] = 1;
        mode.c_cc[VTIME] = 0;
        set_mode(&mode);
    }
    say(ENTER);
    taken = 1;
    redraw = 1;
}

static void give_back(void)
{
    if (!taken)
        return;
    taken = 0;
    say(LEAVE);
    if (has_keys)
        set_mode(&before);
}

/* ---- Signals -------------------------------------------------------------------------------------- */

static void on_resize(int number)
{
    (void)number;
    redraw = 1;
}

static void catch_one(int number, void (*handler)(int))
{
    struct sigaction action, was;
    if (sigaction(number, NULL, &was) == 0 && was.sa_handler == SIG_IGN)
        return; /* as the caller wants it */
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigfillset(&action.sa_mask);
    sigdelset(&action.sa_mask, SIGTTOU); /* in the background it stops whoever takes the terminal */
    sigaction(number, &action, NULL);
}

static void on_continue(int number)
{
    int saved = errno;
    (void)number;
    take();
    errno = saved;
}

/* Gives the terminal back, and lets the signal do what it does without a handler: it stops the program here, or ends it. A program
 * without a shell that could continue it is not stopped at all. */
static void on_end(int number)
{
    int saved = errno;
    sigset_t one;
    give_back();
    signal(number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &one, NULL); /* here it acts */
    catch_one(number, on_end);
    take();
    errno = saved;
}

int host_terminal_enter(void)
{
    static const int ends[] = {SIGTSTP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    has_keys = isatty(STDIN_FILENO) == 1;
    if (has_keys && tcgetattr(STDIN_FILENO, &before) != 0)
        return errno;
    atexit(give_back);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        catch_one(ends[i], on_end);
    catch_one(SIGCONT, on_continue);
    catch_one(SIGWINCH, on_resize);
    take();
    return 0;
}

void host_terminal_leave(void)
{
    sigset_t all, was;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &was); /* a stop in between would take the terminal again */
    give_back();
    signal(SIGCONT, SIG_DFL);
    sigprocmask(SIG_SETMASK, &was, NULL);
}

/* ---- Keys ----------------------------------------------------------------------------------------- */

static char typed[64]; /* and not yet given; several keys may come at once */
static size_t typed_count;

/* Takes the first key from what was typed. A terminal sends the bytes of an arrow together. */
static int first_key(void)
{
    static const char letters[] = "ABCD";
    static const int arrows[] = {HOST_KEY_UP, HOST_KEY_DOWN, HOST_KEY_RIGHT, HOST_KEY_LEFT};
    bool is_sequence =
        typed_count >= 3 && typed[0] == HOST_KEY_ESCAPE && (typed[1] == '[' || typed[1] == 'O');
    const char *letter = is_sequence ? memchr(letters, typed[2], sizeof letters - 1) : NULL;
    int key = is_sequence        ? letter ? arrows[letter - letters] : HOST_KEY_OTHER
              : typed[0] == '\r' ? HOST_KEY_ENTER
              : typed[0] > 0     ? typed[0]
                                 : HOST_KEY_OTHER;
    typed_count -= is_sequence ? 3 : 1;
    memmove(typed, typed + (is_sequence ? 3 : 1), typed_count);
    return key;
}

int host_terminal_key(uint64_t wait_ns)
{
    struct pollfd keys = {.fd = has_keys ? STDIN_FILENO : -1, .events = POLLIN};
    uint64_t end = host_clock_ns() + wait_ns;
    for (;;) {
        uint64_t now = host_clock_ns();
        if (redraw) {
            redraw = 0;
            return HOST_KEY_REDRAW;
        }
        if (typed_count > 0)
            return first_key();
        if (now >= end || host_stop_requested())
            return HOST_KEY_NONE;
        int ready = poll(&keys, 1, (int)((end - now) / NS_PER_MS + 1));
        if (ready <= 0)
            continue;
        ssize_t count = read(STDIN_FILENO, typed, sizeof typed);
        if (count > 0)
            typed_count = (size_t)count;
        else if (count == 0 || errno != EINTR)
            has_keys = 0, keys.fd = -1; /* whoever pressed keys has gone */
    }
}
