/* SPDX-License-Identifier: Apache-2.0 */
/* Another ring's place in the same registry, found by the hash in the name of one of its files. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/registry/registry_internal.h"

sr__place_t *sr__posix_place_of_hash(const sr__place_t *place, const char *digits)
{
    sr__place_t *made = sr__posix_place_copy(place);

    if (!made || sr__posix_place_name_by_hash(made, digits))
        return made;
    sr__posix_place_close(made);
    return NULL;
}
