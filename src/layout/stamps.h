/* SPDX-License-Identifier: Apache-2.0 */
/* The stamps of a header: what tells layouts apart, and what tells a damaged header. */
#ifndef SR_STAMPS_H
#define SR_STAMPS_H

#include <stdint.h>

/* Of sizes and offsets: other ones give another number. */
uint64_t sr__layout_fingerprint(void);
/* Of page 0, without the checksum itself. */
uint64_t sr__layout_checksum(const void *page);

#endif
