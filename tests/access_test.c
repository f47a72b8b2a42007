/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what with a ring: the files' modes, and a second user who really tries. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/apr.h"
#include "support/files.h"
#include "support/posix/system.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#define OTHER_USER 65533 /* nobody's number on any system that is known; not the overflow user */
#define OVERFLOW_USER 65534

static slotring_t *create_with(uint32_t access, const char *group)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    options.access = access;
    options.group = group;
    return ring_open_with(ring_name(), &options);
}

/* Backends for one user say so. */
static void check_unsupported(uint32_t access)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    options.access = access;
    slotring_t *ring = NULL;
    slotring_error_t error = {0};
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_UNSUPPORTED);
    CHECK_CONTAINS(error.text, "owner alone");
    check_nothing_left();
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    CHECK_SYSTEM(stat(path, &status));
    return status.st_mode & 07777;
}

static void file_modes(void)
{
    static const struct {
        uint32_t access;
        mode_t segment, lock;
    } rows[] = {
        {SLOTRING_ACCESS_OWNER, 0600, 0600}, {SLOTRING_ACCESS_GROUP_OBSERVE, 0640, 0600},
        {SLOTRING_ACCESS_GROUP, 0660, 0660}, {SLOTRING_ACCESS_ALL_OBSERVE, 0644, 0600},
        {SLOTRING_ACCESS_ALL, 0666, 0666},
    };
    static const mode_t masks[] = {0, 022, 077, 0777};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t m = 0; m < sizeof masks / sizeof masks[0]; m++) {
            check_context("access %u, umask %o", rows[i].access, masks[m]);
            if (rows[i].access != SLOTRING_ACCESS_OWNER && !ring_shares_users()) {
                check_unsupported(rows[i].access);
                continue;
            }
            mode_t before = umask(masks[m]);
            slotring_t *ring = create_with(rows[i].access, NULL);
            mode_t after = umask(before);
            CHECK_EQUAL(after, masks[m]); /* the library does not change it */
            char object[300]; /* where the memory lies apart from it, the entry is for all to read */
            if (!over_apr() && registry_object_path(ring_path(ring_name()), object, sizeof object))
                CHECK_EQUAL(mode_of(object), rows[i].segment);
            else
                CHECK_EQUAL(mode_of(ring_path(ring_name())), rows[i].segment);
            CHECK_EQUAL(mode_of(ring_lock_path(ring_name())), rows[i].lock);
            CHECK_EQUAL(ring_info(ring).access, rows[i].access);
            ring_remove(ring, ring_name());
        }
    }
    check_context("%s", "");
}

/* ---- A second user ---------------------------------------------------------------------------------- */

static bool can_change_user(void)
{
    return geteuid() == 0;
}

static void become(uid_t user, gid_t group)
{
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setgid(group));
    CHECK_SYSTEM(setuid(user));
}

static int try_open(uint32_t mode, const char *trusted_owner, slotring_t **ring)
{
    slotring_options_t options = ring_options(mode, 0, 0);
    options.trusted_owner = trusted_owner;
    slotring_error_t error = {0};
    int code = slotring_open(ring, ring_name(), &options, &error);
    if (code != 0)
        CHECK(strlen(error.text) > 20);
    return code;
}

static void refused_altogether(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    become(OTHER_USER, OTHER_USER);
    slotring_t *ring;
    CHECK_CODE(try_open(SLOTRING_ATTACH, NULL, &ring), SLOTRING_E_ACCESS);
    CHECK_CODE(try_open(SLOTRING_OBSERVE, NULL, &ring), SLOTRING_E_ACCESS);
    CHECK_CODE(try_open(SLOTRING_CREATE_OR_ATTACH, NULL, &ring), SLOTRING_E_ACCESS);
    CHECK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL) != 0);
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL)); /* it sees that there is one */
    CHECK_EQUAL(count, ring_shares_users() ? 1 : 0);        /* unless even the name is its owner's alone */
    if (count == 1)
        CHECK_EQUAL(entry.status, SLOTRING_E_ACCESS);
}

