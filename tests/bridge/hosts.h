/* SPDX-License-Identifier: Apache-2.0 */
/* Two hosts in one machine: a ring at the source, a ring at the target, a log in a folder between them, and the two halves of the bridge as
 * processes. */
#ifndef TEST_BRIDGE_HOSTS_H
#define TEST_BRIDGE_HOSTS_H

#include "files/files.h"
#include "receiver.h"
#include "sender.h"
#include "support/ring.h"
#include "support/suite.h"

typedef struct hosts {
    char folder[400]; /* of the log */
    /* NULL: the log in the folder. Else another engine. */
    int (*open_engine)(bridge_engine_t **engine, const char *folder, uint64_t entries, bridge_error_t *error);
    uint64_t log_entries; /* limit; 0: none */
    size_t pack_bytes;    /* 0: the default */
    uint32_t pressure;    /* enum bridge_pressure; the log of a lossy one drops its oldest entries */
    uint64_t budget_messages, budget_ns;
    int64_t silence_ns;           /* of the receiver; 0: the default */
    uint32_t target_writers;      /* 0: the default */
    unsigned dies_at;             /* the next half that starts (mortal.h); 0: never */
    slotring_options_t at_target; /* the ring that the receiver makes */
    slotring_t *source, *target;
    slotring_reader_t *reader; /* lossless, at the target, told of marks */
    uint8_t *buffer;           /* for one message */
} hosts_t;

/* Of all messages: their largest size. */
#define LARGEST 30000u

/* Those of this test. */
hosts_t *hosts_now(void);
/* A source of so many slots, and a log. */
hosts_t *hosts_make(uint64_t slots, uint64_t slot_size);
/* A target with the lineage of the source, and a lossless reader from its beginning. */
void hosts_make_target(uint64_t slots, uint64_t slot_size);
/* Attaches to the target that the receiver has made. */
void hosts_wait_for_target(void);
/* Until the sender's subscription is there: what comes then, marks too, travels. */
void hosts_wait_for_sender(void);
void remove_one(slotring_t *ring, const char *name);
/* Closes and removes all; the target is audited. */
void hosts_remove(void);

const char *source_name(void);
const char *target_name(void);

peer_t start_sender(void);
peer_t start_sender_of(const char *remote); /* with a subscription of its own */
peer_t start_receiver(void);
/* Asks it to stop, and gives its report. */
bridge_sender_report_t stop_sender(peer_t *sender);
bridge_receiver_report_t stop_receiver(peer_t *receiver);
/* It must end by itself, with this result and a sentence that has `words`. */
void expect_end(peer_t *half, int code, const char *words);

/* Stops it with SIGSTOP, while it does not have the lock of the log in the folder. */
void hosts_stop(peer_t *half);

uint64_t size_of_message(uint64_t n);
/* Publishes message n, of a size that n gives, with a handle of the source; waits for room. */
void send_one(slotring_t *ring, uint64_t n);
/* False: there was no room for it in this time. */
bool send_one_within(slotring_t *ring, uint64_t n, int64_t timeout_ns);
/* The next one at the target is message n: its bytes, its tag, and its number. */
void expect_message(uint64_t n, uint64_t number);
void expect_messages(uint64_t from, uint64_t end);
/* The next thing there is a mark of this kind, or other news. */
slotring_mark_t expect_mark(uint32_t kind);
void expect_news(int code);
/* A producer with a handle and a name of its own at the source; and what readers at the target are told of it. */
slotring_t *open_producer(const char *name);
void expect_lost(int code, const char *name);

#endif
