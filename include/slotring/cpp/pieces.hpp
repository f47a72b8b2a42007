/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a message: a message that takes several slots (a span) has several, any other one has one. */
#ifndef SLOTRING_CPP_PIECES_HPP
#define SLOTRING_CPP_PIECES_HPP

#include <iterator>

#if defined(__has_include)
#if __has_include(<version>)
#include <version>
#endif
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

#include "slotring/cpp/handle.hpp"

SLOTRING_CPP_BEGIN

/* For range-for: for (const slotring_piece_t &piece : message.pieces()). Good as long as the message is, and stays where it is. A
 * ring that is damaged ends the loop: with an exception; without exceptions code() says why it ended, errc::empty after the last
 * piece. */
class piece_range
{
  public:
    piece_range(slotring_t *ring, const slotring_slot_t &slot) noexcept : ring_(ring), slot_(&slot) {}

    class iterator
    {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = slotring_piece_t;
        using difference_type = std::ptrdiff_t;
        using pointer = const slotring_piece_t *;
        using reference = const slotring_piece_t &;

        explicit iterator(piece_range *range) noexcept : range_(range) {}
        reference operator*() const noexcept
        {
            return range_->piece_;
        }
        pointer operator->() const noexcept
        {
            return &range_->piece_;
        }
        iterator &operator++()
        {
            if (!range_->advance())
                range_ = nullptr;
            return *this;
        }
        void operator++(int)
        {
            ++*this;
        }
        friend bool operator==(const iterator &a, const iterator &b) noexcept
        {
            return a.range_ == b.range_;
        }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept
        {
            return a.range_ != b.range_;
        }

      private:
        piece_range *range_;
    };

    iterator begin()
    {
        piece_ = slotring_piece_t{};
        return iterator(advance() ? this : nullptr);
    }
    iterator end() noexcept
    {
        return iterator(nullptr);
    }
    errc code() const noexcept
    {
        return code_;
    }

  private:
    bool advance()
    {
        code_ = detail::code_of(slotring_next_piece(ring_, slot_, &piece_));
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
        (void)detail::told(errc{code_});
#endif
        return code_ == errc::ok;
    }
    slotring_t *ring_;
    const slotring_slot_t *slot_;
    slotring_piece_t piece_{};
    errc code_ = errc::ok;
};

namespace detail
{
inline constexpr const char *no_such_object =
    "the message has fewer bytes than the type, lies as the type may not lie, or lies in several pieces";

/* The T that lies at the beginning of `bytes` bytes; NULL if they are too few, or lie as no T may lie. */
template <class T> T *lies_at(void *data, std::uint64_t bytes) noexcept
{
    static_assert(std::is_trivially_copyable_v<T>,
                  "only bytes can lie in shared memory: a type that is trivially copyable");
    static_assert(!std::is_pointer_v<T>, "an address of this process means nothing to another one");
    const bool fits =
        data != nullptr && bytes >= sizeof(T) && reinterpret_cast<std::uintptr_t>(data) % alignof(T) == 0;
    return fits ? static_cast<T *>(data) : nullptr;
}
} // namespace detail

SLOTRING_CPP_END

#endif
