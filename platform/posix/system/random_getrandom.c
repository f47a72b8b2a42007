/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, for ids: nobody else's may be equal by chance. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <sys/random.h>

#include "posix/posix_internal.h"

int sr__posix_random(void *buffer, size_t size)
{
    uint8_t *bytes = buffer;

    while (size > 0) {
        ssize_t got = getrandom(bytes, size, 0);
        if (got < 0 && errno != EINTR)
            return SLOTRING_E_OS;
        if (got > 0) {
            bytes += got;
            size -= (size_t)got;
        }
    }
    return 0;
}
