/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 with the polynomial of zlib, which files of MCAP have: by libdeflate, zlib or a table, whichever the build found. */
#ifndef SLOTRING_TOOL_CRC32_H
#define SLOTRING_TOOL_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* `crc` is that of the bytes before; 0 at the begin. `size` is not 0: the libraries take NULL for a wish to begin anew. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t size);

#endif
