// SPDX-License-Identifier: Apache-2.0
// Values: errors, results, times, tickets, and types that lie in the ring.
#include <unordered_set>

#include "test.hpp"

using namespace slotring;
using namespace std::chrono_literals;

TEST(each_code_has_its_name_in_cpp)
{
    std::unordered_set<int> seen;
#define SEE(name, number, text)                                                                \
    CHECK_EQUAL(std::string_view(error_name(static_cast<errc>(number))), "SLOTRING_E_" #name); \
    CHECK_EQUAL(make_error_code(static_cast<errc>(number)).message(), text);                   \
    CHECK(seen.insert(number).second);
    SLOTRING_ERROR_MAP(SEE)
    CHECK_EQUAL(seen.size(), static_cast<std::size_t>(-SLOTRING_E_LAST - 1));
    const std::error_code code = errc::full;
    CHECK_EQUAL(std::string_view(code.category().name()), "slotring");
    CHECK(code == errc::full && code != errc::empty);
    CHECK(std::error_code(errc::timeout) == std::errc::timed_out);
    CHECK(std::error_code(errc::not_found) == std::errc::no_such_file_or_directory);
    CHECK(std::error_code(errc::full) == std::errc::resource_unavailable_try_again);
}

TEST(an_error_has_the_sentence_of_the_library)
{
    test::ring_name name;
    try {
        ring r(name, ring_options().attach());
    } catch (const std::system_error &error) {
        CHECK(error.code() == errc::not_found);
        CHECK(std::string(error.what()).find(std::string_view(name)) != std::string::npos);
        return;
    }
    test::fail(__FILE__, __LINE__, "a ring that is not there was opened");
}

TEST(names_that_are_none_are_refused)
{
    CHECK_CODE(ring::try_open(std::string(300, 'x')).code(), name);
    CHECK_CODE(ring::try_open(std::string_view("a\0b", 3)).code(), name);
    CHECK_CODE(ring::try_open("").code(), name);
}

TEST(times)
{
    CHECK_EQUAL(timeout().nanoseconds(), 0);
    CHECK_EQUAL(timeout(forever).nanoseconds(), -1);
    CHECK_EQUAL(timeout(-5s).nanoseconds(), 0); // a moment that is over is not for ever
    CHECK_EQUAL(timeout(2ms).nanoseconds(), 2000000);
    CHECK_EQUAL(timeout(std::chrono::duration<double>(0.25)).nanoseconds(), 250000000);
    CHECK_EQUAL(timeout(std::chrono::duration<double, std::nano>(0.1)).nanoseconds(), 1); // no "try once"
    CHECK_EQUAL(timeout(std::chrono::hours::max()).nanoseconds(), INT64_MAX);
    CHECK_EQUAL(timeout(std::chrono::duration<double>(1e300)).nanoseconds(), INT64_MAX);
    static_assert(timeout(1us).nanoseconds() == 1000);
}

TEST(a_ticket_is_a_value)
{
    test::ring_name name;
    ring r(name, test::options());
    const ticket a = r.publish_text("a").value(), b = r.publish_text("b").value();
    CHECK(a == ticket::parse(a.to_string()) && a != b && a < b && !(b < a));
    CHECK_THROWS(ticket::parse("slotring1-"), invalid);
    CHECK_THROWS(ticket::parse(std::string_view(a.to_string().c_str(), 5)), invalid);
    CHECK_CODE(ticket::try_parse(std::string(500, '0')).code(), invalid);
    CHECK_CODE(ticket::try_parse(std::string_view("a\0b", 3)).code(), invalid);
    std::unordered_set<ticket> known{a, b, a};
    CHECK_EQUAL(known.size(), 2u);
    CHECK_EQUAL(r.acquire(b).value().text(), "b");
}

TEST(a_type_lies_in_the_message)
{
    struct event {
        std::uint32_t board;
        double energy;
    };
    struct alignas(128) wide {
        char bytes[128];
    };
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    writer_slot slot = r.allocate(sizeof(event)).value();
    slot.as<event>() = {7, 0.5};
    slot.publish(sizeof(event));
    message m = in.next().value();
    CHECK_EQUAL(m.as<event>().board, 7u);
    CHECK_EQUAL(m.as<event>().energy, 0.5);
    CHECK(static_cast<const void *>(&m.as<event>()) == m.data()); // in place
    CHECK_THROWS(m.as<char[17]>(), size);
    CHECK(m.try_as<char[17]>() == nullptr);

    // A record is aligned to 8 bytes: the second one, behind one of 24 bytes, does not lie at a multiple of 128.
    m.release();
    writer out = r.open_writer();
    out.append_text(std::string(24, 'a'));
    out.append_text(std::string(128, 'b'));
    out.append_text(std::string(128, 'c'));
    int lie_well = 0;
    for (int i = 0; i < 3; i++)
        lie_well += in.next().value().try_as<wide>() != nullptr;
    CHECK(lie_well < 2);
    for (int i = 0; i < 3; i++)
        r.publish_text("short").value();
    CHECK(in.next().value().try_as<wide>() == nullptr);
}

TEST(bytes_are_a_span_where_there_is_one)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    r.publish_text("bytes").value();
    message m = in.next().value();
    CHECK_EQUAL(m.size(), 5u);
    CHECK(std::memcmp(m.data(), "bytes", 5) == 0);
#ifdef __cpp_lib_span
    CHECK_EQUAL(m.bytes().size(), 5u);
    CHECK_EQUAL(r.allocate(10).value().bytes().size(), 4096u);
    m.release();
    CHECK(m.bytes().empty());
#endif
}

TEST(a_result_says_why_there_is_no_value)
{
    test::ring_name name;
    ring r(name, test::options());
    reader in = r.subscribe();
    const result<message> none = in.next(timeout());
    CHECK(!none && !none.has_value());
    CHECK(none.error() == errc::empty);
    CHECK_THROWS(in.next(timeout()).value(), empty); // who demands a value is told
    CHECK_CODE(in.next(1ms).code(), timeout);
    CHECK_CODE(r.try_copy_sequence(5, nullptr, 0).code(), not_ready);
}
