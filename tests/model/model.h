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
    MAX_FRAMES = 9,
    MAX_PENDING = 4,
    MAX_ROWS = 2,     /* writers of records */
    MAX_RECORDS = 2,  /* that fit into a block */
    MARK_CLASSES = 2, /* of runs, and the others */
    GROUP_TAKES = 4,  /* take words of a group: at least as many as slots */
    MARK_ENTRIES = 2, /* of each class: the last one is kept, the next one is filled in */
    MAX_MARKS = 4,
    PENDING = 60, /* a mark without a place yet, + its number in its class: above every sequence */
    NEVER = 50,   /* above every sequence of the model */
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
    PINNED,
    PIECE /* a piece of a span, at rest: its head says what becomes of it */
};
enum {
    NOBODY = 7, /* owns what is FREE, PUBLISHED but for a pin, or PIECE */
    RETIRED = 32,
    WITHDRAWN = 64,
    STALE = 128 /* of a saved copy: the slot's version has grown since, so it never compares equal again */
};

typedef struct slot {
    int word, hold, sequence;
    int letter; /* the bit of the group: the message is a dead letter, or is about to be one */
    int message,
        withdrawn; /* what really is in the slot, for the invariants: nobody in the model reads these */
    int producer,
        content; /* content: the message whose bytes stand in the payload, NONE while somebody writes there */
} slot_t;

/* -- records: what stands in a slot that is a block, and the rows of those who write them -- */

enum {
    WHOLE,    /* a message of its own */
    RECORDS,  /* a block */
    NUMBERED, /* a message of its own, with a number in its writer's row */
};

/* A header: what it says to a reader. A record's is HEADER_RECORD + its number * MAX_ROWS + its row, so that a reader
 * who takes one for another is noticed. */
enum {
    HEADER_NONE, /* the end of what is committed so far */
    HEADER_END,
    HEADER_GARBAGE, /* whatever was there before: a reader that comes to it takes it for a record */
    HEADER_RECORD
};

typedef struct block {
    int kind, writer, number, base;
    int headers[MAX_RECORDS];
    int freed;  /* a bit for each header */
    int spoilt; /* a producer has begun to write there: of the bytes, for the invariants */
} block_t;

/* -- spans: messages of several slots, a head and its pieces -- */

enum {
    NO_SPAN, /* what the head's content word says */
    SPAN
};

/* Links name a slot + 1, with STALE when its version has grown since; 0: none. next: the piece behind this one. current,
 * following: of a head, where the freeing of its pieces is. head: of a piece, whose, + 1. length: slots of the span, for the
 * invariants. */
typedef struct span {
    int kind, next, current, following, head, length;
} span_t;

/* owner: participant + 1. claimed: the word of `slot` as it was claimed, 0: it has no open block; slot + 1. For the
 * invariants: what was committed, how far that is listed, and the latest block that is. */
typedef struct row {
    int owner, claimed, slot, block, total;
    int committed, listed, listed_block;
} row_t;

/* What a reader knows of a row. next: the first record that it has not had, NONE: none so far. slot + 1: of the block
 * that it reads where it is open; with its number, its base, and, of a lossy reader, its word. done: the number of the
 * latest block that it has read to its end. */
typedef struct view {
    int next, slot, number, base, word, behind, done;
} view_t;

enum {
    IN_TURN, /* of `behind`: older blocks may still lie in the order */
    BEHIND,
    ORDER_WAS_EMPTY
};

/* -- marks beside the order, each class in a table of its own -- */

/* counts: one word. For the invariants: the place of each mark + 1, and how many have theirs, in the order of making. */
typedef struct marks {
    int counts[MARK_CLASSES], places[MARK_CLASSES][MARK_ENTRIES], serials[MARK_CLASSES][MARK_ENTRIES];
    int really[MARK_CLASSES][MAX_MARKS], placed, last_place;
    int order[MARK_CLASSES][MAX_MARKS]; /* likewise: the serial number of each + 1 */
} marks_t;

