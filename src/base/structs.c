/* SPDX-License-Identifier: Apache-2.0 */
/* Structs that begin with struct_size. A program and the library may have been built with different versions of them;
 * a later version only adds fields at the end. Two rules, for all of them:
 *   - what the caller fills may be longer than the library's own if all bytes beyond are zero, as a newer program
 *     leaves what it does not use; what is shorter has defaults at its end;
 *   - what the library fills is written to the size that the caller gave and not beyond: bytes that this library does
 *     not know become zero.
 * The smallest size is that of the first version. A size above 4096 is no struct, but a variable that nobody set.
 *
 * slotring_slot_t has no size of its own, because a call fills one with every message. The options say its size.
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

_Static_assert(offsetof(slotring_options_t, slot_struct_size) == sizeof(size_t) &&
                   offsetof(slotring_reader_options_t, slot_struct_size) == sizeof(size_t),
               "sr__struct_prepare");

/* A binding may give any size: nothing is written beyond it. */
void sr__struct_prepare(void *given, size_t size, size_t slot_struct_size)
{
    const size_t sizes[2] = {size, slot_struct_size};
    memset(given, 0, size);
    memcpy(given, sizes, size < sizeof sizes ? size : sizeof sizes);
}

/* A later version that adds fields behind the last one of the first version puts the offset of these fields here. */
#define SLOT_STRUCT_FIRST sizeof(slotring_slot_t)

int sr__slot_struct_check(const char *what, size_t *size, slotring_error_t *error)
{
    const size_t alignment = _Alignof(slotring_slot_t);
    if (*size == 0)
        *size = SLOT_STRUCT_FIRST;
    if (*size >= SLOT_STRUCT_FIRST && *size <= SIZE_MOST && *size % alignment == 0)
        return 0;
    return sr__fail(error, SLOTRING_E_INVALID, 0,
                    "%s slot_struct_size %zu: it must be 0, or from %zu to %zu and a multiple of %zu (it is "
                    "sizeof(slotring_slot_t) in the program)",
                    what, *size, SLOT_STRUCT_FIRST, SIZE_MOST, alignment);
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
