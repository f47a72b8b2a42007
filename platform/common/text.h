/* SPDX-License-Identifier: Apache-2.0 */
/* Small texts, as names of files and entries of rings are made of. */
#ifndef SR_TEXT_H
#define SR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define SR__HASH_DIGITS 32

/* Of a whole text. Whoever wants two names to collide can have that among his own rings only: an entry has the whole name. */
uint64_t sr__text_hash(const char *text, uint64_t start);
/* The same twice, from two starts, as digits. */
void sr__text_hash_digits(const char *text, char digits[SR__HASH_DIGITS + 1]);

/* The rest of a line that begins with `key` and a blank; NULL if it does not. *text moves on to the next line. */
const char *sr__text_line(char **text, const char *key);
/* Is it `count` hexadecimal digits, and nothing else? */
bool sr__text_is_hex(const char *text, size_t count);
/* The digits of `count` bytes; `text` has room for two of each byte and the end. */
void sr__text_hex(const uint8_t *bytes, size_t count, char *text);
/* "1000" as the number of a user or a group. The largest number is nobody's: to chown it means "leave it". */
bool sr__text_id(const char *text, uint32_t *id);

#endif
