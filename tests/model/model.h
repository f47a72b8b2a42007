/* SPDX-License-Identifier: Apache-2.0 */
/* A model of the protocol as src/ implements it, small enough that a machine can try every order of events and every
 * kill. README.md in this folder says what is modelled and how to read it.
 *
 * A thread of the model is a stack of procedures, one for each function of src/ that takes part. Each STEP is one
 * access to a word that others can see, with the local work after it. Its label stands in the comments of src/.
 * States hold ints only, each from -1 to 254, so that they can be packed, hashed and compared without knowing them.
 */
#ifndef SR_MODEL_H
#define SR_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
    MAX_SLOTS = 3,
    MAX_ORDER = 8,
    MAX_THREADS = 4,
    MAX_ACTORS = MAX_THREADS + 1, /* and whoever repairs */
    MAX_PARTICIPANTS = 4,
    MAX_SUBSCRIPTIONS = 2,
    MAX_FRAMES = 7,
    MAX_PENDING = 4,
    NEVER = 50, /* above every sequence of the model */
    NONE = -1
};

/* -- words of a slot: state:3 | owner:2 | retired | withdrawn | stale. Versions: see word_set() in words.c. PINNED
 * is a way to write PUBLISHED with an owner: word_state() says PUBLISHED, word_pinner() says who. -- */

enum {
    FREE = 1, /* 0: no word was saved */
    CLAIMED,
    RECLAIM,
    COMMIT,
    PUBLISHED,
    PINNED
};
enum {
    NOBODY = 7, /* owns what is FREE or PUBLISHED, but for a pin */
    RETIRED = 32,
    WITHDRAWN = 64,
    STALE = 128 /* of a saved copy: the slot's version has grown since, so it never compares equal again */
};

typedef struct slot {
    int word, hold, sequence;
    int message,
        withdrawn; /* what really is in the slot, for the invariants: nobody in the model reads these */
    int producer,
        content; /* content: the message whose bytes stand in the payload, NONE while somebody writes there */
} slot_t;

typedef struct entry {
    int sequence, slot;      /* sequence NONE: empty */
    int withdrawn, deferred; /* which publication of this place is marked as withdrawn; is one deferred */
} entry_t;

enum {
    SUBSCRIPTION_FREE,
    SUBSCRIPTION_JOIN,
    SUBSCRIPTION_ACTIVE
};

typedef struct subscription {
    int state, owner, gates, cursor, start, missed, jump_to, jump_missed, pending;
    int delivered; /* really delivered, for the invariants */
} subscription_t;

/* -- streams: what a participant's stream word counts, and what is said of its last death -- */

enum {
    NO_STREAM,
    STREAMING,
    ENDED,
    DIED
};
enum {
    UP_TO_DATE = 1 /* a saved generation of the streams that still is the current one */
};

/* Who died: two fields that belong together, and the record's version, 0 while it is written. */
typedef struct death {
    int version, who, last;
} death_t;

typedef struct stream {
    int phase, started, deaths, noted;
    death_t records[2];       /* of even deaths, and of odd ones */
    int last, really_last[3]; /* what this incarnation, and the dead ones, really published last */
} stream_t;

enum {
    PUBLISHED_EVENT,
    SPACE_EVENT,
    EVENTS
};

/* Private to a participant, shared by its threads. */
typedef struct participant {
    int dead, gate, seen_end, walked;
    int references[MAX_SLOTS], clearing[MAX_SLOTS], pins[MAX_SLOTS];
    int sleepers[EVENTS];
    int closed, streaming;
} participant_t;

typedef struct frame {
    int procedure, at; /* `at`: the step that comes next */
    int slot, word;    /* a saved word of `slot` */
    int t, a, b, c;
} frame_t;

