/* SPDX-License-Identifier: Apache-2.0 */
/* Every public operation that asks anything of the system. */
#include <string.h>

#include <stdio.h>

#include "stage.h"

static const int open_codes[] = {SLOTRING_E_INVALID,    SLOTRING_E_NAME,        SLOTRING_E_SIZE,
                                 SLOTRING_E_EXISTS,     SLOTRING_E_NOT_FOUND,   SLOTRING_E_GEOMETRY,
                                 SLOTRING_E_VERSION,    SLOTRING_E_FEATURE,     SLOTRING_E_ENDIAN,
                                 SLOTRING_E_NOT_A_RING, SLOTRING_E_CORRUPT,     SLOTRING_E_TRUNCATED,
                                 SLOTRING_E_NO_SPACE,   SLOTRING_E_NO_MEMORY,   SLOTRING_E_ADDRESS_SPACE,
                                 SLOTRING_E_ACCESS,     SLOTRING_E_OWNER,       SLOTRING_E_BUSY,
                                 SLOTRING_E_BACKEND,    SLOTRING_E_UNSUPPORTED, SLOTRING_E_PARTICIPANTS,
                                 SLOTRING_E_OTHER_BOOT, SLOTRING_E_OS,          0};
static const int unlink_codes[] = {
    SLOTRING_E_NAME,          SLOTRING_E_INVALID,     SLOTRING_E_NOT_FOUND, SLOTRING_E_BUSY,
    SLOTRING_E_ACCESS,        SLOTRING_E_OWNER,       SLOTRING_E_BACKEND,   SLOTRING_E_NO_MEMORY,
    SLOTRING_E_ADDRESS_SPACE, SLOTRING_E_UNSUPPORTED, SLOTRING_E_OS,        SLOTRING_E_NOT_A_RING,
    SLOTRING_E_CORRUPT,       SLOTRING_E_TRUNCATED,   SLOTRING_E_NO_SPACE,  0};
static const int list_codes[] = {SLOTRING_E_INVALID,    SLOTRING_E_NOT_FOUND,  SLOTRING_E_ACCESS,
                                 SLOTRING_E_BACKEND,    SLOTRING_E_NO_MEMORY,  SLOTRING_E_OS,
                                 SLOTRING_E_OWNER,      SLOTRING_E_NOT_A_RING, SLOTRING_E_TRUNCATED,
                                 SLOTRING_E_OTHER_BOOT, SLOTRING_E_CORRUPT,    0};
static const int collect_codes[] = {SLOTRING_E_INVALID,       SLOTRING_E_NOT_FOUND,
                                    SLOTRING_E_ACCESS,        SLOTRING_E_BACKEND,
                                    SLOTRING_E_NO_MEMORY,     SLOTRING_E_OS,
                                    SLOTRING_E_OWNER,         SLOTRING_E_BUSY,
                                    SLOTRING_E_ADDRESS_SPACE, SLOTRING_E_UNSUPPORTED,
                                    SLOTRING_E_CORRUPT,       SLOTRING_E_TRUNCATED,
                                    SLOTRING_E_NOT_A_RING,    0};
static const int recover_codes[] = {SLOTRING_E_BUSY, SLOTRING_E_INVALID, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS,
                                    0};
static const int observer_codes[] = {SLOTRING_E_TRUNCATED, SLOTRING_E_OS, 0};
static const int wait_codes[] = {SLOTRING_E_TIMEOUT, 0};
static const int subscribe_codes[] = {SLOTRING_E_READERS, 0};
static const int mark_codes[] = {SLOTRING_E_BUSY, SLOTRING_E_OS, 0};
static const int visitor_codes[] = {SLOTRING_E_ACCESS, SLOTRING_E_NO_MEMORY, SLOTRING_E_OS, 0};
static const int no_codes[] = {0};

/* ---- Opening ---------------------------------------------------------------------------------------- */

static int open_with(stage_t *s, const slotring_options_t *options)
{
    s->has_error = true;
    return slotring_open(&s->opened, ring_name(), options, &s->error);
}

static int create(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_CREATE);
    return open_with(s, &options);
}

