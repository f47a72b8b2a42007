/* SPDX-License-Identifier: Apache-2.0 */
/* A ring that was made before the machine was restarted: its control data may be of another moment than its payload, and
 * nothing in it is believed. Whoever opens it or looks at it is told so, and it is removed without force, whatever became of
 * its other parts. A boot that is not known refuses nothing. */
#include <stdio.h>
#include <string.h>

#include "support/boot.h"
#include "support/files.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

enum boot {
    OWN,
    UNKNOWN,
    ANOTHER, /* by one bit */
    QUITE_ANOTHER
};

static const char *silent = "the system does not say which boot it is";

/* A ring with a publication, and nobody attached. */
static void make_ring(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    publish(ring, 1, 0);
    CHECK_OK(slotring_close(ring));
}

static sr__header_t *map_header(void)
{
    size_t size;
    return ring_map(ring_name(), &size);
}

static void sign_and_unmap(sr__header_t *header)
{
    header->checksum = sr__layout_checksum(header);
    ring_unmap(header);
}

/* False: the system does not say which boot it is, so that whatever stands there is right. */
static bool put_boot(enum boot boot)
{
    static const uint8_t unknown[sizeof((sr__header_t *)0)->boot_id];
    sr__header_t *header = map_header();
    bool known = memcmp(header->boot_id, unknown, sizeof unknown) != 0;
    if (boot == UNKNOWN)
        memset(header->boot_id, 0, sizeof unknown);
    if (boot == ANOTHER)
        header->boot_id[15] ^= 1;
    if (boot == QUITE_ANOTHER)
        memset(header->boot_id, 0x5a, sizeof unknown);
    sign_and_unmap(header);
    return known;
}

/* The same, of a ring that is made for it; it is gone again when there is nothing to try. */
static bool make_ring_of(enum boot boot)
{
    make_ring();
    if (put_boot(boot))
        return true;
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    return false;
}

static int try_open(uint32_t mode, uint32_t flags, slotring_error_t *error)
{
    bool creates = mode == SLOTRING_CREATE || mode == SLOTRING_CREATE_OR_ATTACH;
    slotring_options_t options = ring_options(mode, creates ? 4 : 0, creates ? 100 : 0);
    slotring_t *ring = NULL;
    options.flags = flags;
    int code = slotring_open(&ring, ring_name(), &options, error);
    if (ring)
        CHECK_OK(slotring_close(ring));
    return code;
}

static int remove_it(int how)
{
    slotring_error_t error;
    int code = slotring_unlink(ring_name(), how, NULL, &error);
    if (code != 0)
        CHECK_CONTAINS(error.text, ring_name());
    return code;
}

static slotring_list_entry_t listed(void)
{
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_STRING(entry.name, ring_name());
    return entry;
}

/* Nobody who comes is let in, nobody who looks takes anything away, and each is told what to do. */
static void check_refused(void)
{
    static const uint32_t modes[] = {SLOTRING_ATTACH, SLOTRING_CREATE_OR_ATTACH, SLOTRING_OBSERVE,
                                     SLOTRING_CREATE};
    slotring_error_t error;
    size_t size = ring_size(ring_name());
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        CHECK_CODE(try_open(modes[i], 0, &error),
                   modes[i] == SLOTRING_CREATE ? SLOTRING_E_EXISTS : SLOTRING_E_OTHER_BOOT);
        CHECK_CONTAINS(error.text, ring_name());
        CHECK_CONTAINS(error.text, "restarted");
        CHECK_CONTAINS(error.text, "slotring rm");
        CHECK_CONTAINS(error.text, "SLOTRING_WIPE_UNUSED");
    }
    slotring_t *own = NULL;
    CHECK_CODE(slotring_global(ring_name(), 0, 0, &own, &error), SLOTRING_E_OTHER_BOOT);
    slotring_list_entry_t entry = listed();
    CHECK_EQUAL(entry.status, SLOTRING_E_OTHER_BOOT);
    CHECK_EQUAL(entry.segment_size, size);
    CHECK_EQUAL(ring_size(ring_name()), size);
}

