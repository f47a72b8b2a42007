/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer has to offer to be compared: one small file per peer implements these functions, and is linked with
 * the same harness into a program of its own. The calls are direct and the harness is the same machine code for
 * all, so the difference between two programs is the difference between two peers.
 *
 * The functions end the program with `fail` when something goes wrong that was not to be expected. */
#ifndef SLOTRING_BENCH_PEER_H
#define SLOTRING_BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One connection that is to be made. */
typedef struct shape {
    char name[64];               /* nothing of this name exists yet */
    size_t size;                 /* bytes of each message, a multiple of 8 */
    uint32_t buffers;            /* messages that fit between sender and receiver */
    uint32_t senders, receivers; /* processes; each receiver gets every message */
    uint32_t batch;              /* messages that are to be passed on together */
    bool blocking;               /* sleep rather than spin where there is nothing to do */
    void *made;                  /* the peer's own: set by peer_create, inherited by the processes */
} shape_t;

typedef struct facts {
    const char *name, *setting; /* the setting that was chosen, in words */
    bool spins, blocks;         /* how it can wait */
    bool many_senders, many_receivers, batches, in_place;
    size_t largest; /* message, bytes; 0: no limit */
    /* NULL, or called for each receiver once all senders are open and before anything is sent. */
    void (*settle)(void *receiver);
} peer_facts_t;

const peer_facts_t *peer_facts(void);
const char *peer_version(void);

/* In the first process, before the others start. NULL, or why this machine cannot do it. */
const char *peer_create(shape_t *shape);
void peer_destroy(shape_t *shape);

/* In a process of its own. All receivers are open before the first sender opens. */
void *peer_open_receiver(const shape_t *shape, unsigned number);
void *peer_open_sender(const shape_t *shape, unsigned number);
void peer_close_receiver(void *receiver);
void peer_close_sender(void *sender);

/* Memory for one message of the shape's size; waits for it. */
void *peer_reserve(void *sender);
/* Passes on what was reserved last; with batches, when the batch is full. */
void peer_publish(void *sender);
void peer_flush(void *sender);

/* The next message, to be read until peer_release; waits for it. */
const void *peer_receive(void *receiver);
void peer_release(void *receiver);

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2), noreturn))
#endif
void fail(const char *format, ...);

/* What a processor does while it waits for another one. */
static inline void peer_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#ifdef __cplusplus
}
#endif

#endif
