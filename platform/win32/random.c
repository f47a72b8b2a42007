/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, for ids: nobody else's may be equal by chance. */
#include "win32/win32_internal.h"

#include <bcrypt.h>

int sr__win32_random(void *buffer, size_t size)
{
    if (size > UINT32_MAX)
        return SLOTRING_E_OS;
    /* 0 is STATUS_SUCCESS */
    return BCryptGenRandom(NULL, buffer, (ULONG)size, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0 ? 0
                                                                                            : SLOTRING_E_OS;
}
