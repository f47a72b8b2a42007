/* SPDX-License-Identifier: Apache-2.0 */
/* A ticket that does not name what is there gives an error and never data, whatever is wrong with it. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

static int acquire(slotring_t *ring, const slotring_ticket_t *ticket)
{
    slotring_slot_t slot = {0};
    int code = slotring_acquire_for_read(ring, ticket, &slot);
    if (code == 0)
        CHECK_OK(slotring_release(ring, &slot));
    else
        CHECK(slot.data == NULL);
    return code;
}

/* Each way of using it is refused with the same code. */
static void check_refused(slotring_t *ring, const slotring_ticket_t *ticket, int code)
{
    uint8_t buffer[256], untouched[256];
    memset(buffer, 0xa5, sizeof buffer);
    memset(untouched, 0xa5, sizeof untouched);
    CHECK_CODE(acquire(ring, ticket), code);
    CHECK_CODE(slotring_free(ring, ticket), code);
    CHECK_CODE(slotring_copy(ring, ticket, buffer, sizeof buffer, NULL), code);
    CHECK(memcmp(buffer, untouched, sizeof buffer) == 0);
}

static void stale(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    slotring_ticket_t old = publish(ring, 1, 0);
    for (uint64_t n = 1; n < 3; n++)
        publish(ring, 1, n);
    check_refused(ring, &old, SLOTRING_E_STALE);
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_STALE);
    for (uint64_t n = 3; n < 4 * ring_info(ring).order_length; n++)
        publish(ring, 1, n);
    check_refused(ring, &old, SLOTRING_E_STALE);
    CHECK_AT_LEAST(ring_stats(ring).stale, 4);
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    ring_remove(ring, ring_name());
}