typedef struct thread {
    int depth, result, left, idle;
    int pending[MAX_PENDING],
        values[MAX_PENDING];    /* release stores that others do not see yet, oldest first */
    int watching, news, asleep; /* event + 1; was it bumped since */
    int reading[MAX_SLOTS];     /* message + 1 that it trusts to stay, for the invariants */
    int pinned[MAX_SLOTS];      /* what it holds there it holds by the word */
    int writing, empty_at;      /* slot + 1; cursor + 1 at which it found nothing */
    int stream_seen, due, ended, told[MAX_PARTICIPANTS],
        starts; /* a reader's private view of the streams; see change() in stream.c */
    int looking,
        quiet; /* it looks at the streams; was there a moment at which none was open, for the invariants */
    frame_t frames[MAX_FRAMES];
} thread_t;

typedef struct state {
    slot_t slots[MAX_SLOTS];
    entry_t order[MAX_ORDER];
    int tail, frontier, gates, any_gates, summary, leaf[MAX_SLOTS], end; /* end: what really is published */
    subscription_t subscriptions[MAX_SUBSCRIPTIONS];
    int waiters[EVENTS][MAX_PARTICIPANTS], waiters_summary[EVENTS];
    stream_t streams[MAX_PARTICIPANTS];
    int remove_when_unused, mutex, removed;
    int kills, repairing; /* participant under repair + 1 */
    int stops, stopped;   /* thread + 1 */
    participant_t participants[MAX_PARTICIPANTS];
    thread_t threads[MAX_ACTORS];
} state_t;

/* What a configuration lets its threads do. */
enum {
    MAY_ABORT = 1,
    MAY_FREE = 2,
    MAY_RELEASE = 4,
    MAY_LEAVE = 8,     /* a lossless reader may unsubscribe whenever nothing is there */
    MAY_FORGE = 16,    /* tickets of what is not listed, or not yet */
    KEEPS = 32,        /* when_full = SLOTRING_KEEP */
    WAITS = 64,        /* blocked calls sleep; else they try again */
    GIVES_UP = 128,    /* an allocation that finds nothing fails */
    FROM_OLDEST = 256, /* readers start with the history */
    BATCHES = 512,     /* producers claim two, then publish two */
    WIDE_SETS = 2048,  /* hold bits of different participants in different words */
    WEAK = 1024,       /* release stores become visible late */
    STREAMS = 4096,    /* producers open and end streams, readers hear of it */
    CLOSES = 8192,     /* who has done everything closes its handle */
    STOPS = 16384,     /* one thread may stop for ever, without dying */
    TIMES_OUT = 32768, /* who waits may give up */
};

enum {
    ALWAYS,
    LARGE
};

/* roles: a letter for each thread. P producer, L lossless reader, Y lossy reader, T holder of tickets, O observer
 * that copies, U who removes the ring when it is unused.
 * participants: whose thread it is, a digit each. */
typedef struct configuration {
    const char *name, *roles, *participants;
    int slots, order, lag,
        width; /* width: slots in a word of the lowest level of the free map, and waiters in a word */
    int messages, reads, subscriptions, kills, may;
    int when; /* ALWAYS: with the tests; LARGE: by ci/model, and where planted bugs ask for it */
} configuration_t;

typedef struct model {
    const configuration_t *config;
    int fault, threads, participants, actor;
    bool yielded, blocked;
    bool misfortune; /* a kill or a stop: it may come, but nobody can count on it */
    int choice, choices;
    const char *violation, *label;
    state_t s; /* last: of its threads only those in use are copied */
} model_t;

#include "steps.h"

/* machine.c */
void model_start(model_t *m, const configuration_t *config, int fault);
void model_copy(model_t *to, const model_t *from); /* of the same configuration */
void model_call(model_t *m, thread_t *self, int procedure, int slot, int t);
void model_return(thread_t *self, int value);
void model_fail(model_t *m, const char *why);
int model_choose(model_t *m, int count);
int model_me(const model_t *m, const thread_t *self);
bool model_may(const model_t *m, int what);
void model_advance(model_t *m, thread_t *self); /* up to its next step */
void model_reset_thread(model_t *m, int actor);
void model_reset_participant(model_t *m, int p);
/* moves.c: the number of things that can happen next; `model_do` does one: false if it cannot happen after all. */
int model_moves(const model_t *m);
bool model_do(model_t *m, int move, int choice);
bool model_could(const model_t *m, int move); /* a cheap first look: false if it certainly cannot happen */
bool has_role(const configuration_t *c, char role);
bool has_participant(const configuration_t *c, int participant);
bool is_bystander(const configuration_t *c, int participant); /* its threads take no part in the ring */
/* Lets one actor run, alone, until `procedure` is over (its result) or nothing goes on (NONE). */
int model_run_alone(model_t *m, int actor, int procedure, int limit);