/* Producers wait for a visitor no longer than the ring's owner allows, and nobody else takes the gate away. */
static void visits(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    become(OTHER_USER, OTHER_USER);
    slotring_t *ring;
    slotring_error_t error;
    slotring_reader_t *reader;
    CHECK_OK(try_open(SLOTRING_ATTACH, "root", &ring));
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_ACCESS);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "at least 3 messages in at most 20 ms");
    options.mode = SLOTRING_BUDGETED;
    options.budget_messages = 2;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_ACCESS);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "a budget of 2 messages in 100 ms is too large");
    options.budget_messages = 3;
    options.budget_ns = 21000000;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_ACCESS);
    options.budget_messages = options.budget_ns = 0; /* what is granted */
    slotring_reader_info_t info;
    reader = subscribe_with(ring, &options);
    info = reader_info(reader);
    CHECK_EQUAL(info.budget_messages, 3);
    CHECK_EQUAL(info.budget_ns, 20000000);
    CHECK_CODE(slotring_revoke(ring, info.row), SLOTRING_E_ACCESS);
    CHECK_OK(slotring_unsubscribe(reader));
    options.budget_messages = 4; /* smaller */
    options.budget_ns = 1000000;
    CHECK_OK(slotring_unsubscribe(subscribe_with(ring, &options)));
    CHECK_OK(slotring_unsubscribe(subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW)));
    CHECK_OK(slotring_close(ring));
}

/* A ring for all, in which only some may be lossless without a budget. NULL: other users cannot be tried here, and the test skips. */
static slotring_t *ring_that_grants(uint32_t lossless_for, uint64_t group)
{
    const char *why = !can_change_user()     ? "only root can become another user"
                      : !ring_shares_users() ? "this backend makes rings for their owner alone"
                                             : NULL;
    if (why != NULL) {
        test_skip("%s", why);
        return NULL;
    }
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    options.access = SLOTRING_ACCESS_ALL;
    options.lossless_for = lossless_for;
    options.lossless_group = group;
    options.budget_messages = 3;
    options.budget_ns = 20000000;
    options.max_groups = 1;
    return ring_open_with(ring_name(), &options);
}

static void visitors_have_a_budget(void)
{
    slotring_t *ring = ring_that_grants(SLOTRING_LOSSLESS_FOR_OWNER, 0);
    if (!ring)
        return;
    CHECK_EQUAL(ring_info(ring).lossless_for, SLOTRING_LOSSLESS_FOR_OWNER);
    CHECK_EQUAL(ring_info(ring).budget_messages, 3);
    CHECK_EQUAL(ring_info(ring).budget_ns, 20000000);
    CHECK_OK(slotring_unsubscribe(subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW)));
    peer_t peer = peer_fork(visits, "");
    peer_join(&peer);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

#define GROUP 54321

/* Another user, who is in GROUP for as long as it is said. The real user stays root. */
static void be_visitor(bool member)
{
    const gid_t groups[] = {GROUP};
    CHECK_SYSTEM(seteuid(0));
    CHECK_SYSTEM(setgroups(member ? 1 : 0, groups));
    CHECK_SYSTEM(setegid(OTHER_USER));
    CHECK_SYSTEM(seteuid(OTHER_USER));
}

/* Of the owner and GROUP alone, with a durable subscription or as a member of workers where `flags` say so. */
static int try_subscribe(slotring_t *ring, uint32_t mode, uint32_t flags, slotring_reader_t **reader)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.flags = flags;
    options.name = flags & SLOTRING_DURABLE ? "recorder" : flags & SLOTRING_GROUP ? "workers" : NULL;
    if (mode == SLOTRING_BUDGETED)
        options.budget_messages = 1; /* fewer than the others must acknowledge */
    return slotring_subscribe(ring, &options, reader);
}

