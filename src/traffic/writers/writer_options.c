/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/writers/writer_options.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/structs.h"
#include "traffic/writers/writer.h"

void slotring_writer_options_prepare(slotring_writer_options_t *options, size_t size)
{
    memset(options, 0, size);
    options->struct_size = size;
}

static int check_reserved(const slotring_writer_options_t *options)
{
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return sr__error(SLOTRING_E_INVALID,
                             "writer options have a reserved field that is not zero: an option that "
                             "this version does not know, or a struct that nothing prepared");
    return 0;
}

static int check_row(const sr__view_t *view, const slotring_writer_options_t *options)
{
    uint32_t known = SLOTRING_WRITER_AT_ROW | SLOTRING_WRITER_FIRST_NUMBER;
    if (options->flags & ~known)
        return sr__error(SLOTRING_E_INVALID,
                         "writer options have flags 0x%" PRIx32 "; this version knows 0x%" PRIx32,
                         options->flags, known);
    if (options->flags == SLOTRING_WRITER_FIRST_NUMBER)
        return sr__error(SLOTRING_E_INVALID, "SLOTRING_WRITER_FIRST_NUMBER needs SLOTRING_WRITER_AT_ROW");
    if ((options->flags & SLOTRING_WRITER_AT_ROW) != 0 && options->row >= view->writer_count)
        return sr__error(SLOTRING_E_INVALID,
                         "row is %" PRIu32 "; ring \"%s\" has %" PRIu32
                         " writers (max_writers; and one less than it has slots)",
                         options->row, view->header.name, view->writer_count);
    if ((options->flags & SLOTRING_WRITER_FIRST_NUMBER) != 0 && options->first_number > SR__WRITER_NUMBER_MAX)
        return sr__error(SLOTRING_E_INVALID, "first_number is %" PRIu64 "; it is %" PRIu64 " at most",
                         options->first_number, SR__WRITER_NUMBER_MAX);
    return 0;
}

int sr__writer_options_take(const sr__view_t *view, const slotring_writer_options_t *given,
                            slotring_writer_options_t *options)
{
    slotring_writer_options_init(options);
    if (!given)
        return 0;
    int failed = sr__struct_take("writer options have", options, sizeof *options,
                                 offsetof(slotring_writer_options_t, flags), given, NULL);
    if (!failed)
        failed = check_reserved(options);
    return failed ? failed : check_row(view, options);
}