/* words.c */
int word_make(int state, int owner, int flags);
int word_state(int word);
int word_owner(int word);
int word_pinner(int word);        /* who holds what is PUBLISHED by the word; NOBODY */
bool word_is_retired(int word);   /* PUBLISHED and retired: not in the walk */
bool word_is_committed(int word); /* COMMIT or PUBLISHED */
bool word_cas(model_t *m, thread_t *self, frame_t *f, int to, bool new_version);
/* Release stores, which others may see later than the thread's next loads. */
void weak_sequence(model_t *m, thread_t *self, int slot, int sequence);
void weak_word(model_t *m, thread_t *self, int slot, int word);
void weak_cursor(model_t *m, thread_t *self, int subscription, int cursor);
void weak_content(model_t *m, thread_t *self, int slot, int content);
bool late_is_word(int what);
int load_sequence(const model_t *m, const thread_t *self, int slot);
void drain(model_t *m, thread_t *self);     /* others see all that was stored */
void drain_one(model_t *m, thread_t *self); /* the oldest of it */
entry_t *order_at(model_t *m, int t);
/* withdrawn.c, deferred.c */
int withdrawn_skip(model_t *m, int from, int limit);
int deferred_find(model_t *m, int from);    /* NONE: none */
int entry_age(const entry_t *entry, int t); /* below 0 older, 0 current, above 0 newer */

/* hold.c */
bool is_alone(const model_t *m, const thread_t *self); /* is it its participant's only thread */

/* subscribe.c */
void subscription_leave(subscription_t *subscription);

/* publish.c */
void append(model_t *m, thread_t *self, int slot); /* a planted bug of repair.c */

/* stream.c */
int producer_mark(const model_t *m, int participant);
bool is_stream_news_due(const model_t *m, const thread_t *self); /* of a death, or of the end */

/* invariants.c */
void check_always(model_t *m);
bool is_quiet(const model_t *m);
void check_at_rest(model_t *m);

/* faults.c: planted bugs, each of which the named configuration must find. */
typedef struct fault {
    const char *name, *configuration, *step, *what;
} fault_t;
extern const fault_t faults[];
extern const int fault_count;
#include "faults.h"
#define FAULT(name) (m->fault == FAULT_##name)

/* configurations.c */
extern const configuration_t configurations[];
extern const int configuration_count;

/* alike.c */
void make_alike(model_t *m);

/* pack.c: a state as few bytes, the same for states that behave alike. */
enum {
    PACKED_MAX = sizeof(state_t) / sizeof(int)
};
typedef uint8_t packed_t[PACKED_MAX];
void pack_plan(const configuration_t *c);
int pack(const configuration_t *c, const state_t *s, packed_t to); /* its length */
int pack_as_it_is(const state_t *s, packed_t to);                  /* whoever behaves alike */
void unpack(state_t *s, const uint8_t *from);
uint64_t fingerprint(const uint8_t *state, int length);

/* search.c */
typedef struct outcome {
    uint64_t states, moves, kinds;
    double seconds;
    bool complete;
    const char *violation; /* NULL: none */
    int steps;             /* how many lead there */
} outcome_t;
outcome_t search(const configuration_t *config, int fault, double seconds, uint64_t most, bool trace);
/* Keeps states apart that behave alike, and counts their kinds: as many as search() finds states. */
outcome_t search_apart(const configuration_t *config);

/* reached.c: which steps were ever taken. Prints those that were not; their number. */
void count_steps_reached(const model_t *m);
int print_steps_not_reached(void);

#endif
