/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, for ids: nobody else's may be equal by chance. */
#include <apr_general.h>

#include "apr/apr_internal.h"

int sr__apr_random(void *buffer, size_t size)
{
#if APR_HAS_RANDOM
    if (apr_generate_random_bytes(buffer, size) == APR_SUCCESS)
        return 0;
#else
    (void)buffer, (void)size;
#endif
    return SLOTRING_E_OS;
}
