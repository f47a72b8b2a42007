/* SPDX-License-Identifier: Apache-2.0 */
/* How a reader begins whose subscription has a name: in the place of the last reader of that name, or as one more member of the
 * group of that name, or as the first of either. Two of one name are never made: the process mutex is held from the look that
 * finds none on. The steps themselves are in subscribe.c, takeover.c and member.c.
 */
#include "traffic/readers/begin.h"

#include "base/error.h"
#include "members/process_mutex.h"
#include "protocol/group_members.h"
#include "traffic/readers/member.h"
#include "traffic/readers/news.h"
#include "traffic/readers/subscribe.h"
#include "traffic/readers/takeover.h"

#define LOOKS 64u /* at a group whose state changes all the time */

/* What there is of the name, or SR__NO_SUCH_NAME; locked: the caller holds the process mutex. */
typedef int (*go_on_fn)(slotring_reader_t *reader, const slotring_reader_options_t *options,
                        const sr__properties_t *properties, bool locked);
typedef int (*begin_fn)(slotring_reader_t *reader, const slotring_reader_options_t *options,
                        const sr__properties_t *properties);

/* Goes on with what there is, or is the first of its name. */
static int begin_named(slotring_reader_t *reader, const slotring_reader_options_t *options,
                       const sr__properties_t *properties, go_on_fn go_on, begin_fn begin_first)
{
    slotring_error_t why;
    sr__stream_baseline(reader);
    int code = go_on(reader, options, properties, false);
    if (code != SR__NO_SUCH_NAME)
        return code;
    code = sr__mutex_lock(reader->ring, reader->ring->lock_timeout_ns, &why);
    if (code)
        return code;
    code = go_on(reader, options, properties, true);
    if (code == SR__NO_SUCH_NAME)
        code = begin_first(reader, options, properties);
    sr__mutex_unlock(reader->ring);
    return code;
}

/* ---- A durable subscription of one reader at a time ------------------------------------------------------- */

static int take_over(slotring_reader_t *reader, const slotring_reader_options_t *options,
                     const sr__properties_t *properties, bool locked)
{
    (void)properties;
    return sr__take_over(reader, options->name, locked);
}

int sr__begin_durable(slotring_reader_t *reader, const slotring_reader_options_t *options,
                      const sr__properties_t *properties)
{
    return begin_named(reader, options, properties, take_over, sr__subscribe_begin);
}

/* ---- A member of a group ---------------------------------------------------------------------------------- */

/* A group's subscription belongs to nobody: from here on this reader is none yet. */
static int begin_group(slotring_reader_t *reader, const slotring_reader_options_t *options,
                       const sr__properties_t *properties)
{
    int failed = sr__member_find_place(reader);
    reader->pressure.gates = true; /* as long as the subscription is the group's */
    if (!failed)
        failed = sr__subscribe_begin(reader, options, properties);
    if (failed)
        return failed;
    reader->pressure.gates = false;
    reader->subscription = NULL;
    return 0;
}

/* A subscription of the member's own, and a place in the group of this name. As sr__member_find. */
static int join_group(slotring_reader_t *reader, const slotring_reader_options_t *options,
                      const sr__properties_t *properties, bool locked)
{
    for (uint32_t look = 0; look < LOOKS; look++) {
        sr__named_t named;
        uint64_t joined;
        int code = sr__member_find(reader, options->name, locked, &named);
        if (!code)
            code = sr__subscribe_take(reader, properties->life, &joined);
        if (code)
            return code;
        sr__subscribe_write(reader->subscription, sr__subscription_generation(joined), properties,
                            sr__member_group_word(reader), reader->ring->member.self->name);
        sr__member_begin(reader, joined);
        if (sr__member_join(reader, &named))
            return 0;
    }
    return sr__error(SLOTRING_E_BUSY, "group \"%s\" of ring \"%s\" changes all the time", options->name,
                     reader->ring->member.view.header.name);
}

/* The first member of a group that was just made. If it cannot be one the group goes again: nobody would know of it. Unless others
 * have joined meanwhile, who change its state; or this participant was taken for dead. */
static int join_made(slotring_reader_t *reader, const slotring_reader_options_t *options,
                     const sr__properties_t *properties)
{
    slotring_t *ring = reader->ring;
    sr__named_t made;
    slotring_error_t why;
    int code = join_group(reader, options, properties, true);
    if (code == 0)
        return 0;
    slotring_last_error(&why);
    while (sr__named_find(ring, options->name, true, &made) == 0 &&
           !sr__group_row_has_members(&ring->member.view, made.row) && !sr__named_drop(ring, &made))
        ;
    return sr__set_last(code, why.os_code, why.text);
}

static int begin_with_group(slotring_reader_t *reader, const slotring_reader_options_t *options,
                            const sr__properties_t *properties)
{
    int code = begin_group(reader, options, properties);
    if (!code)
        code = join_made(reader, options, properties);
    return code == SR__NO_SUCH_NAME ? sr__plain(SLOTRING_E_EVICTED) : code;
}

int sr__begin_member(slotring_reader_t *reader, const slotring_reader_options_t *options,
                     const sr__properties_t *properties)
{
    if (sr__member_make(reader, properties) != 0)
        return sr__plain(SLOTRING_E_NO_MEMORY);
    return begin_named(reader, options, properties, join_group, begin_with_group);
}
