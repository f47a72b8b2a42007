/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SR_RELEASE_WINDOW_H
#define SR_RELEASE_WINDOW_H

#include "handle.h"

/* Releases all messages that a reader with a window has out. E_NOT_HELD: there is none. */
int sr__release_window(slotring_reader_t *reader);

#endif
