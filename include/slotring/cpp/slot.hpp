/* SPDX-License-Identifier: Apache-2.0 */
/* Slots to write: writer_slot, several at once (writer_batch), and a message that its producer holds (ticket_hold). What was not
 * published when the object ends, by an exception or otherwise, is given back, and nobody sees anything of it. */
#ifndef SLOTRING_CPP_SLOT_HPP
#define SLOTRING_CPP_SLOT_HPP

#include <vector>

#include "slotring/cpp/pieces.hpp"
#include "slotring/cpp/ticket.hpp"

SLOTRING_CPP_BEGIN

/* Holds one message by its ticket, so that it stays until who was sent the ticket has acquired it. Any thread may end it. */
class ticket_hold
{
  public:
    ticket_hold(detail::ring_ref ring, const slotring::ticket &held) noexcept
        : ring_(std::move(ring)), ticket_(held)
    {
    }
    ticket_hold(ticket_hold &&) noexcept = default;
    ticket_hold &operator=(ticket_hold &&other) noexcept
    {
        if (this != &other) {
            (void)try_release();
            ring_ = std::move(other.ring_);
            ticket_ = other.ticket_;
        }
        return *this;
    }
    ~ticket_hold()
    {
        (void)try_release();
    }

    const slotring::ticket &ticket() const noexcept
    {
        return ticket_;
    }
    /* The hold stays, for ring::release_ticket to end, in any object that has this handle. */
    slotring::ticket detach() noexcept
    {
        ring_ = detail::ring_ref();
        return ticket_;
    }
    /* Errors: errc::closed (there is no hold any more), errc::not_held (somebody ended it by the ticket). */
    errc try_release() noexcept
    {
        const detail::ring_ref ring = std::move(ring_);
        return detail::code_of(slotring_release_ticket(ring.get(), &ticket_));
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    void release()
    {
        detail::must(try_release());
    }
#endif

  private:
    detail::ring_ref ring_;
    slotring::ticket ticket_;
};

class writer_slot
{
  public:
    writer_slot(detail::ring_ref ring, const slotring_slot_t &slot) noexcept
        : ring_(std::move(ring)), slot_(slot)
    {
    }
    writer_slot(writer_slot &&other) noexcept
        : ring_(std::move(other.ring_)), slot_(std::exchange(other.slot_, slotring_slot_t{}))
    {
    }
    writer_slot &operator=(writer_slot &&other) noexcept
    {
        if (this != &other) {
            (void)try_abort();
            ring_ = std::move(other.ring_);
            slot_ = std::exchange(other.slot_, slotring_slot_t{});
        }
        return *this;
    }
    ~writer_slot()
    {
        (void)try_abort();
    }

    /* Where to write: capacity() bytes, aligned to 64. NULL of a span, and after the slot was published or given back. */
    void *data() const noexcept
    {
        return slot_.data;
    }
    std::uint64_t capacity() const noexcept
    {
        return slot_.capacity;
    }
#ifdef __cpp_lib_span
    std::span<std::byte> bytes() const noexcept
    {
        return {static_cast<std::byte *>(slot_.data),
                slot_.data != nullptr ? static_cast<std::size_t>(slot_.capacity) : 0};
    }
#endif
    /* The slot as a T to fill; NULL if it is too small, or a span. */
    template <class T> T *try_as() const noexcept
    {
        return detail::lies_at<T>(slot_.data, slot_.capacity);
    }
    piece_range pieces() const noexcept
    {
        return piece_range(ring_.get(), slot_);
    }
    /* Copies bytes into the message from byte `offset` on, whatever it is made of. */
    errc try_scatter(std::uint64_t offset, const void *data, std::uint64_t bytes) noexcept
    {
        return detail::code_of(slotring_scatter(ring_.get(), &slot_, offset, data, bytes));
    }
    void set_tag(std::uint64_t tag) noexcept
    {
        slot_.tag = tag;
    }
    /* Only of a handle that publishes for a producer elsewhere: the time there. */
    void set_time(std::chrono::nanoseconds time) noexcept
    {
        slot_.time_ns = static_cast<std::uint64_t>(time.count());
    }
    /* All that the library says about the slot. */
    const slotring_slot_t &of_c() const noexcept
    {
        return slot_;
    }