/* What a reader has been told. next: of each class. serial, place: what it has copied. Of a durable one: the row of its subscription
 * + 1; the serial number + 1 of the mark from which it has not gone on; and below which it is done with all, as its subscription
 * says. resumed: it joins in the place of another one, which was done with all below. */
typedef struct told {
    int next[MARK_CLASSES], serial[MARK_CLASSES], place[MARK_CLASSES];
    int row, fresh, done, resumed;
    int looked; /* with a window: what lies below it has passed */
} told_t;

typedef struct entry {
    int sequence, slot;      /* sequence NONE: empty */
    int withdrawn, deferred; /* which publication of this position is marked as withdrawn; is one deferred */
    int tag;                 /* of the publication, for the invariants */
} entry_t;

enum {
    SUBSCRIPTION_FREE,
    SUBSCRIPTION_JOIN,
    SUBSCRIPTION_ACTIVE
};

/* A reader that can be revoked: OVER_BUDGET when it knows of that. */
enum {
    NO_BUDGET,
    WITHIN_BUDGET,
    REVOKED,
    OVER_BUDGET
};

typedef struct account {
    int start, missed, passed_over, jump_to, jump_missed, jump_passed_over, pending;
} account_t;

typedef struct subscription {
    int state, owner, gates, budget, cursor;
    account_t account;
    int delivered; /* really delivered, for the invariants */
} subscription_t;

/* Of a subscription that may be durable. left: nobody has it. second: the other copy of its account counts. revoked: what is
 * at its cursor may be gone. */
typedef struct durable {
    int durable, left, second, revoked;
    account_t copy;
    /* Of one with a window: a bit for each place of it, which turns over when the message there is acknowledged. until: below this
     * cursor + 1 the bits count; 0: always. */
    int acks, acks_until;
    /* Of one that is told of marks: below which serial number its owners are done with all, + 1. For the invariants: a bit for each mark
     * from which an owner has gone on, and for each that the subscription says; and the first one that is to be told. */
    int marks, had, given, first;
    int progress[MAX_ROWS];     /* what was acknowledged of each writer: the number of the next one */
    int acknowledged;           /* a bit for each message, for the invariants */
    int records_done[MAX_ROWS]; /* likewise: all below it */
} durable_t;

/* A group, whose subscription is in row 0. members: a bit for each thread. total: how often messages were given again; counted:
 * the last message + 1 of which that is counted. For the invariants: how often each message was given, and the total of all that
 * lies below the cursor. passed_over, passed_counted: the same of what the group does not want; the code sees the latter modulo 2 only;
 * passed: below the cursor. */
typedef struct group {
    int takes[GROUP_TAKES], next, members, total, counted, passed_over, passed_counted;
    int given[MAX_ORDER], settled, passed;
    /* Of the dead letters: how many there were, up to which that is counted; the one place for one, see letters.c; how many went for
     * a newer one, and which did so last. For the invariants: a bit for each message that was ever listed, that found no place, that is dead, that the cursor has
     * passed dead; and how many were dropped by hand. */
    int dead, dead_counted, place, place_slot, gone, gone_counted;
    int listed, unlisted, buried, passed_dead, dropped;
} group_t;

/* What a member knows. seen: it has looked through all that was offered; begun: it does so now, from `at` to `end`, and nothing was
 * offered since it began. word: the take word of what it has in its hands. passes: it has passed over something, and has to move the
 * cursor. */
