// SPDX-License-Identifier: Apache-2.0
// Writing: slots, batches, spans, records, holds; and what a ring says about itself.
#include "test.hpp"

#include <algorithm>

using namespace slotring;
using namespace std::chrono_literals;

TEST(a_slot_is_published_once)
{
    test::ring_name name;
    ring r(name, test::options());
    writer_slot slot = r.allocate(5).value();
    std::memcpy(slot.data(), "bytes", 5);
    slot.set_tag(9);
    CHECK_THROWS(slot.publish(5000), too_large); // it is still the caller's
    const ticket sent = slot.publish(5);
    CHECK(slot.data() == nullptr);
    CHECK_THROWS(slot.publish(5), closed);
    CHECK_THROWS(slot.abort(), closed);
    message m = r.acquire(sent).value();
    CHECK_EQUAL(m.text(), "bytes");
    CHECK_EQUAL(m.tag(), 9u);
    CHECK(m.ticket() == sent);
    CHECK_CODE(r.withdraw(sent), ok);
    CHECK_EQUAL(m.text(), "bytes");
    CHECK_CODE(r.acquire(sent).code(), stale); // a result, and no exception
}

TEST(a_full_ring_is_a_result)
{
    test::ring_name name;
    ring r(name, test::options(2));
    reader in = r.subscribe();
    r.publish_text("a").value();
    r.publish_text("b").value();
    CHECK_CODE(r.allocate(1).code(), full);
    CHECK_CODE(r.publish_text("c", 0, timeout()).code(), full);
    CHECK(r.in_the_way().find("is 2 messages behind") != std::string::npos);
    CHECK_EQUAL(to_string(r.blockers().at(0)), r.in_the_way());
    CHECK_THROWS(r.allocate(5000), too_large);
}

TEST(a_batch_of_slots_is_published_in_order)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    {
        writer_batch slots = r.allocate_batch(8, 5).value();
        CHECK_EQUAL(slots.size(), 5u);
        std::uint64_t number = 0;
        for (slotring_slot_t &slot : slots) {
            slot.tag = number++;
            slot.length = 8;
        }
        slots.publish(2);
        slots[3].length = 5000;
        CHECK_THROWS(slots.publish(), too_large);
        CHECK_EQUAL(slots.published(), 3u);
    } // the other two go back
    CHECK_EQUAL(r.stats().slots_writing, 0u);
    CHECK_EQUAL(r.stats().aborted, 2u);
    for (std::uint64_t i = 0; i < 3; i++)
        CHECK_EQUAL(in.next(timeout()).value().tag(), i);
    CHECK_CODE(in.next(timeout()).code(), empty);
}

TEST(a_span_has_pieces)
{
    test::ring_name name;
    ring r(name, test::options(16));
    reader in = r.subscribe();
    std::string bytes(10000, '\0');
    for (std::size_t i = 0; i < bytes.size(); i++)
        bytes[i] = static_cast<char>(i % 251);
    r.publish_text(bytes, 3).value();
    writer_slot slot = r.allocate_span(bytes.size()).value();
    for (const slotring_piece_t &piece : slot.pieces())
        std::memcpy(
            piece.data, bytes.data() + piece.position,
            static_cast<std::size_t>(std::min<std::uint64_t>(piece.length, bytes.size() - piece.position)));
    CHECK(slot.data() == nullptr && slot.try_as<char>() == nullptr);
    slot.publish(bytes.size());
    for (int i = 0; i < 2; i++) {
        message m = in.next().value();
        CHECK_EQUAL(m.size(), bytes.size());
        CHECK(m.data() == nullptr && m.text().empty() && m.of_c().pieces > 1);
        std::string got(bytes.size(), '\0'), gathered;
        CHECK_EQUAL(m.gather(0, &got[0], got.size()), bytes.size());
        std::uint32_t pieces = 0;
        for (const slotring_piece_t &piece : m.pieces()) {
            gathered.append(static_cast<const char *>(piece.data), static_cast<std::size_t>(piece.length));
            pieces++;
        }
        CHECK(got == bytes && gathered == bytes);
        CHECK_EQUAL(pieces, m.of_c().pieces);
        CHECK_EQUAL(m.gather(9990, &got[0], 100), 10u);
    }
}

TEST(records_share_a_slot)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    writer out = r.open_writer();
    out.append_text("zero", 100);
    const std::string one = "one", two = "two";
    const slotring_message_t both[] = {{one.data(), one.size(), 101}, {two.data(), two.size(), 102}};
    CHECK_EQUAL(out.append_batch(both, 2).value(), 2u);
    reservation room = out.reserve(100).value();
    CHECK_THROWS(out.reserve(1), state);
    room.as<std::uint32_t>() = 3;
    room.set_tag(103);
    const ticket third = room.commit(4);
    CHECK_THROWS(room.commit(4), closed);
    out.append_text(std::string(10000, 'x'), 104); // larger than a slot
    for (std::uint64_t i = 0; i < 5; i++) {
        message m = in.next().value();
        CHECK_EQUAL(m.tag(), 100 + i);
        CHECK_EQUAL(m.of_c().number, i);
        CHECK(i != 3 || (m.ticket() == third && m.as<std::uint32_t>() == 3));
        CHECK(i != 4 || m.size() == 10000);
    }
    CHECK_EQUAL(r.writers().at(0).number, 5u);
}