static int create_wiping(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_CREATE);
    options.flags = SLOTRING_WIPE_UNUSED;
    return open_with(s, &options);
}

static int create_or_attach(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_CREATE_OR_ATTACH);
    return open_with(s, &options);
}

static int create_for_a_group(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_CREATE);
    options.lossless_for = SLOTRING_LOSSLESS_FOR_GROUP;
    options.lossless_group = STRANGE_GROUP;
    return open_with(s, &options);
}

static int attach(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    return open_with(s, &options);
}

static int attach_to_another_size(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    options.slot_size = SLOT_SIZE + 64;
    return open_with(s, &options);
}

static int create_or_attach_another_size(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_CREATE_OR_ATTACH);
    options.slot_size = 2 * SLOT_SIZE;
    options.total_size = SLOTS * options.slot_size;
    return open_with(s, &options);
}

static int observe(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_OBSERVE);
    return open_with(s, &options);
}

static int open_global(stage_t *s)
{
    slotring_t *ring;
    s->has_error = true;
    return slotring_global(ring_name(), SLOTS * SLOT_SIZE, SLOT_SIZE, &ring, &s->error);
}

const operation_t open_operations[] = {
    {"create", 0, create, 0, 0, open_codes},
    {"create for a group", 0, create_for_a_group, 0, 0, open_codes},
    {"create what exists", HOME, create, SLOTRING_E_EXISTS, SLOTRING_E_EXISTS, open_codes},
    {"create beside a lone lock file", LONE_LOCK, create, 0, 0, open_codes},
    {"create, wiping", UNUSED, create_wiping, 0, 0, open_codes},
    {"create, wiping what is used", HOME, create_wiping, SLOTRING_E_BUSY, SLOTRING_E_BUSY, open_codes},
    {"create or attach, none there", 0, create_or_attach, 0, 0, open_codes},
    {"create or attach, one there", HOME, create_or_attach, 0, 0, open_codes},
    {"attach", HOME, attach, 0, 0, open_codes},
    {"attach to an unused one", UNUSED, attach, 0, 0, open_codes},
    {"attach to none", 0, attach, SLOTRING_E_NOT_FOUND, SLOTRING_E_NOT_FOUND, open_codes},
    {"attach to another size", HOME, attach_to_another_size, SLOTRING_E_GEOMETRY, SLOTRING_E_GEOMETRY,
     open_codes},
    {"attach to a full house", HOME | SMALL_HOUSE, attach, SLOTRING_E_PARTICIPANTS, SLOTRING_E_PARTICIPANTS,
     open_codes},
    {"attach to something else", FOREIGN, attach, SLOTRING_E_NOT_A_RING, SLOTRING_E_NOT_A_RING, open_codes},
    {"attach to one of another boot", UNUSED | OLD, attach, SLOTRING_E_OTHER_BOOT, SLOTRING_E_OTHER_BOOT,
     open_codes},
    {"create or attach, one of another boot", UNUSED | OLD, create_or_attach, SLOTRING_E_OTHER_BOOT,
     SLOTRING_E_OTHER_BOOT, open_codes},
    {"create over one of another boot", UNUSED | OLD, create, SLOTRING_E_EXISTS, SLOTRING_E_EXISTS,
     open_codes},
    {"create, wiping one of another boot", UNUSED | OLD, create_wiping, 0, 0, open_codes},
    {"observe one of another boot", UNUSED | OLD, observe, SLOTRING_E_OTHER_BOOT, SLOTRING_E_OTHER_BOOT,
     open_codes},
    {"observe", HOME, observe, 0, 0, open_codes},
    {"observe none", 0, observe, SLOTRING_E_NOT_FOUND, SLOTRING_E_NOT_FOUND, open_codes},
    {"the process's own ring", 0, open_global, 0, 0, open_codes},
    {NULL, 0, NULL, 0, 0, NULL},
};

/* ---- Where somebody has died ------------------------------------------------------------------------ */

static int recover(stage_t *s)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    return slotring_recover(s->home, &recovery);
}

