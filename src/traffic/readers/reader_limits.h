/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers among a reader's options: what each may be, and what it is if the program does not say. E_INVALID names the option,
 * its value and the limit. */
#ifndef SR_READER_LIMITS_H
#define SR_READER_LIMITS_H

#include "traffic/readers/properties.h"

/* first, tag_match, wake_messages, wake_ns, window. */
int sr__check_numbers(const slotring_reader_options_t *options, const sr__start_t *start, uint32_t slots);
/* As in a subscription; 0: none. */
int sr__choose_budget(const slotring_reader_options_t *o, const sr__pressure_t *pressure, uint32_t slots,
                      uint64_t *budget);
/* Of a group, as sr__limits_word. */
int sr__choose_letters(const slotring_reader_options_t *o, uint32_t slots, uint64_t *limits);

#endif
