/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, for ids: nobody else's may be equal by chance. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <sys/random.h>
#include <unistd.h>

#include "posix/posix_internal.h"

#define AT_ONCE 256u /* that many are given */

int sr__posix_random(void *buffer, size_t size)
{
    for (uint8_t *bytes = buffer; size > 0;) {
        size_t now = size < AT_ONCE ? size : AT_ONCE;
        if (getentropy(bytes, now) != 0)
            return SLOTRING_E_OS;
        bytes += now;
        size -= now;
    }
    return 0;
}
