// SPDX-License-Identifier: Apache-2.0
// When a message ends, and what that says: windows, acknowledgements, groups, budgets, tickets that a queue brings.
#include "test.hpp"

using namespace slotring;
using namespace std::chrono_literals;
using test::publish_numbers;

TEST(messages_of_a_window_end_in_any_order)
{
    test::ring_name name;
    ring r(name, test::options(16));
    reader in = r.subscribe(reader_options().window(4));
    publish_numbers(r, 0, 6);
    message a = in.next().value(), b = in.next().value(), c = in.next().value(), d = in.next().value();
    CHECK_THROWS(in.next(timeout()), state); // the window is full
    c.release();
    a.release();
    CHECK_EQUAL(in.info().cursor, 6u - 5u); // producers wait for b
    message e = in.next().value();
    CHECK_EQUAL(b.as<std::uint64_t>(), 1u);
    in.release_up_to(d);
    CHECK(!b && !d && b.data() == nullptr);
    CHECK_EQUAL(e.as<std::uint64_t>(), 4u);
    message f = in.next().value();
    in.release();
    CHECK(!e && !f);
    CHECK_CODE(e.try_release(), not_held);
}

TEST(the_end_of_a_message_acknowledges_it)
{
    test::ring_name name;
    ring r(name, test::options(16));
    {
        reader in = r.subscribe(reader_options().durable("recorder"));
        publish_numbers(r, 0, 4);
        message first = in.next().value();
        CHECK_THROWS(in.next(), state); // to move it aside would acknowledge it
        first.release();
        message second = in.next().value();
        second.release();
    }
    reader again = r.subscribe(reader_options().durable("recorder"));
    CHECK_EQUAL(again.next().value().tag(), 2u);
    CHECK_EQUAL(again.info().durable, 1u);
    {
        reader gone = std::move(again);
    }
    r.forget("recorder");
    CHECK_THROWS(r.forget("recorder"), not_found);
}

TEST(messages_of_a_durable_window_end_when_they_may)
{
    test::ring_name name;
    ring r(name, test::options(128));
    const auto wanted = reader_options().durable("recorder").window(2 * SLOTRING_WINDOW_ANY_ORDER);
    {
        reader in = r.subscribe(wanted);
        publish_numbers(r, 0, 4);
        message a = in.next().value(), b = in.next().value();
        {
            message c = in.next().value();
            CHECK_CODE(c.try_release(), state); // older ones have to end first: then this one ends too
        }
        a.release();
        CHECK_EQUAL(in.info().cursor, 1u);
        b.release();
        CHECK_EQUAL(in.info().cursor, 3u);
    }
    reader again = r.subscribe(wanted);
    CHECK_EQUAL(again.next().value().tag(), 3u);
}

TEST(a_group_shares_its_messages)
{
    test::ring_name name;
    ring r(name, test::options(16).max_groups(1));
    reader one = r.subscribe(reader_options().group("workers").tries(3));
    reader two = r.subscribe(reader_options().group("workers"));
    publish_numbers(r, 0, 2);
    message a = one.next().value(), b = two.next().value();
    CHECK(a.tag() != b.tag());
    CHECK_EQUAL(a.deliveries(), 0u);
    a.release();
    b.release();
    CHECK_CODE(one.next(timeout()).code(), empty);
    CHECK(r.dead_letters("workers").empty());
    CHECK_THROWS(r.dead_letters("nobody"), not_found);
    CHECK_THROWS(r.drop_letter("workers", 0), not_found);
}

TEST(a_budgeted_reader_is_revoked_and_rearmed)
{
    test::ring_name name;
    ring r(name, test::options(16));
    reader in = r.subscribe(reader_options().budgeted(1, 10ms));
    r.revoke(in.info().row);
    publish_numbers(r, 0, 1);
    CHECK_CODE(in.next().code(), revoked);
    in.rearm();
    CHECK_EQUAL(in.next().value().tag(), 0u);
}

TEST(tickets_that_a_queue_brings)
{
    test::ring_name name;
    ring r(name, test::options(16));
    reader in = r.subscribe(reader_options().budgeted().by_ticket(2));
    const ticket a = r.publish_text("a").value(), b = r.publish_text("b").value();
    message late = in.acquire(b).value(), early = in.acquire(a).value();
    CHECK_EQUAL(late.text(), "b");
    CHECK_EQUAL(early.text(), "a");
    CHECK_EQUAL(in.info().delivered, in.info().cursor - in.info().start);
    CHECK_THROWS(in.next(timeout()), state);
}