static int make_a_mark(stage_t *s)
{
    return slotring_mark(s->home, SLOTRING_MARK_USER, 0, 1, NULL, 0, NULL);
}

static int publish_a_gap(stage_t *s)
{
    return slotring_publish_gap(s->home, 1, NULL);
}

static int subscribe_one(stage_t *s)
{
    slotring_reader_t *reader;
    int code = slotring_subscribe(s->home, NULL, &reader);
    return code ? code : slotring_unsubscribe(reader);
}

/* The ring's owner grants a group more than a process of another user, which is not in the group. */
static int subscribe_as_a_visitor(stage_t *s)
{
    inject_as_visitor(true);
    int code = subscribe_one(s);
    inject_as_visitor(false);
    return code;
}

static int keep_and_forget(stage_t *s)
{
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.flags = SLOTRING_DURABLE;
    options.name = "recorder";
    slotring_reader_t *reader;
    int code = slotring_subscribe(s->home, &options, &reader);
    if (!code)
        code = slotring_unsubscribe(reader);
    return code ? code : slotring_forget(s->home, options.name);
}

static int allocate(stage_t *s)
{
    slotring_slot_t slot;
    int code = slotring_allocate_wait(s->home, 1, SECOND, &slot);
    return code ? code : slotring_abort(s->home, &slot);
}

static int hear_of_a_death(stage_t *s)
{
    slotring_slot_t slot;
    int code;
    while ((code = slotring_next(s->reader, SECOND, &slot)) == 0)
        CHECK_OK(slotring_reader_release(s->reader));
    return code;
}

static int look_at_people(stage_t *s)
{
    slotring_participant_t people[4];
    slotring_reader_info_t readers[4];
    slotring_blocker_t blockers[8];
    uint32_t count;
    int code = slotring_participants(s->home, people, 4, &count);
    CHECK(code || count == 2);
    if (!code)
        code = slotring_readers(s->home, readers, 4, &count);
    if (!code)
        code = slotring_blockers(s->home, blockers, 8, &count);
    return code;
}

static int unlink_it(int how)
{
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    slotring_error_t error;
    int code = slotring_unlink(ring_name(), how, &options, &error);
    CHECK_EQUAL(error.code, code);
    return code;
}

static int unlink_another(stage_t *s)
{
    char another[300];
    (void)snprintf(another, sizeof another, "%s.another", ring_name());
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    s->has_error = true;
    return slotring_unlink(another, SLOTRING_UNLINK_IF_UNUSED, &options, &s->error);
}

static int unlink_if_unused(stage_t *s)
{
    (void)s;
    return unlink_it(SLOTRING_UNLINK_IF_UNUSED);
}

static int unlink_when_unused(stage_t *s)
{
    (void)s;
    return unlink_it(SLOTRING_UNLINK_WHEN_UNUSED);
}

static int unlink_by_force(stage_t *s)
{
    (void)s;
    return unlink_it(SLOTRING_UNLINK_FORCE);
}

const operation_t dead_operations[] = {
    {"attach beside a dead one", HOME | DEAD_ONE, attach, 0, 0, open_codes},
    {"attach in the place of a dead one", HOME | DEAD_ONE | SMALL_HOUSE, attach, 0, 0, open_codes},
    {"attach to a doomed ring", DOOMED, attach, SLOTRING_E_NOT_FOUND, SLOTRING_E_NOT_FOUND, open_codes},
    {"create over a doomed ring", DOOMED, create, 0, 0, open_codes},
    {"create or attach over a doomed ring", DOOMED, create_or_attach, 0, 0, open_codes},
    {"create or attach over a doomed ring of another size", DOOMED, create_or_attach_another_size, 0, 0,
     open_codes},
    {"remove after a dead one", UNUSED | DEAD_ONE, unlink_if_unused, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"recover", HOME | DEAD_ONE, recover, 0, 0, recover_codes},
    {"make a mark", HOME, make_a_mark, 0, 0, mark_codes},
    {"publish a gap", HOME, publish_a_gap, 0, 0, mark_codes},
    {"subscribe in the place of a dead one", HOME | DEAD_ONE | SMALL_HOUSE, subscribe_one, 0, 0,
     subscribe_codes},
    {"allocate after a dead hog", HOME | DEAD_HOG | MAY_END, allocate, 0, 0, wait_codes},
    {"hear of a death", HOME | READING | DEAD_ONE | MAY_END, hear_of_a_death, SLOTRING_E_PRODUCER_DIED,
     SLOTRING_E_PRODUCER_DIED, wait_codes},
    {"look at people, one of them dead", HOME | DEAD_ONE, look_at_people, 0, 0, no_codes},
    {NULL, 0, NULL, 0, 0, NULL},
};

