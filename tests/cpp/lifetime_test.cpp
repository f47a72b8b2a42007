// SPDX-License-Identifier: Apache-2.0
// Whatever ends first, nothing leaks and nothing dangles.
#include <type_traits>

#include "test.hpp"

using namespace slotring;

template <class T>
constexpr bool moves_only =
    std::is_nothrow_move_constructible_v<T> &&std::is_move_assignable_v<T> &&
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_nothrow_destructible_v<T>;
static_assert(moves_only<ring> && moves_only<observer> && moves_only<reader> && moves_only<writer> &&
              moves_only<message>);
static_assert(moves_only<writer_slot> && moves_only<writer_batch> && moves_only<reservation> &&
              moves_only<ticket_hold>);
static_assert(moves_only<wait_set> && !std::is_copy_constructible_v<batch> &&
              std::is_nothrow_destructible_v<batch>);

static std::uint64_t slots_in_use(const ring &r)
{
    return r.stats().slots_held + r.stats().slots_writing;
}

TEST(a_message_outlives_the_next_one)
{
    test::ring_name name;
    ring r(name, test::options(8).max_holds(8));
    reader in = r.subscribe();
    r.publish_text("first").value();
    r.publish_text("second").value();
    message first = in.next().value();
    const void *where = first.data();
    message second = in.next().value();
    for (int i = 0; i < 20; i++) { // the ring is filled more than once
        r.publish_text("more").value();
        CHECK_EQUAL(in.next().value().text(), "more");
    }
    CHECK(first.data() == where);
    CHECK_EQUAL(first.text(), "first");
    CHECK_EQUAL(second.text(), "second");
    first.release();
    second.release();
    CHECK_EQUAL(slots_in_use(r), 0u);
}

TEST(messages_beyond_max_holds_are_refused_and_nothing_changes)
{
    test::ring_name name;
    ring r(name, test::options(8).max_holds(1));
    reader in = r.subscribe();
    for (int i = 0; i < 3; i++)
        r.publish_text("message").value();
    message one = in.next().value(), two = in.next().value();
    CHECK_THROWS(in.next(), holds);
    CHECK_EQUAL(two.text(), "message");
    one.release();
    CHECK(in.next());
}

TEST(an_exception_gives_the_slot_back)
{
    test::ring_name name;
    ring r(name, test::options());
    for (int i = 0; i < 20; i++) { // more often than there are slots
        try {
            writer_slot slot = r.allocate(100).value();
            throw std::runtime_error("while it is filled");
        } catch (const std::runtime_error &) {
        }
    }
    CHECK_EQUAL(r.stats().slots_writing, 0u);
    CHECK_EQUAL(r.stats().aborted, 20u);
    CHECK_EQUAL(r.stats().published, 0u);
}

TEST(an_exception_cancels_the_reservation)
{
    test::ring_name name;
    ring r(name, test::options());
    writer out = r.open_writer();
    reader in = r.subscribe();
    try {
        reservation room = out.reserve(10).value();
        throw std::runtime_error("while it is filled");
    } catch (const std::runtime_error &) {
    }
    CHECK_CODE(out.append_text("a record"), ok); // a writer has one reservation at a time
    CHECK_EQUAL(in.next().value().text(), "a record");
}

TEST(the_handle_closes_with_the_last_object_that_has_it)
{
    test::ring_name name;
    ring keeps_the_ring(name, test::options());
    {
        message left;
        {
            ring r(name);
            reader in = r.subscribe();
            r.publish_text("still here").value();
            left = in.next().value();
            CHECK_EQUAL(test::participants(name), 2u);
        } // ring and reader go before the message
        CHECK_EQUAL(test::participants(name), 2u);
        CHECK_EQUAL(left.text(), "still here");
    }
    CHECK_EQUAL(test::participants(name), 1u);
    CHECK_EQUAL(slots_in_use(keeps_the_ring), 0u);
    CHECK_EQUAL(keeps_the_ring.check(), 0u);
}

TEST(what_a_ring_gave_goes_on_without_the_ring_object)
{
    test::ring_name name;
    auto r = std::make_unique<ring>(name, test::options());
    reader in = r->subscribe();
    writer out = r->open_writer();
    writer_slot slot = r->allocate(10).value();
    ticket_hold hold = r->allocate(10).value().publish_keep(10);
    r.reset();
    reservation room = out.reserve(6).value();
    {
        writer gone = std::move(out);
    } // the writer goes before its reservation
    std::memcpy(room.data(), "record", 6);
    room.commit(6);
    (void)slot.publish(10);
    hold.release();
    CHECK_EQUAL(in.next().value().size(), 10u);
    CHECK_EQUAL(test::participants(name), 1u);
}

