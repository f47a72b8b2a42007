/* SPDX-License-Identifier: Apache-2.0 */
/* What a core file need not have. */
#ifndef SR_DUMP_H
#define SR_DUMP_H

#include <stddef.h>
#include <stdint.h>

/* Leaves the whole pages between `memory` + from and its end at `size` out of core files, where the system can. Of what
 * is not mapped (size 0), or beyond the end, there are none. */
void sr__dump_leave_out(void *memory, size_t size, uint64_t from);

#endif
