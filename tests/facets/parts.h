/* SPDX-License-Identifier: Apache-2.0 */
/* A backend "parts" that is put together from facets of two others. */
#ifndef TEST_PARTS_H
#define TEST_PARTS_H

#define PARTS "parts"

/* How often this process has slept, and has woken others, by the facet of waits. */
unsigned long parts_sleeps(void);
unsigned long parts_wakes(void);

#endif