TEST(a_copy_of_a_writer_keeps_its_numbers)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    writer out = r.open_writer(writer_options().row(1).first_number(1000));
    CHECK_EQUAL(out.number(), 1000u);
    out.append_text("a", 1);
    out.skip(7);
    CHECK_EQUAL(out.number(), 1008u);
    out.append_text("b", 2);
    CHECK_EQUAL(in.next().value().of_c().number, 1000u);
    const message second = in.next().value();
    CHECK_EQUAL(second.of_c().number, 1008u);
    CHECK_EQUAL(second.of_c().writer, 1u);
    CHECK_EQUAL(r.readers().at(0).records_missed, 7u);
    CHECK_THROWS(r.open_writer(writer_options().row(1)), writers);
}

TEST(a_message_stays_until_its_hold_ends)
{
    test::ring_name name;
    ring r(name, test::options(4).max_holds(4));
    writer_slot slot = r.allocate(5).value();
    std::memcpy(slot.data(), "stays", 5);
    ticket_hold hold = slot.publish_keep(5);
    ticket_hold second = r.hold(hold.ticket()).value();
    for (int i = 0; i < 10; i++)
        r.publish_text("over and over").value();
    hold.release();
    const ticket sent = second.detach(); // whoever was sent the ticket ends it
    CHECK_CODE(second.try_release(), closed);
    CHECK_EQUAL(r.acquire(sent).value().text(), "stays");
    r.release_ticket(sent);
    CHECK_THROWS(r.release_ticket(sent), not_held);
    for (int i = 0; i < 10; i++)
        r.publish_text("over and over").value();
    CHECK_CODE(r.acquire(sent).code(), stale);
}

TEST(a_proxy_has_the_time_and_the_name_of_its_producer)
{
    test::ring_name name;
    ring r(name, test::options().time_stamps(SLOTRING_TIME_MONOTONIC));
    reader in = r.subscribe();
    ring there(name, ring_options().proxy(4711, 5).client_name("detector A"));
    writer_slot slot = there.allocate(1).value();
    slot.set_time(123ns);
    slot.publish(1);
    there.end_by_proxy(SLOTRING_SOURCE_LOST);
    CHECK(in.next().value().time() == 123ns);
    CHECK_CODE(in.next().code(), source_lost);
    CHECK_EQUAL(std::string_view(in.death().name), "detector A");
    CHECK_EQUAL(in.death().origin_pid, 4711u);
}

TEST(a_ring_says_what_it_is)
{
    test::ring_name name;
    ring r(name, test::options(8)
                     .description("ADC, 14 bit")
                     .max_readers(5)
                     .max_writers(3)
                     .time_stamps(SLOTRING_TIME_COARSE)
                     .max_holds(2)
                     .absence(1s)
                     .when_full(SLOTRING_OVERWRITE)
                     .client_name("me"));
    const observer looks(name);
    const slotring_info_t info = looks.info();
    CHECK_EQUAL(info.slot_count, 8u);
    CHECK_EQUAL(info.max_readers, 5u);
    CHECK_EQUAL(info.max_writers, 3u);
    CHECK_EQUAL(info.max_holds, 2u);
    CHECK_EQUAL(info.absence_ns, 1000000000u);
    CHECK_EQUAL(looks.description(), "ADC, 14 bit");
    CHECK_EQUAL(std::string_view(looks.participants().at(0).name), "me");
    const ticket sent = r.publish_text("look", 4).value();
    char copy[4];
    CHECK_EQUAL(looks.copy(sent, copy, sizeof copy).value().tag, 4u);
    CHECK(std::memcmp(copy, "look", 4) == 0);
    const result<slotring_slot_t> too_small = looks.try_copy(sent, copy, 2);
    CHECK_CODE(too_small.code(), size);
    CHECK_EQUAL(too_small->length, 4u);
    CHECK_EQUAL(looks.copy_sequence(0, copy, sizeof copy).value().length, 4u);
    CHECK(looks.ticket_at(sent.slot).value() == sent);
    CHECK_CODE(looks.ticket_of_writer(0).code(), not_ready);
    CHECK_EQUAL(looks.check(), 0u);
    CHECK_EQUAL(r.recover().participants, 0u);
    slotring_run_gate_t gate{};
    gate.readers = 1;
    CHECK_THROWS(looks.run_gate(gate), state);
    reader in = r.subscribe();
    looks.run_gate(gate);
    CHECK_EQUAL(r.wait_readers(1).value(), 1u);
    CHECK_EQUAL(looks.stats().readers, 1u);
    CHECK_EQUAL(std::string_view(looks.in_the_way()).empty(), false);
}

TEST(the_rings_of_this_host)
{
    test::ring_name name;
    ring r(name, test::options());
    const std::vector<slotring_list_entry_t> all = list();
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const slotring_list_entry_t &one) { return one.name == std::string_view(name); }));
    CHECK_THROWS(unlink(name), busy);
    unlink(name, SLOTRING_UNLINK_WHEN_UNUSED);
    r.close();
    CHECK_THROWS(ring(name, ring_options().attach()), not_found);
    CHECK_EQUAL(std::string_view(version()), SLOTRING_VERSION_STRING);
    set_log([](void *, const char *) noexcept {}, nullptr);
    set_log(nullptr, nullptr);
}

TEST(the_ring_of_the_process_is_not_closed_by_its_objects)
{
    test::ring_name name;
    {
        ring r = ring::global(std::string(std::string_view(name)).c_str(), 1 << 20, 4096);
        CHECK_EQUAL(r.allocate_batch(1, 4).value().size(), 1u); // its slots may have an older size
        r.publish_text("bytes").value();
        CHECK_THROWS(r.close(), state);
    }
    CHECK_EQUAL(global_stats().written, 5u);
    ring again = ring::global();
    CHECK_EQUAL(again.stats().published, 1u);
    ring::cleanup_global();
    CHECK_EQUAL(global_stats().written, 0u);
}