/* ---- Removing, listing, closing --------------------------------------------------------------------- */

static int list(stage_t *s)
{
    slotring_list_entry_t entries[2];
    uint32_t count = 9;
    s->has_error = true;
    int code = slotring_list(NULL, entries, 2, &count, &s->error);
    if (code)
        return code;
    CHECK_AT_LEAST(1, count);
    s->has_error = false;
    s->has_no_sentence = true; /* an entry has a code */
    if (count == 0) /* somebody has removed it; or what is no ring has no name that could be listed */
        return s->flags & FOREIGN ? SLOTRING_E_NOT_A_RING : SLOTRING_E_NOT_FOUND;
    return entries[0].status;
}

static int list_none(stage_t *s)
{
    uint32_t count = 9;
    s->has_error = true;
    int code = slotring_list(NULL, NULL, 0, &count, &s->error);
    CHECK_AT_LEAST(1, count); /* none, or the one that somebody has made meanwhile */
    return code;
}

static void keep_error(void *user, const char *name, const slotring_error_t *error)
{
    (void)name;
    if (error->code)
        *(slotring_error_t *)user = *error;
}

/* What cannot be known of a ring is no error; what cannot be removed is reported. */
static int collect(stage_t *s)
{
    slotring_error_t why = {0};
    uint32_t removed = 9;
    s->has_error = true;
    int code = slotring_collect(NULL, keep_error, &why, &removed, &s->error);
    CHECK(removed <= 1 || code);
    if (code || !why.code)
        return code;
    s->error = why;
    return why.code;
}

static int close_home(stage_t *s)
{
    slotring_t *ring = s->home;
    s->home = NULL;
    return ring ? slotring_close(ring) : 0;
}

static int close_home_if_idle(stage_t *s)
{
    slotring_t *ring = s->home;
    s->home = NULL;
    return ring ? slotring_close_if_idle(ring) : 0;
}

static int clean_up_global(stage_t *s)
{
    slotring_t *ring;
    (void)s;
    int code = slotring_global(ring_name(), SLOTS * SLOT_SIZE, SLOT_SIZE, &ring, NULL);
    slotring_global_cleanup();
    return code;
}

