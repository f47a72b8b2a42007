/* SPDX-License-Identifier: Apache-2.0 */
/* Structs that begin with struct_size. A program and the library may have been built with different versions of them;
 * a later version only adds fields at the end. Two rules, for all of them:
 *   - what the caller fills may be longer than the library's own if all bytes beyond are zero, as a newer program
 *     leaves what it does not use; what is shorter has defaults at its end;
 *   - what the library fills is written to the size that the caller gave and not beyond: bytes that this library does
 *     not know become zero.
 * The smallest size is that of the first version. A size above 4096 is no struct, but a variable that nobody set.
 */
#include <string.h>

#include "base/error.h"
#include "base/structs.h"

#define SIZE_MOST ((size_t)4096)

int sr__struct_check(const char *what, size_t size, size_t least, size_t own, slotring_error_t *error)
{
    if (size >= least && size <= SIZE_MOST)
        return 0;
    return sr__fail(
        error, SLOTRING_E_INVALID, 0,
        "%s struct_size %zu: it must be from %zu to %zu, and this library's struct has %zu (set it "
        "with sizeof, or use the function that prepares the struct)",
        what, size, least, SIZE_MOST, own);
}

int sr__struct_take(const char *what, void *own, size_t own_size, size_t least, const void *given,
                    slotring_error_t *error)
{
    size_t size;
    memcpy(&size, given, sizeof size);
    int failed = sr__struct_check(what, size, least, own_size, error);
    if (failed)
        return failed;
    for (size_t i = own_size; i < size; i++)
        if (((const unsigned char *)given)[i] != 0)
            return sr__fail(
                error, SLOTRING_E_INVALID, 0,
                "%s struct_size %zu, of which this library knows %zu, and byte %zu is not zero: an "
                "option that this version does not know",
                what, size, own_size, i);
    memcpy(own, given, size < own_size ? size : own_size);
    memcpy(own, &own_size, sizeof own_size);
    return 0;
}

void sr__struct_give(void *given, const void *own, size_t own_size)
{
    size_t size;
    memcpy(&size, given, sizeof size);
    memcpy((char *)given + sizeof size, (const char *)own + sizeof size,
           (size < own_size ? size : own_size) - sizeof size);
    if (size > own_size)
        memset((char *)given + own_size, 0, size - own_size);
}