typedef struct share {
    int seen, begun, at, end, word, passes;
} share_t;

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
    GATHERED_EVENT,
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
        values[MAX_PENDING]; /* release stores that others do not see yet, oldest first */
    int watching, news,
        asleep;    /* event + 1; was it bumped since; LOOKED: it has slept, and looks before it arms */
    int mine;      /* a bit for each event: armed by this thread, for nobody else */
    int gathering; /* it lets messages gather; 2: a producer has found no slot since it began */
    int reading[MAX_SLOTS]; /* message + 1 that it trusts to stay, for the invariants */
    int pinned[MAX_SLOTS];  /* what it holds there it holds by the word */
    int writing, empty_at;  /* slot + 1; cursor + 1 at which it found nothing */
    int stream_seen, due, ended, told[MAX_PARTICIPANTS],
        starts; /* a reader's private view of the streams; see change() in stream.c */
    int looking,
        quiet;    /* it looks at the streams; was there a moment at which none was open, for the invariants */
    int openings; /* a reader has looked at all rows since a block was named or unnamed */
    int kept;     /* slot + 1 of the block that a lossy reader holds from one record to the next */
    view_t views[MAX_ROWS];
    told_t marks;
    share_t share;
    frame_t frames[MAX_FRAMES];
} thread_t;

typedef struct state {
    slot_t slots[MAX_SLOTS];
    entry_t order[MAX_ORDER];
    int tail, frontier, gates, any_gates, summary, leaf[MAX_SLOTS], end; /* end: what really is published */
    subscription_t subscriptions[MAX_SUBSCRIPTIONS];
    int waiters[EVENTS][MAX_PARTICIPANTS], armed[EVENTS], left; /* left: to gather, + 1; 0: nobody gathers */
    int unfenced;                                               /* a writer leaves its fences to who sleeps */
    stream_t streams[MAX_PARTICIPANTS];
    block_t blocks[MAX_SLOTS];
    row_t rows[MAX_ROWS];
    span_t spans[MAX_SLOTS];
    int token; /* participant + 1 that may wait while it holds pieces */
    marks_t marks;
    durable_t durables[MAX_SUBSCRIPTIONS];
    group_t group;
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
    IDLES = 65536,     /* a writer that has written everything leaves its block open */
    EARLY = 131072,    /* a writer may close its block before it is full */
    MIXES = 262144,    /* a writer writes messages of its own in between */
    SINGLES = 524288,  /* a block has room for one record */
    HOT = 1048576,     /* what every lossless reader has passed goes at once */
    GATHERS = 2097152, /* readers that sleep let messages gather */
    LONG = 4194304,    /* a span has three slots, not two; a maker of marks makes three */
    SHORT =
        8388608, /* a producer of spans writes messages of one slot in between; a maker of marks makes one */
    SPANS = 16777216,   /* a message of its own of a writer is a span */
    UNARMS = 134217728, /* who waits takes its arming back in the end, as who waits for several rings does */
    HELPERS =
        268435456, /* a helper sleeps for who waits: it comes after the look, and goes after each sleep */
    SELECTS = 33554432,          /* messages have a tag, 0 or 1, and readers want those with 0 */
    HOLDS_OWN = -2147483647 - 1, /* a producer holds what it publishes, from the publication on */
    BY_HAND = 67108864,          /* a lossless reader may be asked to give its gate up */
    MARKS = 1073741824,          /* readers are told of marks */
    ABSENCES = 536870912,        /* producers wait no longer for a durable subscription that nobody has */
};

enum {
    ALWAYS,
    LARGE
};

/* roles: a letter for each thread. P producer, L lossless reader, B budgeted reader, Q one that is read by ticket, Y lossy reader, T holder of tickets, O observer
 * that copies, U who removes the ring when it is unused, W writer of records, E one that leaves its fences to who sleeps, R holder of tickets of records,
 * which frees records, too, C observer that copies records, S producer of spans, M maker of marks,
 * X proxy: a producer that may tell the death of the one for which it publishes,
 * D durable lossless reader (with MAY_RELEASE: with a window, of which it releases in any order), G member of a group, K one of a group with a limit of tries: what nobody acknowledged goes to the dead
 * letters.
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
    int fault, threads, participants, rows, actor;
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
bool has_group(const configuration_t *c);
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

/* budget.c, revoked.c, next.c */
void subscription_begins_anew(model_t *m, int subscription);
bool is_budgeted(const model_t *m, const thread_t *self);
bool has_budgets(const configuration_t *c);
bool is_read_by_ticket(const model_t *m, const thread_t *self);
/* roles.c: of what is there, and with MAY_FORGE of what is not listed */
int tickets_there(const model_t *m);
int ticket_number(const model_t *m, int n);
bool nothing_there(model_t *m, thread_t *self, int t);
/* durable.c */
void durable_leave(model_t *m, int row);
void state_changes(model_t *m, int row);
bool is_left(const model_t *m, int row);
account_t *account_of(model_t *m, int row); /* the copy that counts */