static const struct {
    uint32_t mode, flags;
} granted[] = {{SLOTRING_LOSSLESS, 0},
               {SLOTRING_BUDGETED, 0},
               {SLOTRING_LOSSLESS, SLOTRING_DURABLE},
               {SLOTRING_LOSSLESS, SLOTRING_GROUP}};

static void all_are_granted(slotring_t *ring)
{
    slotring_reader_t *reader;
    for (size_t i = 0; i < sizeof granted / sizeof granted[0]; i++) {
        check_context("row %zu", i);
        CHECK_OK(try_subscribe(ring, granted[i].mode, granted[i].flags, &reader));
        CHECK_OK(slotring_unsubscribe(reader));
    }
    check_context("%s", "");
    CHECK_OK(slotring_forget(ring, "recorder"));
    CHECK_OK(slotring_forget(ring, "workers"));
}

static void none_is_granted(slotring_t *ring)
{
    slotring_error_t error;
    slotring_reader_t *reader;
    for (size_t i = 0; i < sizeof granted / sizeof granted[0]; i++) {
        check_context("row %zu", i);
        CHECK_CODE(try_subscribe(ring, granted[i].mode, granted[i].flags, &reader), SLOTRING_E_ACCESS);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, "its owner, user 0, and group 54321");
        CHECK_CONTAINS(error.text, "user 65533, not in that group");
        CHECK_CONTAINS(error.text, "at least 3 messages in at most 20 ms");
    }
    check_context("%s", "");
}

/* By a supplementary group, by the effective one, and by none. */
static void visits_as_a_member(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    be_visitor(true);
    slotring_t *ring;
    CHECK_OK(try_open(SLOTRING_ATTACH, "root", &ring));
    all_are_granted(ring);
    be_visitor(false);
    none_is_granted(ring);
    CHECK_SYSTEM(seteuid(0));
    CHECK_SYSTEM(setegid(GROUP));
    CHECK_SYSTEM(seteuid(OTHER_USER));
    all_are_granted(ring);
    CHECK_OK(slotring_close(ring));
}

/* Asked is when a reader begins: also when it goes on with what is durable, and not when it is armed again. */
static void leaves_the_group(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    slotring_t *ring;
    slotring_slot_t slot;
    slotring_reader_t *lossless, *budgeted;
    be_visitor(true);
    CHECK_OK(try_open(SLOTRING_ATTACH, "root", &ring));
    CHECK_OK(try_subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_DURABLE, &lossless));
    CHECK_OK(try_subscribe(ring, SLOTRING_BUDGETED, 0, &budgeted));
    be_visitor(false);
    publish(ring, 5, 0);
    CHECK_EQUAL(take(lossless), pattern_tag(5, 0));
    CHECK_SYSTEM(seteuid(0));
    CHECK_OK(slotring_revoke(ring, reader_info(budgeted).row));
    CHECK_SYSTEM(seteuid(OTHER_USER));
    CHECK_CODE(slotring_next(budgeted, 0, &slot), SLOTRING_E_REVOKED);
    CHECK_OK(slotring_reader_rearm(budgeted));
    CHECK_EQUAL(reader_info(budgeted).budget_messages, 1);
    CHECK_OK(slotring_unsubscribe(lossless));
    none_is_granted(ring); /* the durable one neither, which it had before */
    be_visitor(true);
    CHECK_OK(try_subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_DURABLE, &lossless));
    CHECK_OK(slotring_unsubscribe(lossless));
    CHECK_OK(slotring_forget(ring, "recorder"));
    CHECK_OK(slotring_close(ring));
}

static void granted_to_a_group(role_fn role)
{
    slotring_t *ring = ring_that_grants(SLOTRING_LOSSLESS_FOR_GROUP, GROUP);
    if (!ring)
        return;
    CHECK_OK(slotring_unsubscribe(subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW)));
    peer_t peer = peer_fork(role, "");
    peer_join(&peer);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void a_group_is_granted_what_the_owner_has(void)
{
    granted_to_a_group(visits_as_a_member);
}

static void who_leaves_the_group_keeps_its_readers(void)
{
    granted_to_a_group(leaves_the_group);
}