    /* Publishes the first `length` bytes. After an error the slot is still the caller's. */
    result<slotring::ticket> try_publish(std::uint64_t length) noexcept
    {
        return published(slotring_mark_ready(ring_.get(), &slot_, length));
    }
    /* The same, and the message is held from the same moment on. */
    result<ticket_hold> try_publish_keep(std::uint64_t length) noexcept
    {
        detail::ring_ref ring = ring_;
        const result<slotring::ticket> got = published(slotring_mark_ready_keep(ring.get(), &slot_, length));
        return got ? result<ticket_hold>(ticket_hold(std::move(ring), *got))
                   : result<ticket_hold>(got.code());
    }
    /* Gives the slot back. Errors: errc::closed (there is none any more). */
    errc try_abort() noexcept
    {
        const detail::ring_ref ring = std::move(ring_);
        return detail::code_of(slotring_abort(ring.get(), &slot_));
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    template <class T> T &as() const
    {
        T *there = try_as<T>();
        return there != nullptr ? *there : throw error(errc::size, detail::no_such_object);
    }
    void scatter(std::uint64_t offset, const void *data, std::uint64_t bytes)
    {
        detail::must(try_scatter(offset, data, bytes));
    }
    slotring::ticket publish(std::uint64_t length)
    {
        return detail::must(try_publish(length));
    }
    ticket_hold publish_keep(std::uint64_t length)
    {
        return detail::must(try_publish_keep(length));
    }
    void abort()
    {
        detail::must(try_abort());
    }
#endif

  private:
    result<slotring::ticket> published(int call) noexcept
    {
        if (call != 0)
            return detail::code_of(call);
        ring_ = detail::ring_ref();
        return slotring::ticket(slot_.ticket);
    }
    detail::ring_ref ring_;
    slotring_slot_t slot_;
};

/* Slots that were allocated together, to be published together with one wake-up. An element is the C struct: write to its data,
 * and set its length and tag. The order of publication is that of the elements. */
class writer_batch
{
  public:
    writer_batch(detail::ring_ref ring, std::vector<slotring_slot_t> slots) noexcept
        : ring_(std::move(ring)), slots_(std::move(slots))
    {
    }
    writer_batch(writer_batch &&other) noexcept
        : ring_(std::move(other.ring_)), slots_(std::move(other.slots_)),
          published_(std::exchange(other.published_, 0))
    {
        other.slots_.clear();
    }
    writer_batch &operator=(writer_batch &&other) noexcept
    {
        if (this != &other) {
            give_back();
            ring_ = std::move(other.ring_);
            slots_ = std::move(other.slots_);
            published_ = std::exchange(other.published_, 0);
            other.slots_.clear();
        }
        return *this;
    }
    ~writer_batch()
    {
        give_back();
    }

    std::size_t size() const noexcept
    {
        return slots_.size();
    }
    slotring_slot_t &operator[](std::size_t i) noexcept
    {
        return slots_[i];
    }
    std::vector<slotring_slot_t>::iterator begin() noexcept
    {
        return slots_.begin();
    }
    std::vector<slotring_slot_t>::iterator end() noexcept
    {
        return slots_.end();
    }
    /* Publishes those that are not published yet, `count` of them at most. After an error published() says how many are, and the
     * others are still the caller's. Their tickets are in the elements. */
    errc try_publish(std::size_t count = SIZE_MAX) noexcept
    {
        const std::size_t left = slots_.size() - published_;
        std::uint32_t done = 0;
        const errc code = detail::code_of(
            slotring_mark_ready_batch(ring_.get(), slots_.data() + published_,
                                      static_cast<std::uint32_t>(count < left ? count : left), &done));
        published_ += done;
        return code;
    }
    std::size_t published() const noexcept
    {
        return published_;
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    void publish(std::size_t count = SIZE_MAX)
    {
        detail::must(try_publish(count));
    }
#endif

  private:
    void give_back() noexcept
    {
        for (; published_ < slots_.size(); published_++)
            (void)slotring_abort(ring_.get(), &slots_[published_]);
    }
    detail::ring_ref ring_;
    std::vector<slotring_slot_t> slots_;
    std::size_t published_ = 0;
};

SLOTRING_CPP_END

#endif
