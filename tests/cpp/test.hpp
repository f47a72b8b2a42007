/* SPDX-License-Identifier: Apache-2.0 */
/* How a file of tests in C++ presents itself: TEST(name) { ... }, each run in a process of its own by ctest as cpp.NAME. A check
 * that fails ends the test by an exception, so that what the test has made is taken back. */
#ifndef TEST_CPP_HPP
#define TEST_CPP_HPP

#include <functional>
#include <memory>
#include <slotring/slotring.hpp>
#include <stdexcept>
#include <string>

namespace test
{
struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct skip : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/* A test puts itself into the list before main() begins. */
struct entry {
    entry(const char *its_name, void (*its_run)());
    const char *name;
    void (*run)();
    entry *after;
};

[[noreturn]] void fail(const char *file, int line, const std::string &what);

template <class T> std::string shown(const T &value)
{
    if constexpr (std::is_same_v<T, slotring::errc>)
        return slotring::error_name(value);
    else if constexpr (std::is_convertible_v<T, std::string_view>)
        return "\"" + std::string(std::string_view(value)) + "\"";
    else
        return std::to_string(value);
}
template <class A, class B>
void equal(const A &actual, const B &expected, const char *text, const char *file, int line)
{
    if (!(actual == expected))
        fail(file, line, std::string(text) + " is " + shown(actual) + ", and should be " + shown(expected));
}

/* A name that no other process's ring has; the ring is removed at the end. */
class ring_name
{
  public:
    explicit ring_name(const std::string &suffix = "");
    ~ring_name();
    operator std::string_view() const
    {
        return text_;
    }

  private:
    std::string text_;
};

/* std::thread, also where the compiler for Windows has none. Its end waits for the other thread. */
class thread
{
  public:
    explicit thread(std::function<void()> work);
    ~thread();
    thread(const thread &) = delete;
    thread &operator=(const thread &) = delete;

  private:
    std::function<void()> work_;
    void *handle_;
};

/* Slots of 4 KiB unless the test says otherwise. */
inline slotring::ring_options options(std::uint64_t slots = 8, std::uint64_t slot_size = 4096)
{
    return slotring::ring_options().slots(slots, slot_size);
}
/* Messages of 8 bytes, with their number as bytes and as tag. */
inline void publish_numbers(slotring::ring &r, std::uint64_t first, std::uint64_t end)
{
    for (std::uint64_t i = first; i < end; i++)
        r.publish(&i, sizeof i, i).value();
}
/* How many participants the ring has, as an observer sees it. */
std::size_t participants(std::string_view name);
} // namespace test

#define CHECK(condition) ((condition) ? void() : test::fail(__FILE__, __LINE__, #condition " does not hold"))
#define CHECK_EQUAL(actual, expected) test::equal((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_CODE(actual, expected) \
    test::equal((actual), slotring::errc::expected, #actual, __FILE__, __LINE__)
/* Throws slotring::error with this code. */
#define CHECK_THROWS(call, expected)                                              \
    do {                                                                          \
        slotring::errc thrown = slotring::errc::ok;                               \
        try {                                                                     \
            (void)(call);                                                         \
        } catch (const slotring::error &error) {                                  \
            thrown = error.slotring_code();                                       \
        }                                                                         \
        test::equal(thrown, slotring::errc::expected, #call, __FILE__, __LINE__); \
    } while (0)

#define TEST(name)                                        \
    static void test_##name();                            \
    static test::entry entry_##name(#name, &test_##name); \
    static void test_##name()

#endif