static void check_gone(void)
{
    CHECK(!ring_exists(ring_name()));
    check_nothing_left();
}

static void is_refused_and_removed(void)
{
    for (enum boot boot = ANOTHER; boot <= QUITE_ANOTHER; boot++)
        for (int how = SLOTRING_UNLINK_IF_UNUSED; how <= SLOTRING_UNLINK_FORCE; how++) {
            if (!make_ring_of(boot))
                SKIP("%s", silent);
            check_refused();
            CHECK_OK(remove_it(how));
            check_gone();
        }
}

static void is_made_anew_when_asked_for(void)
{
    slotring_error_t error;
    if (!make_ring_of(ANOTHER))
        SKIP("%s", silent);
    CHECK_OK(try_open(SLOTRING_CREATE, SLOTRING_WIPE_UNUSED, &error));
    slotring_t *ring = ring_attach(ring_name());
    CHECK_EQUAL(ring_stats(ring).published, 0);
    ring_remove(ring, ring_name());
}

/* The power went while participants used the ring. Its mutable words are from no single moment. */
static void whatever_is_in_it(void)
{
    for (int garbage = 0; garbage < 256; garbage += 51) {
        if (!make_ring_of(ANOTHER))
            SKIP("%s", silent);
        size_t size;
        uint8_t *memory = ring_map(ring_name(), &size);
        memset(memory + SR__PAGE, garbage, size - SR__PAGE);
        ring_unmap(memory);
        check_refused();
        CHECK_OK(remove_it(SLOTRING_UNLINK_IF_UNUSED));
        check_gone();
    }
}

/* A disk may have another number after a restart, and a lock file may have been lost, or come back as another one. */
static void whatever_became_of_its_lock_file(void)
{
    if (!make_ring_of(ANOTHER))
        SKIP("%s", silent);
    sr__header_t *header = map_header();
    header->lock_device++;
    header->lock_object++;
    sign_and_unmap(header);
    check_refused();
    CHECK_OK(remove_it(SLOTRING_UNLINK_IF_UNUSED));
    check_gone();

    CHECK(make_ring_of(ANOTHER));
    CHECK_EQUAL(remove(ring_lock_path(ring_name())), 0);
    check_refused();
    CHECK_OK(remove_it(SLOTRING_UNLINK_IF_UNUSED));
    check_gone();
}

static void unknown_boots_refuse_nothing(void)
{
    for (enum boot boot = OWN; boot <= QUITE_ANOTHER; boot++) {
        slotring_error_t error;
        make_ring();
        if (put_boot(boot) && boot >= ANOTHER) {
            CHECK_OK(remove_it(SLOTRING_UNLINK_IF_UNUSED));
            return;
        }
        CHECK_OK(try_open(SLOTRING_ATTACH, 0, &error));
        CHECK_OK(try_open(SLOTRING_CREATE_OR_ATTACH, 0, &error));
        CHECK_OK(try_open(SLOTRING_OBSERVE, 0, &error));
        CHECK_CODE(try_open(SLOTRING_CREATE, 0, &error), SLOTRING_E_EXISTS);
        CHECK_OK(listed().status);
        slotring_t *ring = ring_attach(ring_name());
        CHECK_EQUAL(ring_stats(ring).published, 1);
        ring_remove(ring, ring_name());
    }
}

/* Its locks are held all the same, maybe by another machine over a network: it is not taken away without force, and those
 * who are in it go on. */