const operation_t unlink_operations[] = {
    {"remove if unused", UNUSED, unlink_if_unused, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove if unused, used", HOME, unlink_if_unused, SLOTRING_E_BUSY, SLOTRING_E_BUSY, unlink_codes},
    {"remove if unused, none", 0, unlink_if_unused, SLOTRING_E_NOT_FOUND, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove if unused, a lone lock file", LONE_LOCK, unlink_if_unused, SLOTRING_E_NOT_FOUND,
     SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove if unused, something else", FOREIGN, unlink_if_unused, SLOTRING_E_NOT_A_RING,
     SLOTRING_E_NOT_A_RING, unlink_codes},
    {"remove when unused", UNUSED, unlink_when_unused, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove when unused, used", HOME, unlink_when_unused, 0, 0, unlink_codes},
    {"remove one of another boot", UNUSED | OLD, unlink_if_unused, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove one of another boot, its lock file lost", UNUSED | OLD | LOST_LOCK, unlink_if_unused, 0,
     SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove one of another boot by force", UNUSED | OLD | LOST_LOCK, unlink_by_force, 0,
     SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove by force", UNUSED, unlink_by_force, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove by force, used", HOME, unlink_by_force, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"remove by force, something else", FOREIGN, unlink_by_force, 0, SLOTRING_E_NOT_FOUND, unlink_codes},
    {"list", HOME, list, 0, 0, list_codes},
    {"list one of another boot", UNUSED | OLD, list, SLOTRING_E_OTHER_BOOT, SLOTRING_E_OTHER_BOOT,
     list_codes},
    {"list something else", FOREIGN, list, SLOTRING_E_NOT_A_RING, SLOTRING_E_NOT_A_RING, list_codes},
    {"list none, a lone lock file", LONE_LOCK, list_none, 0, 0, list_codes},
    {"list a doomed ring", DOOMED, list, 0, 0, list_codes},
    {"collect, none there", 0, collect, 0, 0, list_codes},
    {"collect beside a lone lock file", LONE_LOCK, collect, 0, 0, list_codes},
    {"collect, one is used", HOME | DUE, collect, 0, 0, collect_codes},
    {"collect something else", FOREIGN, collect, 0, 0, list_codes},
    {"collect a doomed ring", DOOMED, collect, 0, 0, collect_codes},
    {"remove none, beside a doomed ring", DOOMED, unlink_another, SLOTRING_E_NOT_FOUND, SLOTRING_E_NOT_FOUND,
     unlink_codes},
    {"close", HOME, close_home, 0, 0, no_codes},
    {"close if idle", HOME, close_home_if_idle, 0, 0, no_codes},
    {"close, with everything in hand", HOME | FULL | READING, close_home, 0, 0, no_codes},
    {"close, and go with it", HOME | DUE, close_home, 0, 0, no_codes},
    {"the process's own ring, and clean up", 0, clean_up_global, 0, 0, open_codes},
    {NULL, 0, NULL, 0, 0, NULL},
};

/* ---- Looking ---------------------------------------------------------------------------------------- */

static slotring_t *looker(stage_t *s)
{
    return s->flags & WATCHED ? s->other : s->home;
}

static int get_stats(stage_t *s)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    return slotring_get_stats(looker(s), &stats);
}

static int get_info(stage_t *s)
{
    slotring_info_t info = {.struct_size = sizeof info};
    return slotring_info(looker(s), &info);
}

static int get_participants(stage_t *s)
{
    slotring_participant_t people[4];
    uint32_t count;
    return slotring_participants(looker(s), people, 4, &count);
}

static int get_readers(stage_t *s)
{
    slotring_reader_info_t readers[4];
    uint32_t count;
    return slotring_readers(looker(s), readers, 4, &count);
}

static int get_blockers(stage_t *s)
{
    slotring_blocker_t blockers[8];
    uint32_t count;
    return slotring_blockers(looker(s), blockers, 8, &count);
}

static int audit(stage_t *s)
{
    uint64_t findings = 0;
    int code = slotring_check(looker(s), NULL, NULL, &findings);
    CHECK(code || findings == 0);
    return code;
}

static int copy(stage_t *s)
{
    uint8_t buffer[SLOT_SIZE];
    slotring_slot_t info;
    int code = slotring_copy(looker(s), &s->ticket, buffer, sizeof buffer, &info);
    CHECK(code || pattern_verify(buffer, info.length, info.tag) == info.length);
    return code;
}

static int copy_by_sequence(stage_t *s)
{
    uint8_t buffer[SLOT_SIZE];
    slotring_slot_t info;
    int code = slotring_copy_sequence(looker(s), s->ticket.sequence, buffer, sizeof buffer, &info);
    CHECK(code || pattern_verify(buffer, info.length, info.tag) == info.length);
    return code;
}

static int get_ticket(stage_t *s)
{
    slotring_ticket_t ticket;
    int code = slotring_ticket_at(looker(s), s->ticket.slot, &ticket);
    CHECK(code || same_ticket(&ticket, &s->ticket));
    return code;
}

static int get_ticket_of_writer(stage_t *s)
{
    slotring_ticket_t ticket;
    int code = slotring_ticket_of_writer(looker(s), 0, UINT64_MAX, &ticket);
    return code == SLOTRING_E_NOT_READY ? 0 : code; /* no writer was ever there */
}

#define LOOKS(name, function)                                                          \
    {name, HOME | READING, function, 0, 0, no_codes},                                  \
    {                                                                                  \
        name ", as observer", HOME | READING | WATCHED, function, 0, 0, observer_codes \
    }

const operation_t look_operations[] = {
    LOOKS("statistics", get_stats),
    LOOKS("info", get_info),
    LOOKS("participants", get_participants),
    LOOKS("readers", get_readers),
    LOOKS("blockers", get_blockers),
    LOOKS("check", audit),
    LOOKS("copy", copy),
    LOOKS("copy by sequence", copy_by_sequence),
    LOOKS("ticket", get_ticket),
    LOOKS("ticket of a writer", get_ticket_of_writer),
    {NULL, 0, NULL, 0, 0, NULL},
};

/* ---- Data, and waiting for it ----------------------------------------------------------------------- */

static int use_it(stage_t *s)
{
    slotring_slot_t slots[2];
    uint32_t count;
    slotring_ticket_t ticket = publish(s->home, 1, 7);
    read_once(s->home, &ticket);
    CHECK_OK(slotring_free(s->home, &ticket));
    CHECK_OK(slotring_next_batch(s->reader, 0, slots, 2, &count));
    CHECK_OK(slotring_reader_release(s->reader));
    CHECK_OK(slotring_allocate_batch(s->home, 1, slots, 2, 0, &count));
    slots[0].length = slots[1].length = 1;
    CHECK_OK(slotring_mark_ready_batch(s->home, slots, count, NULL));
    CHECK_OK(slotring_next_batch(s->reader, 0, slots, 2, &count));
    CHECK_OK(slotring_reader_release(s->reader));
    return slotring_end_stream(s->home);
}

static int try_to_allocate(stage_t *s)
{
    slotring_slot_t slot;
    return slotring_allocate(s->home, 1, &slot);
}

static int wait_for_news(stage_t *s)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(s->home, 1, &slot)); /* somebody is at it: no end of the stream */
    CHECK_OK(slotring_abort(s->home, &slot));
    CHECK_OK(slotring_interrupt(s->home));
    CHECK_CODE(slotring_next(s->reader, SECOND, &slot), SLOTRING_E_INTERRUPTED);
    return slotring_next(s->reader, SECOND, &slot);
}

