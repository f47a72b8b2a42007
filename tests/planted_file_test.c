/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody puts something else where a ring's segment or its lock file should be: before it is created, before others
 * attach, or while they are attached. It is refused with the reason, never followed, and what was attached goes on. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/apr.h"
#include "support/files.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#define OTHER_USER 65533
#define OTHER_TEXT "somebody's own file, which stays as it is"

static char target[600], aside[600];

static void make_target(void)
{
    (void)snprintf(target, sizeof target, "%s/target", directory_path());
    (void)snprintf(aside, sizeof aside, "%s/aside", directory_path());
    file_write(target, OTHER_TEXT, sizeof OTHER_TEXT);
    CHECK_SYSTEM(chmod(target, 0604));
}

/* What a link leads to has neither been written, nor cut, nor given other rights. */
static void check_target(void)
{
    struct stat status;
    char text[100] = "";
    int file = open(target, O_RDONLY | O_CLOEXEC);
    CHECK_SYSTEM(file);
    CHECK_SYSTEM(fstat(file, &status));
    CHECK_EQUAL(status.st_mode & 07777, 0604);
    CHECK_EQUAL(read(file, text, sizeof text), sizeof OTHER_TEXT);
    CHECK_STRING(text, OTHER_TEXT);
    close(file);
}

enum things {
    SYMLINK,
    SYMLINK_TO_THE_REAL_ONE, /* which was moved aside */
    DANGLING_SYMLINK,
    HARD_LINK,
    FIFO,
    DIRECTORY,
    OTHERS_FILE,
    OTHERS_COPY, /* the same bytes, another owner */
    THINGS
};

static const char *const thing_names[THINGS] = {
    "a symbolic link",
    "a symbolic link to the real one",
    "a dangling symbolic link",
    "a hard link",
    "a pipe",
    "a directory",
    "another user's file",
    "another user's copy",
};

static void copy_file(const char *from, const char *to)
{
    char buffer[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    CHECK_SYSTEM(out);
    for (ssize_t got; in >= 0 && (got = read(in, buffer, sizeof buffer)) > 0;)
        CHECK_EQUAL(write(out, buffer, (size_t)got), got);
    if (in >= 0)
        close(in);
    CHECK_SYSTEM(fchmod(out, 0666));
    CHECK_SYSTEM(fchown(out, OTHER_USER, OTHER_USER));
    close(out);
}

static void put(enum things thing, const char *path)
{
    switch (thing) {
    case SYMLINK:
        CHECK_SYSTEM(symlink(target, path));
        break;
    case SYMLINK_TO_THE_REAL_ONE:
        CHECK_SYSTEM(symlink(aside, path));
        break;
    case DANGLING_SYMLINK:
        CHECK_SYSTEM(symlink("/nowhere/at/all", path));
        break;
    case HARD_LINK:
        CHECK_SYSTEM(link(target, path));
        break;
    case FIFO:
        CHECK_SYSTEM(mkfifo(path, 0666));
        break;
    case DIRECTORY:
        CHECK_SYSTEM(mkdir(path, 0777));
        break;
    case OTHERS_FILE:
        copy_file(target, path);
        break;
    case OTHERS_COPY:
        copy_file(aside, path);
        break;
    default:
        FAIL("no such thing");
    }
}

static void take_away(const char *path)
{
    CHECK_SYSTEM(remove(path));
}

/* What each is called in a sentence. A directory in the place of a segment must be taken away by hand. */
static const char *const said[THINGS] = {
    "a symbolic link", "a symbolic link", "a symbolic link", "2 names",
    "a pipe",          "a directory",     "belongs to user", "belongs to user",
};

static void check_said(enum things thing, const char *text)
{
    CHECK_CONTAINS(text, said[thing]);
    CHECK(strstr(text, "take it away") != NULL || strstr(text, "take the others away") != NULL ||
          strstr(text, "trusted_owner") != NULL);
}

static bool is_refusal(int code)
{
    return code == SLOTRING_E_NOT_A_RING || code == SLOTRING_E_OWNER || code == SLOTRING_E_CORRUPT;
}

static void check_refused(enum things thing, uint32_t mode, bool may_exist)
{
    slotring_options_t options =
        ring_options(mode, mode == SLOTRING_CREATE ? 4 : 0, mode == SLOTRING_CREATE ? 100 : 0);
    options.lock_timeout_ns = 100 * MILLISECOND;
    slotring_t *ring = NULL;
    slotring_error_t error;
    int code = slotring_open(&ring, ring_name(), &options, &error);
    if (!is_refusal(code) && !(may_exist && code == SLOTRING_E_EXISTS))
        FAIL("mode %u gave %s: %s", mode, slotring_error_name(code), error.text);
    CHECK_CONTAINS(error.text, over_registry() ? directory_path() : ring_name());
    check_said(thing, error.text);
    CHECK(ring == NULL);
}

/* ---- The three moments -------------------------------------------------------------------------------- */

static void before_creation(enum things thing, const char *path, bool is_segment)
{
    put(thing, path);
    check_refused(thing, SLOTRING_CREATE, is_segment);
    if (is_segment) {
        check_refused(thing, SLOTRING_ATTACH, false);
        check_refused(thing, SLOTRING_OBSERVE, false);
        check_refused(thing, SLOTRING_CREATE_OR_ATTACH, false);
    }
    take_away(path);
    check_target();
    take_away(target);
    check_nothing_left(); /* nor was anything made beside it */
    make_target();
}

static void check_unmoved(slotring_t *ring, const slotring_ticket_t *ticket)
{
    read_once(ring, ticket);
    CHECK_OK(slotring_recover(ring, NULL));
    check_ring(ring);
}

static void around_attaching(enum things thing, const char *path, bool is_segment, bool attached)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    if (!attached)
        CHECK_OK(slotring_close(ring));
    CHECK_SYSTEM(rename(path, aside));
    put(thing, path);
    check_refused(thing, SLOTRING_ATTACH, false);
    check_refused(thing, SLOTRING_CREATE_OR_ATTACH, false);
    if (is_segment)
        check_refused(thing, SLOTRING_OBSERVE, false);
    slotring_error_t error;
    CHECK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, &error) != 0);
    check_said(thing, error.text);
    if (thing == DIRECTORY && is_segment) {
        CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, &error), SLOTRING_E_NOT_A_RING);
        check_said(thing, error.text);
    }
    if (attached)
        check_unmoved(ring, &ticket);
    take_away(path);
    CHECK_SYSTEM(rename(aside, path));
    check_target();
    if (!attached)
        ring = ring_attach(ring_name());
    check_unmoved(ring, &ticket);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
}