static void with_second_user(uint32_t access, const char *group, role_fn role)
{
    if (!can_change_user())
        SKIP("only root can become another user");
    if (access != SLOTRING_ACCESS_OWNER && !ring_shares_users())
        SKIP("this backend makes rings for their owner alone");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    slotring_t *ring = create_with(access, group);
    publish(ring, 1, 0);
    peer_t peer = peer_fork(role, "");
    peer_join(&peer);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void owner_only(void)
{
    with_second_user(SLOTRING_ACCESS_OWNER, NULL, refused_altogether);
}

static void takes_part(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    become(OTHER_USER, OTHER_USER);
    slotring_t *ring; /* of root's: accepted without being named */
    CHECK_OK(try_open(SLOTRING_ATTACH, NULL, &ring));
    slotring_ticket_t ticket = publish(ring, 2, 0);
    read_once(ring, &ticket);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    CHECK_EQUAL(take(reader), pattern_tag(2, 0));
    CHECK_EQUAL(ring_stats(ring).participants, 2);
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring(ring);
    CHECK_OK(slotring_close(ring));
}

static void all_take_part(void)
{
    with_second_user(SLOTRING_ACCESS_ALL, NULL, takes_part);
}

static int try_remove(int how, slotring_error_t *error)
{
    memset(error, 0, sizeof *error);
    return slotring_unlink(ring_name(), how, NULL, error);
}

static void may_not_remove(peer_t *test, const char *said)
{
    (void)test;
    become(OTHER_USER, OTHER_USER);
    for (int how = SLOTRING_UNLINK_IF_UNUSED; how <= SLOTRING_UNLINK_FORCE; how++) {
        slotring_error_t error;
        int code = try_remove(how, &error);
        check_context("how %d", how);
        if (strstr(said, "in use") && how == SLOTRING_UNLINK_IF_UNUSED) {
            CHECK_CODE(code, SLOTRING_E_BUSY);
            continue;
        }
        CHECK_CODE(code, SLOTRING_E_ACCESS);
        CHECK_CONTAINS(error.text, ring_path(ring_name())); /* whose it is, and who may */
        CHECK_CONTAINS(error.text, "belongs to user 0");
        CHECK_CONTAINS(error.text, strstr(said, "sticky") ? "only" : "65533 may not change");
    }
    check_context("%s", "");
    slotring_t *ring;
    CHECK_OK(try_open(SLOTRING_ATTACH, NULL, &ring));
    CHECK_EQUAL(ring_info(ring).remove_when_unused, 0);
    CHECK_OK(slotring_close(ring));
}

/* Another user tries to remove a ring in which anybody takes part; what `said` says of it holds. */
static void refused_removal(mode_t mode, const char *said)
{
    if (!can_change_user())
        SKIP("only root can become another user");
    if (!ring_shares_users())
        SKIP("this backend serves one user");
    CHECK_SYSTEM(chmod(directory_path(), mode));
    slotring_t *ring = create_with(SLOTRING_ACCESS_ALL, NULL);
    if (!strstr(said, "in use"))
        CHECK_OK(slotring_close(ring));
    peer_t peer = peer_fork(may_not_remove, said);
    peer_join(&peer);
    if (strstr(said, "in use"))
        CHECK_OK(slotring_close(ring));
    CHECK_OK(try_open(SLOTRING_ATTACH, NULL, &ring)); /* it is still there, and is to stay */
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
}

/* In a folder where only owners may remove, such as /dev/shm: a refused removal is not done by the next one to leave. */
static void refused_removal_changes_nothing(void)
{
    refused_removal(01777, "sticky");
}

/* Who could not remove the ring cannot have its users remove it. */
static void refused_removal_of_a_ring_in_use(void)
{
    refused_removal(01777, "sticky, in use");
}

static void refused_removal_from_a_folder_of_others(void)
{
    refused_removal(0755, "others', in use");
}

static void may_remove(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    become(OTHER_USER, OTHER_USER);
    slotring_error_t error;
    CHECK_OK(try_remove(SLOTRING_UNLINK_WHEN_UNUSED, &error));
}

/* Rights that the folder gives to all. */
static void removal_from_a_folder_of_all(void)
{
    if (!can_change_user())
        SKIP("only root can become another user");
    if (!ring_shares_users())
        SKIP("this backend serves one user");
    if (over_registry())
        SKIP("its owner alone may remove what lies in shared memory, whatever the folder's mode");
    CHECK_SYSTEM(chmod(directory_path(), 0777));
    slotring_t *ring = create_with(SLOTRING_ACCESS_ALL, NULL);
    peer_t peer = peer_fork(may_remove, "");
    peer_join(&peer);
    CHECK_EQUAL(ring_info(ring).remove_when_unused, 1);
    CHECK_OK(slotring_close(ring));
    check_nothing_left();
}

static void lists_in_vain(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    become(OTHER_USER, OTHER_USER);
    slotring_error_t error;
    uint32_t count = 9;
    CHECK_CODE(slotring_list(NULL, NULL, 0, &count, &error), SLOTRING_E_ACCESS);
    CHECK_EQUAL(count, 0);
    CHECK_CONTAINS(error.text, directory_path());
}

/* Whose names are not for all to see. */
static void list_of_a_folder_of_others(void)
{
    if (!can_change_user())
        SKIP("only root can become another user");
    if (!ring_shares_users())
        SKIP("this backend serves one user");
    CHECK_SYSTEM(chmod(directory_path(), 0711));
    peer_t peer = peer_fork(lists_in_vain, "");
    peer_join(&peer);
}

static void observes_only(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    become(OTHER_USER, OTHER_USER);
    slotring_t *ring;
    CHECK_CODE(try_open(SLOTRING_ATTACH, NULL, &ring), SLOTRING_E_ACCESS);
    CHECK_OK(try_open(SLOTRING_OBSERVE, NULL, &ring));
    CHECK_EQUAL(ring_stats(ring).published, 1);
    slotring_slot_t slot;
    uint8_t buffer[100];
    CHECK_OK(slotring_copy_sequence(ring, 0, buffer, sizeof buffer, &slot));
    CHECK_EQUAL(pattern_verify(buffer, slot.length, slot.tag), slot.length);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_READ_ONLY);
    check_ring(ring);
    CHECK_OK(slotring_close(ring));
    CHECK_EQUAL(access(ring_path(ring_name()), W_OK), -1); /* the system agrees: nothing can be written, … */
    CHECK_EQUAL(errno, EACCES);
    CHECK_EQUAL(access(ring_lock_path(ring_name()), R_OK), -1); /* … not even a lock can be taken */
    CHECK_EQUAL(errno, EACCES);
}

