/* SPDX-License-Identifier: Apache-2.0 */
/* The keywords of ring.reader(): each property of a subscription. */
#include "binding.h"

static const choice_t mode_choices[] = {
    {"lossless", SLOTRING_LOSSLESS},
    {"lossy", SLOTRING_LOSSY},
    {"budgeted", SLOTRING_BUDGETED},
    {NULL, 0},
};
static const choice_t start_choices[] = {
    {"now", SLOTRING_FROM_NOW},
    {"oldest", SLOTRING_FROM_OLDEST},
    {NULL, 0},
};
static const choice_t wanted_choices[] = {
    {"all", SLOTRING_WANTS_ALL},
    {"latest", SLOTRING_WANTS_LATEST},
    {NULL, 0},
};
static const choice_t end_choices[] = {
    {"tell", SLOTRING_AT_END_TELL},
    {"wait", SLOTRING_AT_END_WAIT},
    {NULL, 0},
};
static const choice_t revoked_choices[] = {
    {"goes_on", SLOTRING_REVOKED_GOES_ON},
    {"ends", SLOTRING_REVOKED_ENDS},
    {NULL, 0},
};

typedef struct keywords {
    const char *mode, *start, *name, *wanted, *at_end, *when_revoked;
    PyObject *last, *sequence, *every, *tag, *tag_mask, *wake_messages, *wake, *budget_messages, *budget;
    PyObject *tries, *letters, *window;
    int durable, group, by_ticket, verify, marks;
} keywords_t;

static int parse(PyObject *arguments, PyObject *given, keywords_t *k)
{
    static char *names[] = {
        "mode",         "start",    "last",   "sequence",      "name",   "wanted",          "every",
        "tag",          "tag_mask", "at_end", "wake_messages", "wake",   "budget_messages", "budget",
        "when_revoked", "durable",  "group",  "by_ticket",     "verify", "marks",           "tries",
        "letters",      "window",   NULL};
    return PyArg_ParseTupleAndKeywords(
        arguments, given, "|$ssOOzsOOOsOOOOspppppOOO:reader", names, &k->mode, &k->start, &k->last,
        &k->sequence, &k->name, &k->wanted, &k->every, &k->tag, &k->tag_mask, &k->at_end, &k->wake_messages,
        &k->wake, &k->budget_messages, &k->budget, &k->when_revoked, &k->durable, &k->group, &k->by_ticket,
        &k->verify, &k->marks, &k->tries, &k->letters, &k->window);
}

static int is_given(PyObject *object)
{
    return object != NULL && object != Py_None;
}

static int number32(PyObject *object, const char *what, uint32_t *value)
{
    uint64_t number = *value;
    if (number_from(object, what, UINT32_MAX, &number) != 0)
        return -1;
    *value = (uint32_t)number;
    return 0;
}

/* Where the reader begins: one of three keywords says it. */
static int start_from(const keywords_t *k, slotring_reader_options_t *options)
{
    if (is_given(k->last) + is_given(k->sequence) + (k->start != NULL) > 1) {
        PyErr_SetString(PyExc_ValueError,
                        "start, last and sequence each say where the reader begins: give one of them");
        return -1;
    }
    if (is_given(k->last))
        options->start = SLOTRING_FROM_LAST;
    else if (is_given(k->sequence))
        options->start = SLOTRING_FROM_SEQUENCE;
    return choice_from(k->start, "start", start_choices, &options->start) != 0 ||
           number_from(k->last, "last", UINT64_MAX, &options->first) != 0 ||
           number_from(k->sequence, "sequence", UINT64_MAX, &options->first) != 0;
}

/* (message.tag & tag_mask) == tag; without a tag each message. */
static int tag_from(const keywords_t *k, slotring_reader_options_t *options)
{
    uint64_t mask = UINT64_MAX;
    if (number_from(k->tag_mask, "tag_mask", UINT64_MAX, &mask) != 0)
        return -1;
    if (!is_given(k->tag) && mask != UINT64_MAX) {
        PyErr_SetString(PyExc_ValueError, "tag_mask says which bits of a tag count: give tag, too");
        return -1;
    }
    if (!is_given(k->tag))
        return 0;
    options->tag_mask = mask;
    return number_from(k->tag, "tag", UINT64_MAX, &options->tag_match) != 0;
}

/* In the library 0 is the default; here None is, and 0 says that no letter stays. */
static int letters_from(const keywords_t *k, slotring_reader_options_t *options)
{
    if (!is_given(k->letters))
        return 0;
    if (number32(k->letters, "letters", &options->letters) != 0)
        return -1;
    if (options->letters == 0)
        options->letters = SLOTRING_NO_LETTERS;
    return 0;
}

int reader_options_from(PyObject *arguments, PyObject *given, slotring_reader_options_t *options)
{
    keywords_t k = {0};
    slotring_reader_options_init(options);
    if (!parse(arguments, given, &k) || choice_from(k.mode, "mode", mode_choices, &options->mode) != 0 ||
        choice_from(k.wanted, "wanted", wanted_choices, &options->wanted) != 0 ||
        choice_from(k.at_end, "at_end", end_choices, &options->at_end) != 0 ||
        choice_from(k.when_revoked, "when_revoked", revoked_choices, &options->when_revoked) != 0 ||
        start_from(&k, options) || tag_from(&k, options) || letters_from(&k, options) ||
        number32(k.every, "every", &options->every) != 0 ||
        number_from(k.wake_messages, "wake_messages", UINT64_MAX, &options->wake_messages) != 0 ||
        duration_from(k.wake, "wake", &options->wake_ns) != 0 ||
        number_from(k.budget_messages, "budget_messages", UINT64_MAX, &options->budget_messages) != 0 ||
        duration_from(k.budget, "budget", &options->budget_ns) != 0 ||
        number32(k.tries, "tries", &options->tries) != 0 ||
        number32(k.window, "window", &options->window) != 0)
        return -1;
    options->name = k.name;
    options->flags = (k.durable ? SLOTRING_DURABLE : 0u) | (k.group ? SLOTRING_GROUP : 0u) |
                     (k.by_ticket ? SLOTRING_BY_TICKET : 0u) | (k.verify ? SLOTRING_VERIFY : 0u) |
                     (k.marks ? SLOTRING_TELL_MARKS : 0u);
    return 0;
}
