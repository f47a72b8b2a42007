/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of src/protocol/README.md: a step is taken one instruction at a time, and the words of shared memory are written
 * down whenever they change. The lines must be those of the picture, in their order. */
#ifndef TEST_PICTURES_H
#define TEST_PICTURES_H

#include "internals.h"
#include "suite.h"

#define PICTURE_SLOTS 4u /* of the ring */

typedef struct line {
    char text[200];
    size_t length;
} line_t;

typedef struct picture {
    const char *title;                                  /* as on the page */
    void (*prepare)(slotring_t *);                      /* by A, before B begins; the ring is A's */
    role_fn step;                                       /* B's, between step_begin and step_end */
    void (*look)(line_t *line, const sr__view_t *view); /* writes the words down */
    uint32_t flags;                                     /* of the ring */
    void (*tidy)(slotring_t *);                         /* by A, once B is dead; NULL: nothing */
} picture_t;

/* The test: draws and compares each, up to one without a title. */
void pictures_compare(const picture_t *pictures);

/* ---- For `look` ---------------------------------------------------------------------------------------- */

/* Who stands in the pictures: A made the ring, and B does the step; C has died. */
const char *who(uint32_t participant);

void draw(line_t *line, const char *format, ...);
void draw_number(line_t *line, const char *name, uint64_t number);
/* The word of a slot: state, owner, flags; and in between the version, where it matters. */
void draw_word(line_t *line, const sr__view_t *view, uint32_t slot, bool with_version);
void draw_holders(line_t *line, const sr__view_t *view, uint32_t slot);
void draw_held(line_t *line, const sr__view_t *view, uint32_t slot);
void draw_bits(line_t *line, const sr__view_t *view); /* the free map */
void draw_map(line_t *line, const sr__view_t *view);
void draw_entry(line_t *line, const sr__view_t *view, uint64_t sequence); /* of the order */

#endif