static void all_observe(void)
{
    with_second_user(SLOTRING_ACCESS_ALL_OBSERVE, NULL, observes_only);
}

static void member_takes_part(peer_t *test, const char *argument)
{
    become(OTHER_USER, 54321);
    (void)test, (void)argument;
    slotring_t *ring;
    CHECK_OK(try_open(SLOTRING_ATTACH, NULL, &ring));
    publish(ring, 2, 0);
    CHECK_OK(slotring_close(ring));
}

static void members_only(void)
{
    with_second_user(SLOTRING_ACCESS_GROUP, "54321", member_takes_part);
}

static void others_are_no_members(void)
{
    with_second_user(SLOTRING_ACCESS_GROUP, "54321", refused_altogether);
}

static void member_observes(peer_t *test, const char *argument)
{
    become(OTHER_USER, 54321);
    (void)test, (void)argument;
    slotring_t *ring;
    CHECK_CODE(try_open(SLOTRING_ATTACH, NULL, &ring), SLOTRING_E_ACCESS);
    CHECK_OK(try_open(SLOTRING_OBSERVE, NULL, &ring));
    CHECK_EQUAL(ring_stats(ring).published, 1);
    CHECK_OK(slotring_close(ring));
}

static void members_observe(void)
{
    with_second_user(SLOTRING_ACCESS_GROUP_OBSERVE, "54321", member_observes);
}

