/* SPDX-License-Identifier: Apache-2.0 */
/* What calls give and take: a result, which is a value or the reason why there is none, and a timeout.
 *
 * A call has two forms. try_NAME() never throws, and gives each error in its result. NAME() throws slotring::error for a failure.
 * What steers a loop is no failure, and comes in the result of both forms: empty, full, timeout, end, producer_died, source_lost,
 * interrupted, stopped, mark, revoked, removed, stale, not_ready, busy and checksum, of the calls that move messages. */
#ifndef SLOTRING_CPP_RESULT_HPP
#define SLOTRING_CPP_RESULT_HPP

#include <chrono>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "slotring/cpp/error.hpp"

SLOTRING_CPP_BEGIN

/* A value, or why there is none. It is true if the call succeeded: code() is errc::ok then. There is one result that is false and
 * has a value: a message that a reader with verify() got although its checksum is wrong (errc::checksum). */
template <class T> class [[nodiscard]] result
{
  public:
    result(T value) noexcept : value_(std::move(value)) {}
    result(errc code) noexcept : code_(code) {}
    result(errc code, T value) noexcept : value_(std::move(value)), code_(code) {}

    explicit operator bool() const noexcept
    {
        return code_ == errc::ok;
    }
    bool has_value() const noexcept
    {
        return value_.has_value();
    }
    errc code() const noexcept
    {
        return code_;
    }
    std::error_code error() const noexcept
    {
        return make_error_code(code_);
    }
    /* Only if there is a value. */
    T &operator*() &noexcept
    {
        return *value_;
    }
    const T &operator*() const &noexcept
    {
        return *value_;
    }
    T &&operator*() &&noexcept
    {
        return std::move(*value_);
    }
    T *operator->() noexcept
    {
        return &*value_;
    }
    const T *operator->() const noexcept
    {
        return &*value_;
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    /* The value; throws if the call did not succeed, whatever the reason. */
    T value() &&
    {
        if (code_ != errc::ok)
            throw slotring::error(code_);
        return std::move(*value_);
    }
#endif

  private:
    std::optional<T> value_;
    errc code_ = errc::ok;
};

/* To wait until there is something, however long it takes. */
struct forever_t {
    explicit constexpr forever_t() noexcept = default;
};
inline constexpr forever_t forever{};

/* How long a call waits. From any std::chrono::duration: nothing, or less, tries once; what is longer than 292 years is cut.
 * timeout() tries once. */
class timeout
{
  public:
    constexpr timeout() noexcept = default;
    constexpr timeout(forever_t) noexcept : ns_(-1) {}
    template <class Rep, class Period>
    constexpr timeout(std::chrono::duration<Rep, Period> wait) noexcept : ns_(cut(wait))
    {
    }
    constexpr std::int64_t nanoseconds() const noexcept
    {
        return ns_;
    }

  private:
    template <class Rep, class Period>
    static constexpr std::int64_t cut(std::chrono::duration<Rep, Period> wait) noexcept
    {
        using std::chrono::duration_cast;
        if (!(wait > wait.zero())) /* so that what is not a number does not wait, either */
            return 0;
        if (duration_cast<std::chrono::duration<double, std::nano>>(wait).count() >= 9.2e18)
            return std::numeric_limits<std::int64_t>::max();
        const auto whole = duration_cast<std::chrono::nanoseconds>(wait);
        return whole.count() + (whole < wait ? 1 : 0); /* a part of a nanosecond is no "try once" */
    }
    std::int64_t ns_ = 0;
};

namespace detail
{
/* Does a call that moves messages give this in its result? */
constexpr bool steers(errc code) noexcept
{
    switch (code) {
    case errc::ok:
    case errc::empty:
    case errc::full:
    case errc::timeout:
    case errc::end:
    case errc::producer_died:
    case errc::source_lost:
    case errc::interrupted:
    case errc::stopped:
    case errc::mark:
    case errc::revoked:
    case errc::removed:
    case errc::stale:
    case errc::not_ready:
    case errc::busy:
    case errc::checksum:
        return true;
    default:
        return false;
    }
}

/* A name, as the C calls take it. One that is too long, or has a zero in it, is none that the library takes. */
class c_name
{
  public:
    explicit c_name(std::string_view name) noexcept
    {
        const std::size_t length = name.copy(text_, sizeof text_ - 1);
        for (std::size_t i = 0; i < length; i++)
            if (text_[i] == 0)
                text_[i] = '/';
    }
    const char *get() const noexcept
    {
        return text_;
    }

  private:
    char text_[SLOTRING_NAME_MAX + 2] = {};
};

inline errc code_of(int call) noexcept
{
    return static_cast<errc>(call);
}

/* The result of a call that fills `value`. */
template <class T> result<T> filled(int call, T &&value) noexcept
{
    return call == 0 ? result<T>(std::move(value)) : result<T>(code_of(call));
}

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
/* For calls that either succeed or fail. */
template <class T> T must(result<T> &&got)
{
    return std::move(got).value();
}
inline void must(errc code)
{
    if (code != errc::ok)
        throw error(code);
}
/* For calls that move messages. */
template <class T> result<T> told(result<T> &&got)
{
    if (!steers(got.code()))
        throw error(got.code());
    return std::move(got);
}
inline errc told(errc code)
{
    if (!steers(code))
        throw error(code);
    return code;
}
#endif
} // namespace detail

SLOTRING_CPP_END

#endif
