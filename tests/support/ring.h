/* SPDX-License-Identifier: Apache-2.0 */
/* Rings for tests: opened in one line, written and read with payload that is checked, audited at the end. */
#ifndef TEST_RING_H
#define TEST_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "check.h"
#include "pattern.h"
#include "slotring/slotring.h"

#define SECOND INT64_C(1000000000)
#define MILLISECOND INT64_C(1000000)
#define FOR_EVER INT64_C(-1)
/* Long enough that only what will never happen takes longer. */
#define PATIENCE (60 * SECOND)

/* A name that no other process's ring has. Valid until the end of the test. */
const char *ring_name(void);
const char *ring_name_of(const char *suffix);

/* Options for a ring of `slots` slots of `slot_size` bytes; 0, 0 to attach. */
slotring_options_t ring_options(uint32_t mode, uint64_t slots, uint64_t slot_size);

slotring_t *ring_open_with(const char *name, const slotring_options_t *options);
slotring_t *ring_create(const char *name, uint64_t slots, uint64_t slot_size);
slotring_t *ring_attach(const char *name);
slotring_t *ring_observe(const char *name);

/* Options, and a handle, whose calls do not spin before they sleep, and sleep so long that they return within NOT_WOKEN by a
 * wake-up only. Slots of 64 bytes; 0 to attach. */
#define NOT_WOKEN (9 * SECOND) /* less than the slice; and no machine stands still that long */
slotring_options_t ring_options_sleepy(uint32_t mode, uint64_t slots);
slotring_t *ring_open_sleepy(const char *name, uint32_t mode, uint64_t slots);

/* Closes the handle, removes the ring and checks that nothing is left of it. */
void ring_remove(slotring_t *ring, const char *name);

/* Does a ring stay without users? Where it does not, one that a test has made by itself must be kept, if it is to be
 * there after its last user has closed it (ring_create and ring_open_with do that). */
bool ring_persists(void);
/* Can several users share a ring? */
bool ring_shares_users(void);
void ring_keep(const char *name);

/* Does the name lead to a complete ring? */
bool ring_exists(const char *name);
/* Bytes of a ring's segment, as the system has it. */
size_t ring_size(const char *name);
/* Maps a ring's segment for reading and writing, whoever else uses it. */
void *ring_map(const char *name, size_t *size);
void ring_unmap(void *memory);
/* Does a copy of mapped memory differ from it by now? Brings the copy up to date. Quick with every C library (musl's memcmp
 * is not): it is asked after each instruction of a process, and when that reads the clock so slowly that a tick of the kernel
 * falls into each try, Linux has it try again for ever. */
bool ring_changed_since(void *copy, const void *memory, size_t size);

slotring_stats_t ring_stats(slotring_t *ring);
slotring_info_t ring_info(slotring_t *ring);
/* Its account, which adds up at any time. */
slotring_reader_info_t reader_info(slotring_reader_t *reader);

/* Publishes message `number` of `producer`, waiting for a slot. */
slotring_ticket_t publish(slotring_t *ring, uint32_t producer, uint64_t number);
/* Publishes the messages `first` to before `end` of producer 1. */
void publish_from(slotring_t *ring, uint64_t first, uint64_t end);
/* Allocates, fills and tags without publishing; *length is for mark_ready. */
void prepare(slotring_t *ring, uint32_t producer, uint64_t number, slotring_slot_t *slot, uint64_t *length);

/* Subscribes from now, or from the oldest; or with these options. */
slotring_reader_t *subscribe(slotring_t *ring, uint32_t mode, uint32_t start);
slotring_reader_options_t reader_options(uint32_t mode, uint32_t start);
slotring_reader_t *subscribe_with(slotring_t *ring, const slotring_reader_options_t *options);

/* Takes the next message, which must be there within PATIENCE and whole, and releases it. Returns its tag. */
uint64_t take(slotring_reader_t *reader);
/* The same, for a message that must be there already, with this tag. */
void take_now(slotring_reader_t *reader, uint64_t tag);
/* Takes message `number` of producer 1, which must be there already, and keeps it. */
void take_out(slotring_reader_t *reader, slotring_slot_t *slot, uint64_t number);

/* Acquires by ticket, checks every byte, keeps it. */
void hold(slotring_t *ring, const slotring_ticket_t *ticket, slotring_slot_t *slot);
/* The same, and releases it. */
void read_once(slotring_t *ring, const slotring_ticket_t *ticket);

/* Fails the test when slotring_check finds anything but that a ring that was removed has lost its files, or the sums of the statistics do not add up. */
void check_ring(slotring_t *ring);
/* The same, and no slot may be in anybody's hands. */
bool ring_is_full(slotring_t *ring); /* a producer gets no slot now */
void check_ring_at_rest(slotring_t *ring);
/* Repairs after the dead and checks that the ring is as good as new for those who live: audit, every slot usable,
 * data flows. `participants`: how many must be attached, the caller's handle included. */
void check_recovered(slotring_t *ring, uint64_t participants);

/* A monotonic clock. */
int64_t now_ns(void);

bool same_ticket(const slotring_ticket_t *a, const slotring_ticket_t *b);

#endif