static void try_everything(mode_t mode)
{
    CHECK_SYSTEM(chmod(directory_path(), mode));
    make_target();
    for (int segment = 0; segment <= 1; segment++)
        for (int thing = 0; thing < THINGS; thing++) {
            char path[700];
            (void)snprintf(path, sizeof path, "%s",
                           segment ? ring_path(ring_name()) : ring_lock_path(ring_name()));
            if ((thing == OTHERS_FILE || thing == OTHERS_COPY) && geteuid() != 0)
                continue; /* planted_file.by_another_user says that it is skipped */
            check_context("%s in the place of the %s, before creation", thing_names[thing],
                          segment ? "segment" : "lock file");
            before_creation((enum things)thing, path, segment);
            for (int attached = 0; attached <= 1; attached++) {
                check_context("%s in the place of the %s, %s", thing_names[thing],
                              segment ? "segment" : "lock file",
                              attached ? "while attached" : "before attaching");
                around_attaching((enum things)thing, path, segment, attached);
            }
        }
    check_context("%s", "");
    take_away(target);
    check_nothing_left();
}

static void in_a_private_directory(void)
{
    if (over_registry())
        SKIP("a ring has other files here");
    try_everything(0700);
}

static void in_a_sticky_directory(void)
{
    if (over_registry())
        SKIP("a ring has other files here");
    try_everything(01777);
}

/* ---- A second user, who really tries ----------------------------------------------------------------- */

static bool hard_links_are_protected(void)
{
    FILE *file = fopen("/proc/sys/fs/protected_hardlinks", "r");
    int digit = file != NULL ? fgetc(file) : '0';
    if (file != NULL)
        fclose(file);
    return digit == '1';
}

static void tries_to_replace(peer_t *test, const char *argument)
{
    (void)test;
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setresgid(OTHER_USER, OTHER_USER, OTHER_USER));
    CHECK_SYSTEM(setresuid(OTHER_USER, OTHER_USER, OTHER_USER));
    int expected =
        argument[0] == 's' ? EPERM : EACCES; /* sticky: its owner alone; private: not even looked into */
    for (int segment = 0; segment <= 1; segment++) {
        const char *path = segment ? ring_path(ring_name()) : ring_lock_path(ring_name());
        CHECK(unlink(path) < 0 && errno == expected);
        CHECK(rename(path, aside) < 0 && errno == expected);
        if (hard_links_are_protected()) /* where not, a second name is noticed, and nobody attaches meanwhile */
            CHECK(link(path, aside) < 0);
        CHECK(symlink(target, path) < 0);
    }
}

static void by_another_user(void)
{
    if (geteuid() != 0)
        SKIP("only root can become another user");
    if (over_apr())
        SKIP("over APR a ring has other files");
    (void)snprintf(aside, sizeof aside, "%s/aside", directory_path());
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    for (int sticky = 0; sticky <= 1; sticky++) {
        CHECK_SYSTEM(chmod(directory_path(), sticky ? 01777 : 0700));
        peer_t peer = peer_fork(tries_to_replace, sticky ? "s" : "p");
        peer_join(&peer);
        slotring_t *another = ring_attach(ring_name());
        read_once(another, &ticket);
        CHECK_OK(slotring_close(another));
    }
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"in_a_private_directory", in_a_private_directory, 0},
    {"in_a_sticky_directory", in_a_sticky_directory, 0},
    {"by_another_user", by_another_user, 0},
    {NULL, NULL, 0},
};

const test_suite_t planted_file_suite = {"planted_file", cases, NULL};
