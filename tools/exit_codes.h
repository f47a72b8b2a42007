/* SPDX-License-Identifier: Apache-2.0 */
/* The exit codes of the program, for scripts. slotring(1) documents them; numbers never change. */
#ifndef SLOTRING_TOOL_EXIT_CODES_H
#define SLOTRING_TOOL_EXIT_CODES_H

enum {
    EXIT_DONE = 0,
    EXIT_ERROR = 1,     /* the operation failed for another reason than those below */
    EXIT_USAGE = 2,     /* unknown option, missing or impossible value */
    EXIT_NOT_FOUND = 3, /* no ring of this name, no such process or subscription in it, no such input file */
    EXIT_IN_USE = 4,    /* exists already, or in use, or locked by another process */
    /* check found something, read --verify a message that is not what was published; or the segment is not a sound ring of this
     * version and boot */
    EXIT_DAMAGED = 5,
    EXIT_TIMED_OUT = 6,
    EXIT_DIED = 7,        /* read: a producer died, its complete messages were received */
    EXIT_MISSED = 8,      /* read: messages were missed that were not to be missed */
    EXIT_BROKEN_PIPE = 9, /* whoever read our output has gone */
    EXIT_NO_SPACE = 10,   /* too little shared memory, memory or disk */
    EXIT_SIGNAL = 128,    /* plus the number of the signal that ended the command */
};

#endif
