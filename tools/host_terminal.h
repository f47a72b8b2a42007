/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal, for a screen that is drawn again and again. host_<system>_terminal.c implements it. It understands the sequences of
 * the VT100 and its successors, as all terminals of today do, and the console of Windows 10 and later: so there is one way for all
 * systems, and no library. */
#ifndef SLOTRING_TOOL_HOST_TERMINAL_H
#define SLOTRING_TOOL_HOST_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

/* Columns and rows of the terminal that standard output is; 80 and 24 where it does not say. False: it is none. */
bool host_terminal_size(uint32_t *columns, uint32_t *rows);

/* Takes the terminal: keys come at once and are not shown, and what is drawn leaves no trace. 0, or an error number. From then on it is
 * given back whatever ends the program but SIGKILL, and while the program is stopped. */
int host_terminal_enter(void);
/* Gives it back as it was. Nothing to do if it was not taken. */
void host_terminal_leave(void);

enum {                 /* host_terminal_key */
    HOST_KEY_NONE = 0, /* the time is over, or a request to stop came */
    HOST_KEY_ENTER = '\n',
    HOST_KEY_ESCAPE = 27,
    HOST_KEY_UP = 256,
    HOST_KEY_DOWN,
    HOST_KEY_LEFT,
    HOST_KEY_RIGHT,
    HOST_KEY_REDRAW, /* the terminal has another size, or the program goes on after a stop */
    HOST_KEY_OTHER,
};

/* Waits for a key. Nobody is there to press one if standard input is no terminal: then it waits for the time to be over. */
int host_terminal_key(uint64_t wait_ns);

#endif
