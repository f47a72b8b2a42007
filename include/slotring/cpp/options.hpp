/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a ring, by chained setters: ring("run", ring_options().slots(64, 1 << 20).time_stamps(SLOTRING_TIME_MONOTONIC)).
 *
 * slotring_options_t says what each option means, and what it is when it was not set. The texts are copied. A setter that copies
 * text may throw std::bad_alloc, as std::string does; so may copying the options. A program that would rather fill the C struct
 * gives that: ring_options(of_c). Its pointers must then be good until the call. */
#ifndef SLOTRING_CPP_OPTIONS_HPP
#define SLOTRING_CPP_OPTIONS_HPP

#include <string>
#include <string_view>

#include "slotring/cpp/result.hpp"

SLOTRING_CPP_BEGIN

/* What a blocked call asks before each sleep: anything but 0 ends the wait with errc::interrupted. It is called by C code, so no
 * exception may leave it. */
using wait_check = int (*)(void *user) noexcept;

namespace detail
{
/* Nanoseconds, not below 0; duration::max() is the largest value. */
template <class Rep, class Period>
constexpr std::uint64_t nanoseconds(std::chrono::duration<Rep, Period> time) noexcept
{
    return static_cast<std::uint64_t>(timeout(time).nanoseconds());
}
constexpr std::uint64_t nanoseconds(forever_t) noexcept
{
    return SLOTRING_FOR_EVER;
}

/* A text that an option points to. */
class option_text
{
  public:
    void set(std::string_view text)
    {
        text_ = text;
        there_ = true;
    }
    const char *or_else(const char *of_c) const noexcept
    {
        return there_ ? text_.c_str() : of_c;
    }
    bool there() const noexcept
    {
        return there_;
    }
    const std::string &bytes() const noexcept
    {
        return text_;
    }

  private:
    std::string text_;
    bool there_ = false;
};
} // namespace detail

class ring_options
{
  public:
    ring_options() noexcept
    {
        slotring_options_init(&c_);
    }
    explicit ring_options(const slotring_options_t &of_c) noexcept : c_(of_c) {}

    /* Which ring. */
    ring_options &create() noexcept
    {
        return c_.mode = SLOTRING_CREATE, *this;
    }
    ring_options &attach() noexcept
    {
        return c_.mode = SLOTRING_ATTACH, *this;
    }
    ring_options &directory(std::string_view folder)
    {
        return directory_.set(folder), *this;
    }
    ring_options &backend(std::string_view name)
    {
        return backend_.set(name), *this;
    }
    ring_options &trusted_owner(std::string_view user)
    {
        return trusted_owner_.set(user), *this;
    }

    /* Its shape, when it is created. */
    ring_options &slots(std::uint64_t count, std::uint64_t bytes_each) noexcept
    {
        c_.total_size = count * bytes_each;
        c_.slot_size = bytes_each;
        return *this;
    }
    ring_options &total_size(std::uint64_t bytes) noexcept
    {
        return c_.total_size = bytes, *this;
    }
    ring_options &slot_size(std::uint64_t bytes) noexcept
    {
        return c_.slot_size = bytes, *this;
    }
    ring_options &max_participants(std::uint32_t count) noexcept
    {
        return c_.max_participants = count, *this;
    }
    ring_options &max_readers(std::uint32_t count) noexcept
    {
        return c_.max_readers = count, *this;
    }
    ring_options &max_writers(std::uint32_t count) noexcept
    {
        return c_.max_writers = count, *this;
    }
    ring_options &max_groups(std::uint32_t count) noexcept
    {
        return c_.max_groups = count, *this;
    }
    ring_options &max_holds(std::uint32_t slots_of_a_participant) noexcept
    {
        return c_.max_holds = slots_of_a_participant, *this;
    }
    ring_options &description(std::string_view bytes)
    {
        return description_.set(bytes), *this;
    }
    ring_options &lineage(const std::uint8_t (&id)[16], std::uint64_t first_sequence) noexcept
    {
        std::memcpy(c_.lineage_id, id, sizeof c_.lineage_id);
        c_.first_sequence = first_sequence;
        return *this;
    }