/* ---- Rings of users who are not trusted --------------------------------------------------------------- */

/* Creates the ring as the user in `argument`, waits, removes it. */
static void owns(peer_t *test, const char *argument)
{
    become((uid_t)strtoul(argument, NULL, 10), 54321);
    slotring_t *ring = create_with(ring_shares_users() ? SLOTRING_ACCESS_ALL : SLOTRING_ACCESS_OWNER, NULL);
    publish(ring, 1, 0);
    peer_tell(test, 1);
    peer_expect(test, 2);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
}

static void untrusted_owner(void)
{
    if (!can_change_user())
        SKIP("only root can become another user");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    (void)ring_name(); /* the same for the child */
    peer_t peer = peer_fork(owns, "65533");
    peer_expect(&peer, 1);
    slotring_t *ring;
    CHECK_CODE(try_open(SLOTRING_ATTACH, NULL, &ring), SLOTRING_E_OWNER);
    CHECK_CODE(try_open(SLOTRING_OBSERVE, NULL, &ring), SLOTRING_E_OWNER);
    CHECK_CODE(try_open(SLOTRING_CREATE_OR_ATTACH, NULL, &ring), SLOTRING_E_OWNER);
    CHECK_CODE(try_open(SLOTRING_ATTACH, "65532", &ring), SLOTRING_E_OWNER);
    CHECK_CODE(try_open(SLOTRING_ATTACH, "no-such-user", &ring), SLOTRING_E_INVALID);
    for (int how = SLOTRING_UNLINK_IF_UNUSED; how <= SLOTRING_UNLINK_FORCE; how++)
        CHECK_CODE(slotring_unlink(ring_name(), how, NULL, NULL), SLOTRING_E_OWNER); /* by root neither */
    if (ring_shares_users()) {
        slotring_list_entry_t entry;
        uint32_t count = 0;
        CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
        CHECK_EQUAL(count, 1);
        CHECK_EQUAL(entry.status, SLOTRING_E_OWNER);
    }
    CHECK_OK(try_open(SLOTRING_OBSERVE, "65533", &ring)); /* named: accepted */
    CHECK_EQUAL(ring_stats(ring).published, 1);
    CHECK_OK(slotring_close(ring));
    if (ring_shares_users()) {
        CHECK_OK(try_open(SLOTRING_ATTACH, "65533", &ring));
        publish(ring, 2, 0);
        CHECK_OK(slotring_close(ring));
    } else {
        CHECK_CODE(try_open(SLOTRING_ATTACH, "65533", &ring), SLOTRING_E_UNSUPPORTED);
    }
    peer_tell(&peer, 2);
    peer_join(&peer);
    check_nothing_left();
}

static void overflow_user_equals_nobody(void)
{
    /* files of users that a namespace cannot show all look like this user's: it may not be trusted as an owner */
    if (!can_change_user())
        SKIP("only root can become another user");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    (void)ring_name();
    peer_t peer = peer_fork(owns, "65533");
    peer_expect(&peer, 1);
    CHECK_SYSTEM(chown(ring_path(ring_name()), OVERFLOW_USER, OVERFLOW_USER));
    slotring_t *ring;
    CHECK_CODE(try_open(SLOTRING_ATTACH, "65534", &ring), SLOTRING_E_OWNER);
    CHECK_SYSTEM(chown(ring_path(ring_name()), OTHER_USER, 54321));
    peer_tell(&peer, 2);
    peer_join(&peer);
    check_nothing_left();
}

/* A program with more rights than its caller finds neither the caller's directory nor backend. */
static void obeys_nobody(peer_t *test, const char *name)
{
    (void)test;
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    slotring_error_t error;
    CHECK_CODE(slotring_open(&ring, name, &options, &error), SLOTRING_E_NOT_FOUND);
    CHECK(strstr(error.text, directory_path()) == NULL);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SLOTRING_COVERAGE)
