// SPDX-License-Identifier: Apache-2.0
// Reading in order: the loop, what a reader wants, batches, marks, checksums, waits.
#include "test.hpp"

#ifndef _WIN32
#include <poll.h>
#endif

using namespace slotring;
using namespace std::chrono_literals;
using test::publish_numbers;

TEST(a_loop_ends_at_the_end_of_the_stream)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    publish_numbers(r, 0, 5);
    r.end_stream();
    std::uint64_t next = 0;
    for (message &m : in) {
        CHECK_EQUAL(m.as<std::uint64_t>(), next);
        next++;
    }
    CHECK_EQUAL(next, 5u);
    CHECK_CODE(in.last(), end);
    CHECK_EQUAL(r.stats().slots_held, 0u);
}

TEST(a_loop_may_move_messages_out)
{
    test::ring_name name;
    ring r(name, test::options().max_holds(8));
    reader in = r.subscribe();
    publish_numbers(r, 0, 4);
    r.end_stream();
    std::vector<message> all;
    for (message &m : in)
        all.push_back(std::move(m));
    CHECK_EQUAL(all.size(), 4u);
    for (std::uint64_t i = 0; i < 4; i++)
        CHECK_EQUAL(all[i].as<std::uint64_t>(), i);
}

TEST(a_loop_ends_when_it_is_stopped)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    {
        test::thread stops([&] { in.stop(); });
        for (message &m : in)
            CHECK(!m);
    }
    CHECK_CODE(in.last(), stopped);
    in.resume();
    r.interrupt();
    CHECK_CODE(in.next().code(), interrupted);
    r.stop();
    CHECK_CODE(r.wait_readers(5).code(), stopped);
    r.resume();
}

TEST(a_wait_asks_its_check)
{
    test::ring_name name;
    int asked = 0;
    const wait_check check = [](void *user) noexcept { return ++*static_cast<int *>(user) == 2 ? 1 : 0; };
    ring r(name, test::options().check_waits(check, &asked).wait_slice(1ms));
    reader in = r.subscribe();
    CHECK_CODE(in.next().code(), interrupted);
    CHECK_EQUAL(asked, 2);
}

TEST(what_a_reader_wants)
{
    test::ring_name name;
    ring r(name, test::options(16).max_holds(16));
    publish_numbers(r, 0, 4);
    reader oldest = r.subscribe(reader_options().from_oldest());
    reader last = r.subscribe(reader_options().from_last(2));
    reader from = r.subscribe(reader_options().from_sequence(1));
    reader third = r.subscribe(reader_options().every(3));
    reader tagged = r.subscribe(reader_options().tag(5, 7).name("fives"));
    reader latest = r.subscribe(reader_options().lossy().latest());
    reader gathers = r.subscribe(reader_options().gather(3, 1s));
    publish_numbers(r, 4, 8);
    CHECK_EQUAL(oldest.next().value().tag(), 0u);
    CHECK_EQUAL(last.next().value().tag(), 2u);
    CHECK_EQUAL(from.next().value().tag(), 1u);
    CHECK_EQUAL(third.next().value().tag(), 6u);
    CHECK_EQUAL(tagged.next().value().tag(), 5u);
    CHECK_EQUAL(latest.next().value().tag(), 7u);
    CHECK_EQUAL(gathers.next().value().tag(), 4u);
    CHECK_EQUAL(std::string_view(tagged.info().name), "fives");
    CHECK_EQUAL(tagged.info().passed_over, 1u);
}

TEST(a_batch_ends_as_a_whole)
{
    test::ring_name name;
    ring r(name, test::options(16).max_holds(16));
    reader in = r.subscribe(reader_options().lossy());
    publish_numbers(r, 0, 6);
    batch some(4);
    CHECK_EQUAL(in.next(some).value(), 4u);
    std::uint64_t next = 0;
    for (const slotring_slot_t &slot : some)
        CHECK_EQUAL(slot.tag, next++);
    CHECK_EQUAL(next, 4u);
    CHECK_EQUAL(r.stats().slots_held, 4u);
    CHECK_THROWS(in.next(timeout()), state); // a batch cannot be moved aside
    batch moved = std::move(some);
    CHECK_EQUAL(some.size(), 0u);
    CHECK_EQUAL(in.next(moved).value(), 2u); // the same room: what it had ends before
    CHECK_EQUAL(moved[1].tag, 5u);
    CHECK_CODE(moved.try_release(), ok);
    CHECK_EQUAL(r.stats().slots_held, 0u);
}

