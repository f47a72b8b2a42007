/* SPDX-License-Identifier: Apache-2.0 */
/* Several messages that a reader gives at once. */
#ifndef SLOTRING_CPP_BATCH_HPP
#define SLOTRING_CPP_BATCH_HPP

#include <vector>

#include "slotring/cpp/reader_core.hpp"

SLOTRING_CPP_BEGIN

/* Room for several messages that a reader gives at once; they end together. An element is the C struct, only to read. The room
 * stays for the next call. */
class batch final : private detail::out_link
{
  public:
    explicit batch(std::uint32_t most) : slots_(most) {}
    batch(batch &&other) noexcept : slots_(std::move(other.slots_)), count_(std::exchange(other.count_, 0))
    {
        follow(other);
    }
    batch &operator=(batch &&) = delete;
    ~batch()
    {
        (void)try_release();
    }

    std::size_t size() const noexcept
    {
        return count_;
    }
    const slotring_slot_t &operator[](std::size_t i) const noexcept
    {
        return slots_[i];
    }
    const slotring_slot_t *begin() const noexcept
    {
        return slots_.data();
    }
    const slotring_slot_t *end() const noexcept
    {
        return slots_.data() + count_;
    }
    /* Ends all its messages. Errors: errc::not_held (it has none). */
    errc try_release() noexcept
    {
        const std::size_t ends = std::exchange(count_, 0);
        return out() ? end_out(slots_.data(), ends) : errc::not_held;
    }

  private:
    friend class reader;
    void ended() noexcept override
    {
        count_ = 0;
    }
    errc move_aside() noexcept override
    {
        return errc::ok; /* it stays where it is, and the library refuses the call: errc::state */
    }
    std::vector<slotring_slot_t> slots_;
    std::size_t count_ = 0;
};

SLOTRING_CPP_END

#endif