/* group.c */
void group_begins(model_t *m);
bool group_has_members(const model_t *m);
int group_message(int word);
void check_group(model_t *m);
void check_group_at_rest(model_t *m);
int *take_of(model_t *m, int t);
bool is_due(const model_t *m, int word); /* its message is not for a member, but for the dead letters */
bool is_dead_letter(int word, int t);
int dead_of(int t, int word); /* the word that says so */
/* letters.c */
bool has_letters(const configuration_t *c);
int letter_owner(const model_t *m); /* who is taking the letter away; NONE: nobody */
void check_letters(model_t *m);
void check_letters_at_rest(model_t *m);

/* publish.c */
void append(model_t *m, thread_t *self, int slot); /* a planted bug of repair.c */

/* span.c */
bool has_spans(const configuration_t *c);
bool is_whole(const model_t *m, int slot); /* has the span with this head all its pieces */

/* block.c, record.c */
int writer_rows(const configuration_t *c);
void new_opening(model_t *m);
int room_for_records(const model_t *m);
int header_of(int row, int number);
int header_at(const model_t *m, int slot, int number); /* of record `number`, or of the end before it */
int records_in(const model_t *m, int slot);
void weak_header(model_t *m, thread_t *self, int slot, int place, int header);
void check_listing(model_t *m, int slot);
void weak_freed(model_t *m, thread_t *self, int slot, int place);

/* freed.c, hold_block.c, record_tickets.c */
bool frees_records(const model_t *m);
bool is_all_freed(const model_t *m, int slot);
bool is_block_of(const model_t *m, int slot, int t); /* t: a block, by its number and its row */
bool has_records(const model_t *m, int slot);
int record_tickets_there(const model_t *m);
int record_ticket_number(const model_t *m, int n);
int block_name(const model_t *m, int slot);

/* records.c */
bool keeps_blocks(const model_t *m); /* lossy readers may hold a block from one record to the next */
void forget_views(const model_t *m, thread_t *self);
bool is_open_block_due(const model_t *m, thread_t *self); /* the order is empty: does a block wait for that */
bool has_all_records(const model_t *m, const thread_t *self);

/* gather.c, gathering.c */
void count_armed(model_t *m); /* somebody has armed the word of publications */
void gather_arm(model_t *m, thread_t *self, int messages);
int gathered(const model_t *m, const thread_t *self, int t); /* messages that are there, of those wanted */
bool gathers_on(const model_t *m, const thread_t *self);     /* nothing is there that ends it */

/* tell.c */
void check_marks_before(model_t *m, const thread_t *self,
                        int t); /* before message t is given or passed over */
bool has_all_marks(const model_t *m, const thread_t *self);
/* marks_done.c: of a durable reader */
bool follows_marks(const thread_t *self);
void check_told_again(model_t *m, thread_t *self, int serial);
void check_marks_around(model_t *m, const thread_t *self, int t);
bool has_looked_at(const model_t *m, const thread_t *self, int t);
int up_to_mark(const model_t *m, const thread_t *self, int t,
               int count); /* so many messages lie from t on before a mark */

/* stream.c */
bool is_any_open(const model_t *m);
void stream_dies(model_t *m, int participant);
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
