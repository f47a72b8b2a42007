/* SPDX-License-Identifier: Apache-2.0 */
/* May a message of this length be copied there? */
#include <inttypes.h>

#include "base/error.h"
#include "traffic/copy_check.h"

int sr__copy_check(const void *buffer, uint64_t size, uint64_t length)
{
    if (length > size)
        return sr__error(SLOTRING_E_SIZE, "the message has %" PRIu64 " bytes, the buffer %" PRIu64, length,
                         size);
    if (!buffer && length > 0)
        return sr__error(SLOTRING_E_INVALID, "buffer is NULL");
    return 0;
}
