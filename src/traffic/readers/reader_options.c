/* SPDX-License-Identifier: Apache-2.0 */
/* The options of a reader, as a program gives them: the struct, its flags, and what the ring must have for them. Which values there
 * are, and which go together, says properties.c.
 */
#include "traffic/readers/reader_options.h"

#include "base/error.h"
#include "base/structs.h"
#include "protocol/sum.h"

void slotring_reader_options_prepare(slotring_reader_options_t *options, size_t struct_size,
                                     size_t slot_struct_size)
{
    sr__struct_prepare(options, struct_size, slot_struct_size);
}

static int take_struct(const slotring_reader_options_t *given, slotring_reader_options_t *options)
{
    slotring_reader_options_prepare(options, sizeof *options, 0);
    int failed = given ? sr__struct_take("reader options have", options, sizeof *options,
                                         offsetof(slotring_reader_options_t, reserved), given, NULL)
                       : 0;
    if (!failed)
        failed = sr__slot_struct_check("reader options have", &options->slot_struct_size, NULL);
    if (failed)
        return failed;
    bool unknown = false;
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        unknown = unknown || options->reserved[i] != 0;
    if (unknown)
        return sr__error(SLOTRING_E_INVALID,
                         "reader options have a reserved field that is not zero: an option that "
                         "this version does not know, or a struct that nothing prepared");
    return 0;
}

#define KNOWN_FLAGS \
    (SLOTRING_VERIFY | SLOTRING_TELL_MARKS | SLOTRING_DURABLE | SLOTRING_GROUP | SLOTRING_BY_TICKET)

static int check_flags(const slotring_reader_options_t *options)
{
    if (options->flags > KNOWN_FLAGS)
        return sr__error(SLOTRING_E_INVALID, "reader option flags is %u; this version knows %u",
                         options->flags, KNOWN_FLAGS);
    if ((options->flags & SLOTRING_DURABLE) && (options->flags & SLOTRING_GROUP))
        return sr__error(SLOTRING_E_INVALID,
                         "reader option flags is %u: a group is durable by itself, so give SLOTRING_GROUP "
                         "without SLOTRING_DURABLE",
                         options->flags);
    if ((options->flags & SLOTRING_GROUP) && (options->flags & SLOTRING_TELL_MARKS))
        return sr__error(SLOTRING_E_INVALID,
                         "reader option flags is %u: a member of a group cannot be told of marks, since the "
                         "group's members meet a mark at different places",
                         options->flags);
    if ((options->flags & SLOTRING_BY_TICKET) && (options->flags & SLOTRING_TELL_MARKS))
        return sr__error(
            SLOTRING_E_INVALID,
            "reader option flags is %u: a reader that is read by ticket cannot be told of marks, "
            "since a queue brings it no places between messages",
            options->flags);
    return 0;
}

static int check_verify(const slotring_t *ring, const slotring_reader_options_t *options)
{
    if (!(options->flags & SLOTRING_VERIFY) || sr__has_sums(&ring->member.view))
        return 0;
    return sr__error(
        SLOTRING_E_UNSUPPORTED,
        "a reader of ring \"%s\" cannot verify messages: the ring was made without SLOTRING_CHECKSUMS",
        ring->member.view.header.name);
}

int sr__reader_options_check_start(const slotring_t *ring, const sr__start_t *start)
{
    if (!ring->member.view.hot || !start->begin)
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "ring \"%s\" has hot slots: a message goes as soon as every lossless reader has "
                     "passed it, so no reader can start %s",
                     ring->member.view.header.name, start->name);
}

static int check_group(const slotring_t *ring, const slotring_reader_options_t *options)
{
    if (!(options->flags & SLOTRING_GROUP) || ring->member.view.group_count > 0)
        return 0;
    return sr__error(SLOTRING_E_UNSUPPORTED, "ring \"%s\" has no groups: it was made without max_groups",
                     ring->member.view.header.name);
}

int sr__reader_options_take(const slotring_t *ring, const slotring_reader_options_t *given,
                            slotring_reader_options_t *options)
{
    int failed = take_struct(given, options);
    if (!failed)
        failed = check_flags(options);
    if (!failed)
        failed = check_verify(ring, options);
    return failed ? failed : check_group(ring, options);
}