#define WATCHED true
#else
#define WATCHED false
#endif

/* Copies this program to `path` as a setuid program of another user. */
static void copy_as_setuid(const char *path)
{
    char buffer[65536];
    size_t got;
    FILE *from = fopen("/proc/self/exe", "rb"), *to = fopen(path, "wb");
    CHECK(from != NULL && to != NULL);
    while ((got = fread(buffer, 1, sizeof buffer, from)) > 0)
        CHECK_EQUAL(fwrite(buffer, 1, got, to), got);
    CHECK_EQUAL(fclose(from) | fclose(to), 0);
    CHECK_SYSTEM(chown(path, OTHER_USER, OTHER_USER));
    CHECK_SYSTEM(chmod(path, 04755));
}

static int run_role(const char *program, const char *role)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    CHECK_SYSTEM(pid);
    if (pid == 0) {
        (void)setenv("SLOTRING_BACKEND", "no-such-backend", 1);
        (void)execl(program, "slotring_tests", "--role", role, "0", "1", ring_name(), (char *)NULL);
        _exit(126);
    }
    CHECK_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void setuid_programs_obey_no_environment(void)
{
    char path[64], own[1024];
    if (WATCHED)
        SKIP("a sanitizer cannot look into a setuid program, nor coverage be counted in it");
    struct statvfs about;
    if (!can_change_user())
        SKIP("only root can make a program of another user");
    const char *emulator = getenv("SLOTRING_TEST_EMULATOR");
    if (emulator != NULL && strcmp(emulator, "/usr/bin/env") != 0) /* which emulates nothing */
        SKIP("an emulated program is not one that the system could make setuid");
    (void)snprintf(path, sizeof path, "/var/tmp/slotring-test-setuid.%d", (int)getpid());
    CHECK_SYSTEM(statvfs("/var/tmp", &about));
#ifdef ST_NOEXEC
    bool may_run = !(about.f_flag & ST_NOEXEC);
#else
    bool may_run = true;
#endif
    if (about.f_flag & ST_NOSUID || !may_run)
        SKIP("/var/tmp is mounted so that nothing there is setuid");
    system_own_program(own, sizeof own);
    CHECK_EQUAL(run_role(own, "access-obeys-nobody"), CHECK_FAILED_STATUS); /* with its own rights it obeys */
    copy_as_setuid(path);
    int status = run_role(path, "access-obeys-nobody");
    CHECK_SYSTEM(unlink(path));
    CHECK_EQUAL(status, 0);
}

static const test_case_t cases[] = {
    {"file_modes", file_modes, 0},
    {"owner_only", owner_only, 0},
    {"visitors_have_a_budget", visitors_have_a_budget, 0},
    {"a_group_is_granted_what_the_owner_has", a_group_is_granted_what_the_owner_has, 0},
    {"who_leaves_the_group_keeps_its_readers", who_leaves_the_group_keeps_its_readers, 0},
    {"all_take_part", all_take_part, 0},
    {"refused_removal_changes_nothing", refused_removal_changes_nothing, 0},
    {"refused_removal_of_a_ring_in_use", refused_removal_of_a_ring_in_use, 0},
    {"refused_removal_from_a_folder_of_others", refused_removal_from_a_folder_of_others, 0},
    {"removal_from_a_folder_of_all", removal_from_a_folder_of_all, 0},
    {"list_of_a_folder_of_others", list_of_a_folder_of_others, 0},
    {"all_observe", all_observe, 0},
    {"members_only", members_only, 0},
    {"others_are_no_members", others_are_no_members, 0},
    {"members_observe", members_observe, 0},
    {"untrusted_owner", untrusted_owner, 0},
    {"overflow_user_equals_nobody", overflow_user_equals_nobody, 0},
    {"setuid_programs_obey_no_environment", setuid_programs_obey_no_environment, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"access-obeys-nobody", obeys_nobody},
    {NULL, NULL},
};

const test_suite_t access_suite = {"access", cases, roles};