TEST(a_subscription_lasts_until_its_last_message_is_gone)
{
    test::ring_name name;
    ring r(name, test::options());
    message left, kept;
    {
        reader in = r.subscribe();
        r.publish_text("left").value();
        left = in.next().value();
    }
    CHECK_EQUAL(r.readers().size(), 1u);
    left.release();
    CHECK_EQUAL(r.readers().size(), 0u);
    {
        reader in = r.subscribe();
        r.publish_text("kept").value();
        kept = in.next().value();
        kept.keep();
    }
    CHECK_EQUAL(r.readers().size(), 0u); // it has nothing to do with the reader any more
    CHECK_EQUAL(kept.text(), "kept");
    CHECK_EQUAL(slots_in_use(r), 1u);
}

TEST(a_kept_message_may_end_in_any_thread)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    r.publish_text("for another thread").value();
    message m = in.next().value();
    m.keep();
    {
        message *moved = &m;
        test::thread other([moved] {
            message mine = std::move(*moved);
            CHECK_EQUAL(mine.text(), "for another thread");
            mine.release();
        });
    }
    CHECK_EQUAL(slots_in_use(r), 0u);
}

TEST(moved_from_objects_are_harmless)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    writer out = r.open_writer();
    wait_set set;
    set.add(in);
    writer_slot slot = r.allocate(10).value();
    writer_batch slots = r.allocate_batch(10, 2).value();
    reservation room = out.reserve(10).value();
    r.publish_text("message").value();
    message m = in.next().value();
    ticket_hold hold = r.hold(m.ticket()).value();
    batch room_for_messages(2);

    // Each has a new owner, and the old one is used.
    ring r2 = std::move(r);
    reader in2 = std::move(in);
    writer out2 = std::move(out);
    wait_set set2 = std::move(set);
    writer_slot slot2 = std::move(slot);
    writer_batch slots2 = std::move(slots);
    reservation room2 = std::move(room);
    message m2 = std::move(m);
    ticket_hold hold2 = std::move(hold);
    batch room_for_messages2 = std::move(room_for_messages);
    CHECK_CODE(r.try_allocate(10).code(), closed);
    CHECK_CODE(r.try_stats().code(), closed);
    CHECK_CODE(r.try_subscribe().code(), closed);
    CHECK_CODE(r.try_open_writer().code(), closed);
    CHECK_CODE(r.try_close(), closed);
    CHECK_CODE(in.try_next(timeout()).code(), closed);
    CHECK_CODE(in.stop(), closed);
    CHECK_CODE(in.try_next(room_for_messages2, timeout()).code(), closed);
    CHECK_CODE(out.try_append_text("x"), closed);
    CHECK_CODE(out.try_reserve(1).code(), closed);
    CHECK_CODE(slot.try_publish(1).code(), closed);
    CHECK_CODE(slots.try_publish(), closed);
    CHECK_CODE(room.try_commit(1).code(), closed);
    CHECK_CODE(m.try_release(), not_held);
    CHECK_CODE(m.try_keep(), not_held);
    CHECK(!m && m.data() == nullptr && m.size() == 0);
    CHECK_CODE(hold.try_release(), closed);
    CHECK_EQUAL(set.size(), 0u);

    // The new ones have all of it; assigning to itself changes nothing, and assigning another one ends the old one.
    message &same = m2;
    m2 = std::move(same);
    CHECK_EQUAL(m2.text(), "message");
    m2 = message();
    hold2.release();
    slot2 = std::move(slot);
    slots2 = std::move(slots);
    room2 = std::move(room);
    {
        writer gone = std::move(out2);
    } // it may keep a slot for its records
    CHECK_EQUAL(slots_in_use(r2), 0u);
    CHECK_CODE(in2.next(timeout()).code(), empty);
    CHECK_EQUAL(set2.size(), 1u);
}

TEST(close_refuses_while_a_slot_is_out_and_ends_the_handle_for_all)
{
    test::ring_name name;
    const ring keeps_the_ring(name, test::options());
    ring r(name);
    reader in = r.subscribe();
    writer out = r.open_writer();
    r.publish_text("out").value();
    message m = in.next().value();
    CHECK_THROWS(r.close(), busy);
    CHECK_EQUAL(m.text(), "out");
    m.release();
    r.close();
    CHECK_EQUAL(test::participants(name), 1u);
    CHECK_CODE(r.try_close(), closed);
    CHECK_CODE(in.try_next(timeout()).code(), closed);
    CHECK_CODE(out.try_append_text("x"), closed);
}

TEST(a_reader_that_has_ended_is_closed_in_a_wait_set)
{
    test::ring_name name;
    ring r(name, test::options());
    wait_set set;
    {
        reader in = r.subscribe();
        set.add(in);
        CHECK_CODE(set.wait(timeout()).code(), empty);
    }
    CHECK_EQUAL(r.readers().size(), 0u); // the set keeps no subscription
    CHECK_CODE(set.try_wait(timeout()).code(), closed);
    CHECK_CODE(set[0], closed);
}
