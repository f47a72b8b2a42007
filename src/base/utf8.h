/* SPDX-License-Identifier: Apache-2.0 */
/* Text as UTF-8. */
#ifndef SR_UTF8_H
#define SR_UTF8_H

#include <stddef.h>

size_t sr__utf8_length(const unsigned char *at);
/* Copies what is printable of the `size` bytes of `given`; each other byte becomes '?'. `text` has size + 1 bytes. */
void sr__utf8_printable(const char *given, size_t size, char *text);

#endif
