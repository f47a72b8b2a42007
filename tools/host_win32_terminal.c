/* SPDX-License-Identifier: Apache-2.0 */
/* host_terminal.h on Windows: its console, from Windows 10 on. */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define _WIN32_WINNT 0x0602
#include <windows.h>

#include "host_terminal.h"

#include <stdlib.h>
#include <string.h>

#include "host.h"

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif
#define ENTER "\033[?1049h\033[?25l\033[H\033[2J" /* another screen, without a cursor, empty */
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define NS_PER_MS UINT64_C(1000000)
#define LOOK_EVERY_MS 50u /* whether a request to stop came */

static DWORD output_before, input_before;
static bool taken, has_keys;

bool host_terminal_size(uint32_t *columns, uint32_t *rows)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    DWORD mode;
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE);
    if (!GetConsoleMode(output, &mode))
        return false;
    *columns = 80;
    *rows = 24;
    if (GetConsoleScreenBufferInfo(output, &info)) {
        *columns = (uint32_t)(info.srWindow.Right - info.srWindow.Left + 1);
        *rows = (uint32_t)(info.srWindow.Bottom - info.srWindow.Top + 1);
    }
    return true;
}

static void say(const char *sequence)
{
    DWORD done;
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), sequence, (DWORD)strlen(sequence), &done, NULL);
}

void host_terminal_leave(void)
{
    if (!taken)
        return;
    taken = false;
    say(LEAVE);
    SetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), output_before);
    if (has_keys)
        SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), input_before);
}

int host_terminal_enter(void)
{
    HANDLE output = GetStdHandle(STD_OUTPUT_HANDLE), input = GetStdHandle(STD_INPUT_HANDLE);
    if (!GetConsoleMode(output, &output_before) ||
        !SetConsoleMode(output, output_before | ENABLE_VIRTUAL_TERMINAL_PROCESSING))
        return (int)GetLastError();
    has_keys = GetConsoleMode(input, &input_before) != 0;
    if (has_keys) /* Ctrl-C stays a request to stop */
        SetConsoleMode(input, ENABLE_PROCESSED_INPUT | ENABLE_WINDOW_INPUT);
    taken = true;
    atexit(host_terminal_leave);
    say(ENTER);
    return 0;
}

/* HOST_KEY_NONE: it is none. */
static int key_of(const INPUT_RECORD *record)
{
    const KEY_EVENT_RECORD *key = &record->Event.KeyEvent;
    if (record->EventType == WINDOW_BUFFER_SIZE_EVENT)
        return HOST_KEY_REDRAW;
    if (record->EventType != KEY_EVENT || !key->bKeyDown)
        return HOST_KEY_NONE;
    switch (key->wVirtualKeyCode) {
    case VK_UP:
        return HOST_KEY_UP;
    case VK_DOWN:
        return HOST_KEY_DOWN;
    case VK_LEFT:
        return HOST_KEY_LEFT;
    case VK_RIGHT:
        return HOST_KEY_RIGHT;
    case VK_RETURN:
        return HOST_KEY_ENTER;
    case VK_ESCAPE:
        return HOST_KEY_ESCAPE;
    default:
        return key->uChar.UnicodeChar > 0 && key->uChar.UnicodeChar < 128 ? key->uChar.UnicodeChar
                                                                          : HOST_KEY_NONE;
    }
}

int host_terminal_key(uint64_t wait_ns)
{
    HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    uint64_t end = host_clock_ns() + wait_ns, now;
    while (!host_stop_requested() && (now = host_clock_ns()) < end) {
        uint64_t left = (end - now) / NS_PER_MS + 1;
        DWORD ms = left < LOOK_EVERY_MS ? (DWORD)left : LOOK_EVERY_MS;
        INPUT_RECORD record;
        DWORD count;
        if (!has_keys) {
            host_sleep(ms * NS_PER_MS);
            continue;
        }
        if (WaitForSingleObject(input, ms) != WAIT_OBJECT_0)
            continue;
        int key = ReadConsoleInputW(input, &record, 1, &count) ? key_of(&record) : HOST_KEY_NONE;
        if (key != HOST_KEY_NONE)
            return key;
    }
    return HOST_KEY_NONE;
}
