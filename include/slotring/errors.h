/* SPDX-License-Identifier: Apache-2.0 */
/* The only list of the error codes: name, number, fixed text. A number never changes. New codes are added at the end. */
#ifndef SLOTRING_ERRORS_H
#define SLOTRING_ERRORS_H

/* X(name, number, text) for each code. */
#define SLOTRING_ERROR_MAP(X)                                                                 \
    X(INVALID, -1, "invalid argument")                                                        \
    X(NAME, -2, "not a valid ring name")                                                      \
    X(SIZE, -3, "size out of range")                                                          \
    X(TOO_LARGE, -4, "message larger than a slot, or than the ring")                          \
    X(FULL, -5, "no slot is free and none may be reclaimed")                                  \
    X(TIMEOUT, -6, "timed out")                                                               \
    X(EMPTY, -7, "nothing to read yet")                                                       \
    X(END, -8, "end of stream: every producer has ended and all was read")                    \
    X(PRODUCER_DIED, -9, "a producer died")                                                   \
    X(STALE, -10, "the publication is gone")                                                  \
    X(FOREIGN, -11, "the ticket is of another ring, or of an earlier one of this name")       \
    X(NOT_READY, -12, "nothing is published there")                                           \
    X(NOT_HELD, -13, "not held: released already, or never acquired")                         \
    X(NOT_OWNER, -14, "belongs to another handle")                                            \
    X(STATE, -15, "not possible in this state")                                               \
    X(EXISTS, -16, "a ring of this name exists")                                              \
    X(NOT_FOUND, -17, "no ring of this name")                                                 \
    X(GEOMETRY, -18, "the ring has other sizes or settings")                                  \
    X(VERSION, -19, "the ring has another layout version")                                    \
    X(FEATURE, -20, "the ring uses a feature that this version does not know")                \
    X(ENDIAN, -21, "the ring was made on a machine of the other byte order")                  \
    X(NOT_A_RING, -22, "not a slotring segment")                                              \
    X(CORRUPT, -23, "the ring's control data is damaged")                                     \
    X(TRUNCATED, -24, "the segment is shorter than its header says")                          \
    X(NO_SPACE, -25, "not enough shared memory")                                              \
    X(NO_MEMORY, -26, "not enough memory")                                                    \
    X(ADDRESS_SPACE, -27, "the ring does not fit into this process's address space")          \
    X(ACCESS, -28, "permission denied")                                                       \
    X(OWNER, -29, "owned by another user who is not trusted")                                 \
    X(READ_ONLY, -30, "an observer cannot change the ring")                                   \
    X(PARTICIPANTS, -31, "as many participants are attached as the ring admits")              \
    X(READERS, -32, "as many readers are subscribed as the ring admits")                      \
    X(FORKED, -33, "the handle belongs to the parent process; open the ring in this one")     \
    X(CLOSED, -34, "the handle is closed")                                                    \
    X(EVICTED, -35, "this participant was taken for dead and repaired; close and open again") \
    X(BUSY, -36, "in use by another process")                                                 \
    X(BACKEND, -37, "the backend is not there, or the ring was made with another one")        \
    X(UNSUPPORTED, -38, "not supported here")                                                 \
    X(INTERRUPTED, -39, "interrupted by slotring_interrupt, or by the check of a wait")       \
    X(OS, -40, "the operating system refused")                                                \
    X(OTHER_BOOT, -41, "made before the machine was restarted")                               \
    X(REMOVED, -42, "somebody else removed the ring's files: nobody new can join")            \
    X(WRITERS, -43, "as many writers are open as the ring admits")                            \
    X(STOPPED, -44, "stopped: no call waits until slotring_resume or slotring_reader_resume") \
    X(CHECKSUM, -45, "the message is not what its producer published")                        \
    X(REVOKED, -46, "producers do not wait for this reader any more")                         \
    X(MARK, -47, "a mark lies before the next message: slotring_reader_mark says which")      \
    X(SUBSCRIBED, -48, "a living process has this durable subscription")                      \
    X(HOLDS, -49, "this handle holds as many slots as it may")                                \
    X(SOURCE_LOST, -50, "the way to a producer elsewhere is lost")

#define SLOTRING_ERROR_ENUM(name, number, text) SLOTRING_E_##name = number,
/* SLOTRING_E_ and the name of each code. */
enum {
    SLOTRING_OK = 0,
    SLOTRING_ERROR_MAP(SLOTRING_ERROR_ENUM) SLOTRING_E_LAST = -51
};
#undef SLOTRING_ERROR_ENUM

#endif
