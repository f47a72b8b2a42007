/* SPDX-License-Identifier: Apache-2.0 */
/* What the core was given and has not given back, and whose it is: after a fork the parent's objects are taboo. */
#include <stdatomic.h>
#include <stdio.h>

#include "inject.h"

#define ENTRIES 1024u

static struct {
    const void *object;
    enum inject_kind kind;
    uint64_t mark; /* of the process that made it */
} book[ENTRIES];

static unsigned counts[KINDS];
static char violation[200];
static atomic_flag busy = ATOMIC_FLAG_INIT;

static uint64_t own_mark(void)
{
    return atomic_load(sr__backends[0]->system.process_mark());
}

static void enter(void)
{
    while (atomic_flag_test_and_set(&busy))
        ;
}

static void leave(void)
{
    atomic_flag_clear(&busy);
}

void books_violated(const char *what)
{
    if (violation[0] == 0)
        (void)snprintf(violation, sizeof violation, "%s", what);
}

const char *books_violation(void)
{
    return violation;
}

static unsigned find(enum inject_kind kind, const void *object)
{
    unsigned e = 0;
    while (e < ENTRIES && (book[e].object != object || (object != NULL && book[e].kind != kind)))
        e++;
    return e;
}

void books_given(enum inject_kind kind, const void *object)
{
    enter();
    unsigned e = find(kind, NULL);
    if (e == ENTRIES) {
        books_violated("the books are full");
    } else {
        book[e].object = object;
        book[e].kind = kind;
        book[e].mark = own_mark();
        counts[kind]++;
    }
    leave();
}

void books_returned(enum inject_kind kind, const void *object)
{
    enter();
    unsigned e = find(kind, object);
    if (e == ENTRIES || object == NULL) {
        books_violated("something was given back twice, or never had");
    } else {
        book[e].object = NULL;
        counts[kind]--;
    }
    leave();
}

void books_used(enum inject_kind kind, const void *object)
{
    enter();
    unsigned e = find(kind, object);
    if (e == ENTRIES || object == NULL)
        books_violated("something was used that is not there");
    else if (book[e].mark != own_mark())
        books_violated("a forked child used what is its parent's");
    leave();
}

bool books_has(enum inject_kind kind, const void *object)
{
    enter();
    bool has = find(kind, object) < ENTRIES;
    leave();
    return has;
}

unsigned books_count(enum inject_kind kind)
{
    return counts[kind];
}
