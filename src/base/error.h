/* SPDX-License-Identifier: Apache-2.0 */
/* The last error of each thread, and the log. */
#ifndef SR_ERROR_H
#define SR_ERROR_H

#include "base/compiler.h"
#include "slotring/slotring.h"

/* Fills *error (may be NULL) and returns `code`. */
SR__LIKE_PRINTF(4, 5)
int sr__fail(slotring_error_t *error, int code, int os_code, const char *format, ...);
int sr__set_last(int code, int os_code, const char *text);
SR__LIKE_PRINTF(2, 3)
int sr__error(int code, const char *format, ...); /* fills the thread's last error */
int sr__plain(int code);                          /* the same with the fixed text, cheaply */
SR__LIKE_PRINTF(1, 2)
void sr__log(const char *format, ...);

#endif