TEST(marks_are_told_at_their_place)
{
    test::ring_name name;
    ring r(name, test::options(16));
    reader in = r.subscribe(reader_options().tell_marks());
    CHECK_CODE(r.run().code(), empty);
    publish_numbers(r, 0, 1);
    CHECK_EQUAL(r.begin_run(17).place, 1u);
    publish_numbers(r, 1, 2);
    r.mark(SLOTRING_MARK_USER, 0, 42, "calibration");
    CHECK_EQUAL(r.marks_behind(), 1u);
    CHECK_EQUAL(r.writer_progress(0).number, 0u);
    r.publish_gap(3);
    CHECK_EQUAL(in.next().value().tag(), 0u);
    CHECK_CODE(in.next().code(), mark);
    CHECK_EQUAL(in.mark().run, 17u);
    CHECK_EQUAL(in.next().value().tag(), 1u);
    CHECK_CODE(in.next().code(), mark);
    CHECK_EQUAL(in.mark().value, 42u);
    CHECK(std::memcmp(in.mark().bytes, "calibration", 11) == 0);
    CHECK_CODE(in.next().code(), mark);
    CHECK_EQUAL(in.mark().gap, 3u);
    CHECK_EQUAL(r.number_of(2), 5u);
    CHECK_EQUAL(r.sequence_of(5), 2u);
    CHECK_THROWS(r.mark(SLOTRING_MARK_USER, 0, 0, std::string(49, 'x')), size);
    r.end_run(17);
    CHECK_EQUAL(r.run().value().kind, static_cast<std::uint32_t>(SLOTRING_MARK_RUN_END));
    CHECK_CODE(r.drain(SLOTRING_DRAIN_ALL, timeout()), ok);
}

TEST(a_message_with_a_wrong_checksum_is_given_and_said)
{
    test::ring_name name;
    ring r(name, test::options().flags(SLOTRING_CHECKSUMS));
    reader in = r.subscribe(reader_options().verify());
    writer_slot slot = r.allocate(5).value();
    void *bytes = slot.data();
    std::memcpy(bytes, "right", 5);
    slot.publish(5);
    r.publish_text("next").value();
    std::memcpy(bytes, "wrong", 5); // what no program should do
    result<message> got = in.next();
    CHECK_CODE(got.code(), checksum);
    CHECK(!got && got.has_value());
    CHECK_EQUAL(got->text(), "wrong");
    CHECK_CODE(got->try_verify(), checksum);
    CHECK_EQUAL(in.next().value().text(), "next");
    got->release();
    int said = 0;
    CHECK_EQUAL(r.check([&said](std::string_view finding) noexcept { said += finding.empty() ? 0 : 1; }), 1u);
    CHECK_EQUAL(said, 1);
}

TEST(many_readers_are_waited_for_at_once)
{
    test::ring_name one_name, other_name("-other");
    ring one(one_name, test::options()), other(other_name, test::options());
    reader a = one.subscribe(), b = other.subscribe();
    wait_set set;
    const std::size_t of_a = set.add(a), of_b = set.add(b);
    CHECK_CODE(set.wait(timeout()).code(), empty);
    CHECK_CODE(set.wait(1ms).code(), timeout);
    other.publish_text("b").value();
    CHECK_EQUAL(set.wait().value(), 1u);
    CHECK_CODE(set[of_a], empty);
    CHECK_CODE(set[of_b], ok);
    reader moved = std::move(b);
    CHECK_EQUAL(set.wait().value(), 1u); // a reader may move while it is in the set
    CHECK_CODE(moved.wait(), ok);
    message m = moved.next().value();
    CHECK_CODE(set.wait(timeout()).code(), empty); // m was moved aside, and lives
    CHECK_EQUAL(m.text(), "b");
}

#ifndef _WIN32
TEST(a_descriptor_is_readable_while_there_is_something)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    pollfd waits{};
    waits.fd = static_cast<int>(in.descriptor());
    waits.events = POLLIN;
    CHECK_CODE(in.next(timeout()).code(), empty);
    CHECK_EQUAL(poll(&waits, 1, 0), 0);
    r.publish_text("now").value();
    CHECK_EQUAL(poll(&waits, 1, 60000), 1);
    CHECK_EQUAL(in.next(timeout()).value().text(), "now");
    in.close_descriptor();
    CHECK_THROWS(in.close_descriptor(), state);
}
#endif
