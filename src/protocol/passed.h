/* SPDX-License-Identifier: Apache-2.0 */
/* Making free what every lossless reader has passed. */
#ifndef SR_PASSED_H
#define SR_PASSED_H

#include "handle.h"

void sr__free_passed(sr__member_t *member, uint32_t as);

#endif
