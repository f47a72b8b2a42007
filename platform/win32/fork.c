/* SPDX-License-Identifier: Apache-2.0 */
/* A process is never copied here: the mark is always the same. */
#include "win32_internal.h"

static const _Atomic uint64_t mark = 1;

const _Atomic uint64_t *sr__win32_process_mark(void)
{
    return &mark;
}
