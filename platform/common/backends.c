/* SPDX-License-Identifier: Apache-2.0 */
/* The backends of this build. The build defines SLOTRING_WITH_… for each folder of platform/ that it compiles. */
#include "platform.h"

#ifdef SLOTRING_WITH_POSIX
extern const sr__backend_t sr__posix_backend;
#endif
#ifdef SLOTRING_WITH_WIN32
extern const sr__backend_t sr__win32_backend;
#endif
#ifdef SLOTRING_WITH_APR
extern const sr__backend_t sr__apr_backend;
#endif

/* The native one first. */
const sr__backend_t *const sr__backends[] = {
#ifdef SLOTRING_WITH_POSIX
    &sr__posix_backend,
#endif
#ifdef SLOTRING_WITH_WIN32
    &sr__win32_backend,
#endif
#ifdef SLOTRING_WITH_APR
    &sr__apr_backend,
#endif
    NULL,
};