    /* Its policies, when it is created. */
    ring_options &when_full(std::uint32_t policy) noexcept /* SLOTRING_OVERWRITE … */
    {
        return c_.when_full = policy, *this;
    }
    ring_options &time_stamps(std::uint32_t kind) noexcept /* SLOTRING_TIME_NONE … */
    {
        return c_.time_stamps = kind, *this;
    }
    ring_options &access(std::uint32_t who) noexcept /* SLOTRING_ACCESS_OWNER … */
    {
        return c_.access = who, *this;
    }
    ring_options &group(std::string_view name_or_number)
    {
        return group_.set(name_or_number), *this;
    }
    ring_options &lossless_for(std::uint32_t who,
                               std::uint64_t group_number = 0) noexcept /* SLOTRING_LOSSLESS_FOR_ALL … */
    {
        c_.lossless_for = who;
        c_.lossless_group = group_number;
        return *this;
    }
    /* The largest budget of a reader for which producers would not wait without a limit. */
    template <class Rep, class Period>
    ring_options &budget(std::uint64_t messages, std::chrono::duration<Rep, Period> time) noexcept
    {
        c_.budget_messages = messages;
        c_.budget_ns = detail::nanoseconds(time);
        return *this;
    }
    /* How long producers wait for a durable subscription that nobody has: a duration, or forever. */
    template <class Time> ring_options &absence(Time time) noexcept
    {
        return c_.absence_ns = detail::nanoseconds(time), *this;
    }

    /* This handle. */
    ring_options &client_name(std::string_view name)
    {
        return client_name_.set(name), *this;
    }
    ring_options &flags(std::uint32_t more) noexcept /* SLOTRING_ONE_THREAD …, besides those that it has */
    {
        return c_.flags |= more, *this;
    }
    ring_options &numa_node(std::uint32_t node) noexcept
    {
        c_.flags |= SLOTRING_ON_NUMA_NODE;
        c_.numa_node = node;
        return *this;
    }
    /* It publishes for a producer elsewhere; 0: process and incarnation there are not known. */
    ring_options &proxy(std::uint64_t origin_pid = 0, std::uint64_t origin_incarnation = 0) noexcept
    {
        c_.flags |= SLOTRING_PROXY;
        c_.origin_pid = origin_pid;
        c_.origin_incarnation = origin_incarnation;
        return *this;
    }
    template <class Rep, class Period>
    ring_options &lock_timeout(std::chrono::duration<Rep, Period> time) noexcept
    {
        return c_.lock_timeout_ns = detail::nanoseconds(time), *this;
    }
    template <class Rep, class Period>
    ring_options &wait_slice(std::chrono::duration<Rep, Period> time) noexcept
    {
        return c_.wait_slice_ns = detail::nanoseconds(time), *this;
    }
    /* A duration, or forever: the calls never sleep. */
    template <class Time> ring_options &spin(Time time) noexcept
    {
        return c_.spin_ns = detail::nanoseconds(time), *this;
    }
    ring_options &check_waits(wait_check check, void *user) noexcept
    {
        c_.wait_check = check;
        c_.wait_check_user = user;
        return *this;
    }

    /* As the C calls take them. Good until these options change, move or end. */
    slotring_options_t of_c() const noexcept
    {
        slotring_options_t options = c_;
        options.group = group_.or_else(c_.group);
        options.trusted_owner = trusted_owner_.or_else(c_.trusted_owner);
        options.client_name = client_name_.or_else(c_.client_name);
        options.directory = directory_.or_else(c_.directory);
        options.backend = backend_.or_else(c_.backend);
        if (description_.there()) {
            options.description = description_.bytes().data();
            options.description_size = description_.bytes().size();
        }
        return options;
    }

  private:
    slotring_options_t c_;
    detail::option_text group_, trusted_owner_, client_name_, directory_, backend_, description_;
};

SLOTRING_CPP_END

#endif