static void forged(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t real[3], ticket;
    for (uint64_t n = 0; n < 3; n++)
        real[n] = publish(ring, 1, n);
    slotring_slot_t writing;
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    for (uint64_t sequence = 0; sequence < 12; sequence++) {
        for (uint32_t slot = 0; slot < 4; slot++) {
            ticket = real[0];
            ticket.sequence = sequence;
            ticket.slot = slot;
            bool is_real = false;
            for (int n = 0; n < 3; n++)
                is_real = is_real || same_ticket(&ticket, &real[n]);
            check_context("sequence %llu, slot %u", (unsigned long long)sequence, slot);
            if (is_real)
                CHECK_OK(acquire(ring, &ticket));
            else
                check_refused(ring, &ticket, SLOTRING_E_STALE);
        }
    }
    static const uint64_t far[] = {UINT64_MAX - 1, UINT64_C(1) << 63, UINT64_C(1) << 46, UINT32_MAX};
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        check_context("sequence %llx", (unsigned long long)far[i]);
        ticket = real[1];
        ticket.sequence = far[i];
        check_refused(ring, &ticket, SLOTRING_E_STALE);
        ticket.slot = writing.index; /* a slot that never was published has no sequence at all */
        check_refused(ring, &ticket, SLOTRING_E_STALE);
    }
    check_context("%s", "");
    ticket = real[1];
    ticket.slot = 4;
    check_refused(ring, &ticket, SLOTRING_E_INVALID);
    ticket.slot = UINT32_MAX;
    check_refused(ring, &ticket, SLOTRING_E_INVALID);
    ticket = real[1];
    ticket.flags = 2;
    check_refused(ring, &ticket, SLOTRING_E_INVALID);
    ticket.flags = 1; /* a record of the first writer, of which there is none */
    check_refused(ring, &ticket, SLOTRING_E_STALE);
    ticket = real[1];
    ticket.sequence = UINT64_MAX; /* what slots have that were never published */
    check_refused(ring, &ticket, SLOTRING_E_INVALID);
    ticket.slot = writing.index;
    check_refused(ring, &ticket, SLOTRING_E_INVALID);
    CHECK_CODE(slotring_acquire_for_read(ring, NULL, &writing), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_free(ring, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_abort(ring, &writing));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void of_another_ring(void)
{
    const char *other_name = ring_name_of("-other");
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other = ring_create(other_name, 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    publish(other, 1, 0);
    check_refused(other, &ticket, SLOTRING_E_FOREIGN);
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_unlink(other_name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    ring_remove(ring, ring_name());
}

static void of_an_earlier_ring_of_this_name(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    ring_remove(ring, ring_name());
    ring = ring_create(ring_name(), 4, 100);
    publish(ring, 1, 0);
    check_refused(ring, &ticket, SLOTRING_E_FOREIGN);
    ring_remove(ring, ring_name());
}

static void all_zero(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t zero = {{0}, 0, 0, 0};
    publish(ring, 1, 0);
    CHECK(acquire(ring, &zero) != 0);
    CHECK(slotring_free(ring, &zero) != 0);
    ring_remove(ring, ring_name());
}

static void to_text_and_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (uint64_t n = 0; n < 20; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n), back;
        char text[SLOTRING_TICKET_TEXT_SIZE];
        CHECK_OK(slotring_ticket_to_text(&ticket, text, sizeof text));
        CHECK(strncmp(text, "slotring1-", 10) == 0);
        CHECK_OK(slotring_ticket_from_text(text, &back));
        CHECK(same_ticket(&ticket, &back));
        read_once(ring, &back);
    }
    slotring_ticket_t extreme, back;
    memset(&extreme, 0xff, sizeof extreme);
    char text[SLOTRING_TICKET_TEXT_SIZE];
    int code = slotring_ticket_to_text(&extreme, text, sizeof text);
    if (code == 0) { /* the longest text fits, too */
        CHECK(memchr(text, 0, sizeof text) != NULL);
        if (slotring_ticket_from_text(text, &back) == 0)
            CHECK(same_ticket(&extreme, &back));
    }
    slotring_ticket_t ticket = publish(ring, 1, 21);
    CHECK_CODE(slotring_ticket_to_text(&ticket, text, 10), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_ticket_to_text(&ticket, text, SLOTRING_TICKET_TEXT_SIZE - 1), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_ticket_to_text(NULL, text, sizeof text), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_ticket_to_text(&ticket, NULL, 100), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_ticket_from_text(NULL, &ticket), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_ticket_from_text(text, NULL), SLOTRING_E_INVALID);
    ring_remove(ring, ring_name());
}

static void garbage_text(void)
{
    static const char *const rows[] = {
        "",
        "slotring1",
        "slotring1-",
        "slotring1----",
        "hello",
        "slotring2-00112233445566778899aabbccddeeff-1-2-0",
        "Slotring1-00112233445566778899aabbccddeeff-1-2-0",
        "slotring1-00112233445566778899aabbccddeef-1-2-0",
        "slotring1-00112233445566778899aabbccddeeff0-1-2-0",
        "slotring1-0011223344556677g899aabbccddeeff-1-2-0",
        "slotring1-00112233445566778899aabbccddeeff-1-2",
        "slotring1-00112233445566778899aabbccddeeff-1-2-0-0",
        "slotring1-00112233445566778899aabbccddeeff-1-2-0 ",
        " slotring1-00112233445566778899aabbccddeeff-1-2-0",
        "slotring1-00112233445566778899aabbccddeeff--1-2-0",
        "slotring1-00112233445566778899aabbccddeeff-+1-2-0",
        "slotring1-00112233445566778899aabbccddeeff-0x1-2-0",
        "slotring1-00112233445566778899aabbccddeeff-10000000000000000-2-0",
        "slotring1-00112233445566778899aabbccddeeff-1-100000000-0",
        "slotring1-00112233445566778899aabbccddeeff-1-2-100000000",
        /* other ways to write what has one text */
        "slotring1-00112233445566778899aabbccddeeff-01-2-0",
        "slotring1-00112233445566778899aabbccddeeff-0000000000000001-2-0",
        "slotring1-00112233445566778899aabbccddeeff-00-2-0",
        "slotring1-00112233445566778899aabbccddeeff-1-02-0",
        "slotring1-00112233445566778899aabbccddeeff-1-00000002-0",
        "slotring1-00112233445566778899aabbccddeeff-1-2-00",
        "slotring1-00112233445566778899AABBCCDDEEFF-1-2-0",
        "slotring1-00112233445566778899aabbccddeeff-A-2-0",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slotring_ticket_t ticket, before;
        memset(&ticket, 0x5a, sizeof ticket);
        before = ticket;
        check_context("\"%s\"", rows[i]);
        CHECK_CODE(slotring_ticket_from_text(rows[i], &ticket), SLOTRING_E_INVALID);
        CHECK(same_ticket(&ticket, &before));
    }
    check_context("%s", "");
}

static void one_text_for_each_ticket(void)
{
    /* with one more character at any place a ticket's text is none, or another ticket's: texts can be compared */
    static const uint64_t sequences[] = {0, 1, 0x10, UINT64_MAX};
    for (size_t s = 0; s < sizeof sequences / sizeof sequences[0]; s++) {
        slotring_ticket_t ticket = {.sequence = sequences[s], .slot = (uint32_t)sequences[s]}, back;
        char text[SLOTRING_TICKET_TEXT_SIZE], longer[2 * SLOTRING_TICKET_TEXT_SIZE + 1],
            again[SLOTRING_TICKET_TEXT_SIZE];
        CHECK_OK(slotring_ticket_to_text(&ticket, text, sizeof text));
        for (size_t at = 0; at <= strlen(text); at++)
            for (const char *more = "0123456789abcdefABCDEF- +"; *more; more++) {
                (void)snprintf(longer, sizeof longer, "%.*s%c%s", (int)at, text, *more, text + at);
                check_context("%s", longer);
                if (slotring_ticket_from_text(longer, &back) != 0)
                    continue;
                CHECK(!same_ticket(&back, &ticket));
                CHECK_OK(slotring_ticket_to_text(&back, again, sizeof again));
                CHECK_STRING(longer, again);
            }
    }
    check_context("%s", "");
}

static void every_changed_character(void)
{
    /* a ticket text with one character changed is refused, or is another ticket; it never reads as the same */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0), back;
    char text[SLOTRING_TICKET_TEXT_SIZE];
    CHECK_OK(slotring_ticket_to_text(&ticket, text, sizeof text));
    static const char others[] = "0123456789abcdefz-: ";
    for (size_t i = 0; text[i] != 0; i++) {
        char was = text[i];
        for (const char *other = others; *other != 0; other++) {
            if (*other == was)
                continue;
            text[i] = *other;
            check_context("%s", text);
            if (slotring_ticket_from_text(text, &back) == 0) {
                CHECK(!same_ticket(&back, &ticket));
                CHECK(acquire(ring, &back) != 0);
            }
        }
        text[i] = was;
    }
    check_context("%s", "");
    read_once(ring, &ticket);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* At the maximum one more is refused, and as soon as one is released it is not. The holds before that are counted by hand: a million
 * acquires take long on some machines. */
static void held_as_often_as_can_be(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t one, two;
    slotring_error_t error;
    hold(ring, &ticket, &one);
    _Atomic uint64_t *holds = &ring->member.hold_counts[one.index];
    atomic_fetch_add(holds, SR__COUNT - 1);
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &two), SLOTRING_E_NO_MEMORY);
    slotring_last_error(&error);
    CHECK(strstr(error.text, "1048575 times") != NULL);
    CHECK_EQUAL(atomic_load(holds) & SR__COUNT, SR__COUNT);
    CHECK_OK(slotring_release(ring, &one));
    hold(ring, &ticket, &two);
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, &one), SLOTRING_E_NO_MEMORY);
    atomic_fetch_sub(holds, SR__COUNT - 1);
    CHECK_OK(slotring_release(ring, &two));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"held_as_often_as_can_be", held_as_often_as_can_be, 0},
    {"stale", stale, 0},
    {"forged", forged, 0},
    {"of_another_ring", of_another_ring, 0},
    {"of_an_earlier_ring_of_this_name", of_an_earlier_ring_of_this_name, 0},
    {"all_zero", all_zero, 0},
    {"to_text_and_back", to_text_and_back, 0},
    {"garbage_text", garbage_text, 0},
    {"one_text_for_each_ticket", one_text_for_each_ticket, 0},
    {"every_changed_character", every_changed_character, 0},
    {NULL, NULL, 0},
};

const test_suite_t ticket_suite = {"ticket", cases, NULL};