static void somebody_lives_in_it(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_error_t error;
    if (!put_boot(ANOTHER)) {
        ring_remove(ring, ring_name());
        SKIP("%s", silent);
    }
    check_refused();
    CHECK_CODE(remove_it(SLOTRING_UNLINK_IF_UNUSED), SLOTRING_E_BUSY);
    CHECK_CODE(remove_it(SLOTRING_UNLINK_WHEN_UNUSED), SLOTRING_E_BUSY);
    CHECK_CODE(try_open(SLOTRING_CREATE, SLOTRING_WIPE_UNUSED, &error), SLOTRING_E_BUSY);
    CHECK_CONTAINS(error.text, "force");
    sr__header_t *header = map_header();
    CHECK_OK(remove_it(SLOTRING_UNLINK_FORCE));
    CHECK(!ring_exists(ring_name()));
    read_once(ring, &ticket);
    header->boot_id[15] ^= 1; /* the audit knows what it was */
    sign_and_unmap(header);
    check_recovered(ring, 1);
    CHECK_OK(slotring_close(ring));
    check_gone();
}

/* One that was to go with its last user had its last user: it goes with whoever opens the name, and stays for who looks. */
static void to_go_with_its_last_user(void)
{
    static const uint32_t modes[] = {SLOTRING_ATTACH, SLOTRING_CREATE, SLOTRING_CREATE_OR_ATTACH};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        slotring_error_t error;
        if (!make_ring_of(ANOTHER))
            SKIP("%s", silent);
        sr__header_t *header = map_header();
        sr__view_t view = {0};
        sr__view_bind(&view, header, (uint8_t *)header, true);
        atomic_store(&view.state->remove_when_unused, 1);
        ring_unmap(header);
        CHECK_CODE(try_open(SLOTRING_OBSERVE, 0, &error), SLOTRING_E_OTHER_BOOT);
        CHECK_EQUAL(listed().status, SLOTRING_E_OTHER_BOOT);
        if (modes[i] == SLOTRING_ATTACH) {
            CHECK_CODE(try_open(modes[i], 0, &error), SLOTRING_E_NOT_FOUND);
        } else {
            CHECK_OK(try_open(modes[i], 0, &error));
            ring_remove(ring_attach(ring_name()), ring_name());
        }
        check_gone();
    }
}

/* What the system says is read each time, and believed only when it is an id. */
static void as_the_system_says(void)
{
    static const struct {
        const char *text;
        int code;
    } rows[] = {
        {"01234567-89ab-cdef-0123-456789abcdef\n", SLOTRING_E_OTHER_BOOT},
        {"", 0},
        {"\n", 0},
        {"00000000-0000-0000-0000-000000000000\n", 0},
        {"01234567-89ab-cdef-0123-456789abcde\n", 0},
        {"01234567-89ab-cdef-0123-456789abcdeg\n", 0},
        {"01234567-89ab-cdef-0123-456789abcdef\n", SLOTRING_E_OTHER_BOOT},
    };
    if (!make_ring_of(OWN))
        SKIP("%s", silent);
    slotring_error_t error;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *reason = boot_says(rows[i].text);
        if (reason) {
            CHECK_OK(remove_it(SLOTRING_UNLINK_IF_UNUSED));
            SKIP("%s", reason);
        }
        CHECK_CODE(try_open(SLOTRING_ATTACH, 0, &error), rows[i].code);
        CHECK_CODE(try_open(SLOTRING_OBSERVE, 0, &error), rows[i].code);
        CHECK_EQUAL(listed().status, rows[i].code);
    }
    CHECK_OK(remove_it(SLOTRING_UNLINK_IF_UNUSED));
    check_gone();
}

static const test_case_t cases[] = {
    {"is_refused_and_removed", is_refused_and_removed, 0},
    {"is_made_anew_when_asked_for", is_made_anew_when_asked_for, 0},
    {"whatever_is_in_it", whatever_is_in_it, 0},
    {"whatever_became_of_its_lock_file", whatever_became_of_its_lock_file, 0},
    {"unknown_boots_refuse_nothing", unknown_boots_refuse_nothing, 0},
    {"somebody_lives_in_it", somebody_lives_in_it, 0},
    {"to_go_with_its_last_user", to_go_with_its_last_user, 0},
    {"as_the_system_says", as_the_system_says, 0},
    {NULL, NULL, 0},
};

const test_suite_t boot_suite = {"boot", cases, NULL};
