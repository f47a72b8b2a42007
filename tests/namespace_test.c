/* SPDX-License-Identifier: Apache-2.0 */
/* User and PID namespaces: the user who stands for all others owns nothing, and who lives is told by a lock, not by a
 * process number. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/ring.h"
#include "support/suite.h"

/* Tried in a child: this process stays where it is. */
static bool can_unshare(int what)
{
    int status = 1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(what) != 0);
    CHECK_SYSTEM(waitpid(child, &status, 0));
    return status == 0;
}

static void write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    CHECK_SYSTEM(file);
    CHECK_EQUAL(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static int try_open(uint32_t mode, const char *trusted, slotring_error_t *error)
{
    slotring_options_t options =
        ring_options(mode, mode == SLOTRING_CREATE ? 4 : 0, mode == SLOTRING_CREATE ? 100 : 0);
    options.trusted_owner = trusted;
    slotring_t *ring = NULL;
    int code =
        slotring_open(&ring, mode == SLOTRING_CREATE ? ring_name_of("-new") : ring_name(), &options, error);
    if (ring != NULL)
        CHECK_OK(slotring_close(ring));
    return code;
}

static void is_nobody(peer_t *test, const char *argument)
{
    (void)test, (void)argument;
    slotring_error_t error;
    CHECK_SYSTEM(unshare(CLONE_NEWUSER)); /* and no map: every user is the one who stands for all */
    uid_t nobody = geteuid();
    char number[20];
    (void)snprintf(number, sizeof number, "%u", (unsigned)nobody);
    struct stat status;
    CHECK_SYSTEM(stat(ring_path(ring_name()), &status));
    CHECK_EQUAL(status.st_uid, nobody); /* it looks like one's own, whoever made it */
    CHECK_CODE(try_open(SLOTRING_ATTACH, NULL, &error), SLOTRING_E_OWNER);
    CHECK_CONTAINS(error.text, number);
    CHECK_CODE(try_open(SLOTRING_OBSERVE, NULL, &error), SLOTRING_E_OWNER);
    CHECK_CODE(try_open(SLOTRING_ATTACH, number, &error),
               SLOTRING_E_OWNER);                                          /* named as trusted: no more so */
    CHECK_CODE(try_open(SLOTRING_CREATE, NULL, &error), SLOTRING_E_OWNER); /* nobody could trust it */
    CHECK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, &error) != 0);
}

