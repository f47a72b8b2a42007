/* SPDX-License-Identifier: Apache-2.0 */
/* A message that a program reads in place. It holds its slot until it ends, or until release().
 *
 * There are two kinds. One that a reader gave is out at that reader: its end is the release, which of a durable subscription or a
 * group is the acknowledgement. It belongs to the reader's thread, like the reader. If the reader object goes first, its
 * subscription lasts until the last such message is gone. One that ring::acquire gave, or that was kept (keep), has nothing to do
 * with a reader any more: any thread may have it and end it, and there may be as many as the ring's max_holds allows. */
#ifndef SLOTRING_CPP_MESSAGE_HPP
#define SLOTRING_CPP_MESSAGE_HPP

#include <string_view>

#include "slotring/cpp/reader_core.hpp"
#include "slotring/cpp/ticket.hpp"

SLOTRING_CPP_BEGIN

class message final : private detail::out_link
{
  public:
    /* No message. */
    message() noexcept = default;
    message(message &&other) noexcept
        : ring_(std::move(other.ring_)), slot_(std::exchange(other.slot_, slotring_slot_t{}))
    {
        follow(other);
    }
    message &operator=(message &&other) noexcept
    {
        if (this != &other) {
            (void)try_release();
            ring_ = std::move(other.ring_);
            slot_ = std::exchange(other.slot_, slotring_slot_t{});
            follow(other);
        }
        return *this;
    }
    ~message()
    {
        if (there())
            (void)try_release();
    }

    /* Where it lies; NULL of a span (see pieces and gather), and when there is no message any more. */
    const void *data() const noexcept
    {
        return slot_.data;
    }
    /* Bytes of the message, whatever it is made of. */
    std::uint64_t size() const noexcept
    {
        return slot_.length;
    }
    std::string_view text() const noexcept
    {
        return {static_cast<const char *>(slot_.data),
                slot_.data != nullptr ? static_cast<std::size_t>(slot_.length) : 0};
    }
#ifdef __cpp_lib_span
    std::span<const std::byte> bytes() const noexcept
    {
        return {static_cast<const std::byte *>(slot_.data),
                slot_.data != nullptr ? static_cast<std::size_t>(slot_.length) : 0};
    }
#endif
    /* The message as a T; NULL if it is shorter, does not lie as a T may lie, or is a span. */
    template <class T> const T *try_as() const noexcept
    {
        return detail::lies_at<const T>(slot_.data, slot_.length);
    }
    piece_range pieces() const noexcept
    {
        return piece_range(holder(), slot_);
    }
    /* Copies up to `bytes` bytes from byte `offset` on, whatever the message is made of. Gives how many. */
    result<std::uint64_t> try_gather(std::uint64_t offset, void *buffer, std::uint64_t bytes) const noexcept
    {
        std::uint64_t got = 0;
        const int call = slotring_gather(holder(), &slot_, offset, buffer, bytes, &got);
        return detail::filled(call, std::move(got));
    }
    /* Compares the bytes with the checksum: errc::checksum. */
    errc try_verify() const noexcept
    {
        return detail::code_of(slotring_verify(holder(), &slot_));
    }

    slotring::ticket ticket() const noexcept
    {
        return slot_.ticket;
    }
    std::uint64_t sequence() const noexcept
    {
        return slot_.sequence;
    }
    std::uint64_t tag() const noexcept
    {
        return slot_.tag;
    }
    /* Since the machine was started; 0 in a ring without time stamps. */
    std::chrono::nanoseconds time() const noexcept
    {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(slot_.time_ns));
    }
    /* How often members of the group had the message before. */
    std::uint32_t deliveries() const noexcept
    {
        return slot_.deliveries;
    }
    /* All that the library says about the message: writer, number, producer, pieces … */
    const slotring_slot_t &of_c() const noexcept
    {
        return slot_;
    }
    explicit operator bool() const noexcept
    {
        return there();
    }

    /* Ends the message. Errors: errc::not_held (there is none any more); errc::state: of a durable subscription, and older ones
     * have to end first. Then this one ends with them, as by the destructor. */
    errc try_release() noexcept
    {
        slotring_slot_t ends = std::exchange(slot_, slotring_slot_t{});
        if (out())
            return end_out(&ends, 1);
        const detail::ring_ref ring = std::move(ring_);
        return ring.get() != nullptr ? detail::code_of(slotring_release(ring.get(), &ends)) : errc::not_held;
    }
    /* Takes the message out of its reader's hands: acquires it by its ticket, and ends it there, which acknowledges it. Afterwards
     * it is as one from ring::acquire. Errors: as slotring_acquire_for_read; nothing has changed then. */
    errc try_keep() noexcept
    {
        if (!out())
            return there() ? errc::ok : errc::not_held;
        slotring_slot_t held;
        const detail::ring_ref ring = core()->ring;
        const errc code = detail::code_of(slotring_acquire_for_read(ring.get(), &slot_.ticket, &held));
        if (code != errc::ok)
            return code;
        held.deliveries = slot_.deliveries;
        (void)end_out(&slot_, 1);
        ring_ = ring;
        slot_ = held;
        return errc::ok;
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    template <class T> const T &as() const
    {
        const T *lies = try_as<T>();
        return lies != nullptr ? *lies : throw error(errc::size, detail::no_such_object);
    }
    std::uint64_t gather(std::uint64_t offset, void *buffer, std::uint64_t bytes) const
    {
        return detail::must(try_gather(offset, buffer, bytes));
    }
    void verify() const
    {
        detail::must(try_verify());
    }
    void release()
    {
        detail::must(try_release());
    }
    void keep()
    {
        detail::must(try_keep());
    }
#endif

  private:
    friend class reader;
    friend class ring;
    message(detail::ring_ref ring, const slotring_slot_t &slot) noexcept : ring_(std::move(ring)), slot_(slot)
    {
    }
    message(detail::reader_core *reader, const slotring_slot_t &slot) noexcept : slot_(slot)
    {
        go_out(reader);
    }
    bool there() const noexcept
    {
        return out() || ring_.get() != nullptr;
    }
    slotring_t *holder() const noexcept
    {
        return out() ? core()->ring.get() : ring_.get();
    }
    /* The reader's hands were emptied at once: the bytes are not this program's any more. */
    void ended() noexcept override
    {
        slot_ = slotring_slot_t{};
    }
    errc move_aside() noexcept override
    {
        return try_keep();
    }

    detail::ring_ref ring_; /* of a message that no reader has out */
    slotring_slot_t slot_{};
};

SLOTRING_CPP_END

#endif
