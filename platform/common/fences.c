/* SPDX-License-Identifier: Apache-2.0 */
/* For backends whose processes cannot make a fence for each other. */
#include "platform.h"

bool sr__no_fences(void)
{
    return false;
}
