/* SPDX-License-Identifier: Apache-2.0 */
/* What a core file need not have. */
#ifndef SR_DUMP_H
#define SR_DUMP_H

#include <stddef.h>

/* Leaves the whole pages between `memory` + from and its end at `size` out of core files, where the system can. */
void sr__dump_leave_out(void *memory, size_t size, size_t from);

#endif
