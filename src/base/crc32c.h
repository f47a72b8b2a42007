/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C (Castagnoli), the checksum of iSCSI, ext4 and SCTP: RFC 3720, section 12.1. */
#ifndef SR_CRC32C_H
#define SR_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The sum of bytes. `before`: the sum of the bytes that come before them; 0: none do. So pieces are summed one after the
 * other, with the sum of the whole at the end. */
typedef uint32_t sr__crc32c_t(uint32_t before, const void *bytes, size_t size);

/* By tables, on any processor. */
uint32_t sr__crc32c_by_tables(uint32_t before, const void *bytes, size_t size);

#endif
