/* SPDX-License-Identifier: Apache-2.0 */
/* How a struct of the library becomes an object of a class in slotring._values: a table names its fields. The class has the same
 * ones, and Python refuses an object with another set of them. */
#ifndef SLOTRING_PYTHON_VALUES_H
#define SLOTRING_PYTHON_VALUES_H

#include "binding.h"

enum field_kind {
    NUMBER64,
    NUMBER32,
    NONE_IF_MAX64, /* the highest number stands for None */
    NONE_IF_MAX32,
    FLAG,   /* a uint32_t that is 0 or 1 */
    TEXT,   /* a char array */
    ID,     /* 16 bytes */
    CUT,    /* the bytes of a mark: as many as its size says */
    STATUS, /* an int */
    TICKET,
    WORD, /* a uint32_t that stands for a word of `words` */
    SECONDS,
};

typedef struct field {
    const char *name;
    size_t offset;
    int kind;
    const char *const *words; /* ends with NULL */
} field_t;

/* clang-format off */
#define FIELD(type, name, kind) {#name, offsetof(type, name), kind, NULL}
#define WORDS(type, name, words) {#name, offsetof(type, name), WORD, words}
#define RENAMED(type, python, name, kind) {python, offsetof(type, name), kind, NULL}
#define END {NULL, 0, 0, NULL}
/* clang-format on */

/* An object of the class, with the fields as keywords. */
PyObject *value_of(binding_state_t *state, const char *class_name, const field_t *fields, const void *from);

#endif