static int wait_without_taking(stage_t *s)
{
    slotring_slot_t slot;
    int result;
    uint32_t ready;
    CHECK_OK(slotring_allocate(s->home, 1, &slot));
    CHECK_OK(slotring_abort(s->home, &slot));
    CHECK_OK(slotring_interrupt(s->home));
    CHECK_CODE(slotring_reader_wait_readable(s->reader, SECOND), SLOTRING_E_INTERRUPTED);
    return slotring_wait_many(&s->reader, 1, SECOND, &result, &ready);
}

const operation_t use_operations[] = {
    {"use", HOME | READING, use_it, 0, 0, no_codes},
    {"allocate in a full ring", HOME | FULL, try_to_allocate, SLOTRING_E_FULL, SLOTRING_E_FULL, no_codes},
    {"wait for a slot in a full ring", HOME | FULL | MAY_END, allocate, SLOTRING_E_TIMEOUT,
     SLOTRING_E_TIMEOUT, no_codes},
    {"wait for news", HOME | READING | WATCHED | MAY_END, wait_for_news, SLOTRING_E_TIMEOUT,
     SLOTRING_E_TIMEOUT, no_codes},
    {"wait without taking", HOME | READING | WATCHED | MAY_END, wait_without_taking, SLOTRING_E_TIMEOUT,
     SLOTRING_E_TIMEOUT, no_codes},
    {"subscribe", HOME, subscribe_one, 0, 0, no_codes},
    {"subscribe as a visitor", HOME | FOR_A_GROUP, subscribe_as_a_visitor, SLOTRING_E_ACCESS,
     SLOTRING_E_ACCESS, visitor_codes},
    {"keep and forget a durable subscription", HOME | WATCHED | MAY_END, keep_and_forget, 0, 0,
     recover_codes},
    {"recover when all live", HOME | WATCHED, recover, 0, 0, recover_codes},
    {NULL, 0, NULL, 0, 0, NULL},
};