static void the_overflow_user_owns_nothing(void)
{
    if (!can_unshare(CLONE_NEWUSER))
        SKIP("no user namespaces here");
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_fork(is_nobody, "");
    peer_join(&peer);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void is_itself(peer_t *test, const char *argument)
{
    char map[40];
    uid_t before = geteuid();
    (void)test, (void)argument;
    CHECK_SYSTEM(unshare(CLONE_NEWUSER));
    (void)snprintf(map, sizeof map, "%u %u 1", (unsigned)before, (unsigned)before);
    write_text("/proc/self/uid_map", map);
    slotring_t *ring = ring_attach(ring_name());
    publish(ring, 2, 0);
    CHECK_OK(slotring_close(ring));
}

static void a_mapped_user_is_itself(void)
{
    if (!can_unshare(CLONE_NEWUSER))
        SKIP("no user namespaces here");
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_fork(is_itself, "");
    peer_join(&peer);
    CHECK_EQUAL(ring_stats(ring).published, 1);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Processes of another PID namespace --------------------------------------------------------------- */

/* The first process of a namespace of its own. */
static void lives_inside(peer_t *test)
{
    slotring_t *ring = ring_attach(ring_name());
    slotring_slot_t slot, held;
    CHECK_EQUAL(getpid(), 1);
    slotring_ticket_t ticket = publish(ring, 2, 0);
    hold(ring, &ticket, &held);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    peer_expect(test, 2); /* somebody outside has died, whose number means nothing here */
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    peer_tell(test, recovery.participants);
    (void)peer_hear(test);
}

/* Starts it, says its number outside, and waits for its end. */
static void holds_the_door(peer_t *test, const char *argument)
{
    (void)argument;
    CHECK_SYSTEM(unshare(CLONE_NEWPID));
    fflush(NULL);
    pid_t inner = fork();
    CHECK_SYSTEM(inner);
    if (inner == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        lives_inside(test);
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(inner, &status, 0));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void attends(peer_t *test, const char *argument)
{
    (void)argument;
    slotring_t *ring = ring_attach(ring_name());
    publish(ring, 3, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

/* The first process of the namespace that `door` has made; 0 if there is none. */
static pid_t inner_of(const peer_t *door)
{
    char path[100], text[40] = "";
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)door->pid, (int)door->pid);
    FILE *file = fopen(path, "r");
    int inner = 0;
    if (file != NULL && fgets(text, sizeof text, file) != NULL && sscanf(text, "%d", &inner) != 1)
        inner = 0;
    if (file != NULL)
        fclose(file);
    return (pid_t)inner;
}

static void check_people(slotring_t *ring)
{
    slotring_participant_t people[4];
    uint32_t count;
    CHECK_OK(slotring_participants(ring, people, 4, &count));
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(people[1].pid, 1);                             /* its number inside, … */
    CHECK(people[1].pid_namespace != people[0].pid_namespace); /* … and where that is */
    CHECK(people[0].pid_namespace != 0 && people[1].pid_namespace != 0);
    CHECK_EQUAL(people[0].life, SLOTRING_LIFE_RUNNING);
    CHECK_EQUAL(people[1].life, SLOTRING_LIFE_UNKNOWN); /* process 1 out here lives, and is not asked for */
}

static void other_numbers_same_lock(void)
{
    if (!can_unshare(CLONE_NEWPID))
        SKIP("no PID namespaces here");
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t door = peer_fork(holds_the_door, "");
    peer_expect(&door, 1);
    pid_t inner = inner_of(&door);
    if (inner == 0) {
        peer_kill(&door);
        CHECK_OK(slotring_recover(ring, NULL));
        ring_remove(ring, ring_name());
        SKIP("the kernel does not say who a process's children are");
    }
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants,
                0); /* not dead, though no process here has its number and start time */
    check_people(ring);
    peer_t outside = peer_fork(attends, "");
    peer_expect(&outside, 1);
    peer_kill(&outside);
    peer_tell(&door, 2);
    peer_expect(&door, 1); /* and from inside: one was dead, and this process was not */
    CHECK_SYSTEM(kill(inner, SIGKILL));
    peer_join(&door);
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 1);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Processes that /proc hides from other users ------------------------------------------------------ */

#define OTHER_USER 54321u

/* Of root it sees nothing but what the ring says. */
static void is_kept_in_the_dark(peer_t *test, const char *argument)
{
    static const uint32_t modes[] = {SLOTRING_OBSERVE, SLOTRING_ATTACH};
    (void)test, (void)argument;
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setgid(OTHER_USER));
    CHECK_SYSTEM(setuid(OTHER_USER));
    CHECK(access("/proc/1/stat", R_OK) != 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        slotring_options_t options = ring_options(modes[i], 0, 0);
        slotring_t *ring = ring_open_with(ring_name(), &options);
        slotring_participant_t people[4];
        uint32_t count;
        CHECK_OK(slotring_participants(ring, people, 4, &count));
        CHECK_EQUAL(count, 1 + i);
        CHECK_EQUAL(people[0].pid, 1);
        CHECK_EQUAL(people[0].life, SLOTRING_LIFE_UNKNOWN);
        if (modes[i] == SLOTRING_ATTACH)
            check_recovered(ring, 2); /* nobody was dead */
        CHECK_OK(slotring_close(ring));
    }
}

/* Root, in a PID namespace whose /proc hides others. */
static void hides(const char *how)
{
    CHECK_SYSTEM(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CHECK_SYSTEM(mount("proc", "/proc", "proc", 0, how));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.access = SLOTRING_ACCESS_ALL;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    peer_t peer = peer_fork(is_kept_in_the_dark, "");
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

static void hides_inside(peer_t *test, const char *how)
{
    (void)test;
    CHECK_SYSTEM(unshare(CLONE_NEWPID | CLONE_NEWNS));
    fflush(NULL);
    pid_t inner = fork();
    CHECK_SYSTEM(inner);
    if (inner == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        hides(how);
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(inner, &status, 0));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void hidden_is_not_dead(void)
{
    static const char *const ways[] = {"hidepid=1", "hidepid=2"};
    if (geteuid() != 0 || !can_unshare(CLONE_NEWPID | CLONE_NEWNS))
        SKIP("no PID and mount namespaces here");
    if (!ring_shares_users())
        SKIP("this backend makes rings for their owner alone");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        peer_t peer = peer_fork(hides_inside, ways[i]);
        peer_join(&peer);
    }
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"the_overflow_user_owns_nothing", the_overflow_user_owns_nothing, 0},
    {"a_mapped_user_is_itself", a_mapped_user_is_itself, 0},
    {"other_numbers_same_lock", other_numbers_same_lock, 0},
    {"hidden_is_not_dead", hidden_is_not_dead, 0},
    {NULL, NULL, 0},
};

const test_suite_t namespace_suite = {"namespace", cases, NULL};
