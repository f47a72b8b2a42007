/* SPDX-License-Identifier: Apache-2.0 */
/* A writer of records: messages of any size, of which small ones share a slot. One thread at a time uses a writer and its
 * reservation. */
#ifndef SLOTRING_CPP_WRITER_HPP
#define SLOTRING_CPP_WRITER_HPP

#include <string_view>

#include "slotring/cpp/slot.hpp"

SLOTRING_CPP_BEGIN

namespace detail
{
/* What a writer and its reservation share: the writer closes when both are gone. */
struct writer_core {
    ring_ref ring;
    slotring_writer_t *writer = nullptr;
    std::size_t uses = 1;

    slotring_writer_t *get() const noexcept
    {
        return ring.get() != nullptr ? writer : nullptr;
    }
    void let_go() noexcept
    {
        if (--uses != 0)
            return;
        if (get() != nullptr)
            (void)slotring_writer_close(writer);
        delete this;
    }
};
} // namespace detail

/* Room for one message, which is written in place. What was not committed when the object ends is cancelled. */
class reservation
{
  public:
    reservation(reservation &&other) noexcept
        : core_(std::exchange(other.core_, nullptr)), slot_(std::exchange(other.slot_, slotring_slot_t{}))
    {
    }
    reservation &operator=(reservation &&other) noexcept
    {
        if (this != &other) {
            (void)try_cancel();
            core_ = std::exchange(other.core_, nullptr);
            slot_ = std::exchange(other.slot_, slotring_slot_t{});
        }
        return *this;
    }
    ~reservation()
    {
        (void)try_cancel();
    }

    /* Where to write, aligned to 8; NULL if the message takes several slots, and after its end. */
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
    template <class T> T *try_as() const noexcept
    {
        return detail::lies_at<T>(slot_.data, slot_.capacity);
    }
    piece_range pieces() const noexcept
    {
        return piece_range(ring(), slot_);
    }
    errc try_scatter(std::uint64_t offset, const void *data, std::uint64_t bytes) noexcept
    {
        return detail::code_of(slotring_scatter(ring(), &slot_, offset, data, bytes));
    }
    void set_tag(std::uint64_t tag) noexcept
    {
        slot_.tag = tag;
    }
    void set_time(std::chrono::nanoseconds time) noexcept /* as in writer_slot */
    {
        slot_.time_ns = static_cast<std::uint64_t>(time.count());
    }
    const slotring_slot_t &of_c() const noexcept
    {
        return slot_;
    }
    /* Makes the message visible with its first `length` bytes. After an error the reservation is still there. */
    result<slotring::ticket> try_commit(std::uint64_t length) noexcept
    {
        const int call = slotring_writer_commit(writer(), &slot_, length);
        if (call != 0)
            return detail::code_of(call);
        std::exchange(core_, nullptr)->let_go();
        return slotring::ticket(slot_.ticket);
    }
    /* Errors: errc::closed (there is no reservation any more). */
    errc try_cancel() noexcept
    {
        const errc code = detail::code_of(slotring_writer_cancel(writer(), &slot_));
        if (core_ != nullptr)
            std::exchange(core_, nullptr)->let_go();
        return code;
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
    slotring::ticket commit(std::uint64_t length)
    {
        return detail::must(try_commit(length));
    }
    void cancel()
    {
        detail::must(try_cancel());
    }
#endif

  private:
    friend class writer;
    reservation(detail::writer_core *core, const slotring_slot_t &slot) noexcept : core_(core), slot_(slot)
    {
        core->uses++;
    }
    slotring_writer_t *writer() const noexcept
    {
        return core_ != nullptr ? core_->get() : nullptr;
    }
    slotring_t *ring() const noexcept
    {
        return core_ != nullptr ? core_->ring.get() : nullptr;
    }
    detail::writer_core *core_;
    slotring_slot_t slot_;
};

/* For a writer that is a copy of another ring's. */
class writer_options
{
  public:
    writer_options() noexcept
    {
        slotring_writer_options_init(&options_);
    }
    /* The writer there: this row, and no other. */
    writer_options &row(std::uint32_t number) noexcept
    {
        options_.flags |= SLOTRING_WRITER_AT_ROW;
        options_.row = number;
        return *this;
    }
    /* Where the numbers begin if nobody ever wrote in that row. */
    writer_options &first_number(std::uint64_t number) noexcept
    {
        options_.flags |= SLOTRING_WRITER_FIRST_NUMBER;
        options_.first_number = number;
        return *this;
    }
    const slotring_writer_options_t &of_c() const noexcept
    {
        return options_;
    }

  private:
    slotring_writer_options_t options_;
};

class writer
{
  public:
    writer(writer &&other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
    writer &operator=(writer &&other) noexcept
    {
        std::swap(core_, other.core_);
        return *this;
    }
    /* Closes the writer, as soon as its reservation is gone too. */
    ~writer()
    {
        if (core_ != nullptr)
            core_->let_go();
    }

    /* Writes one message, and waits up to `wait` if that needs a slot. */
    errc try_append(const void *data, std::uint64_t size, std::uint64_t tag = 0,
                    timeout wait = forever) noexcept
    {
        return detail::code_of(slotring_writer_append(get(), data, size, tag, wait.nanoseconds()));
    }
    errc try_append_text(std::string_view text, std::uint64_t tag = 0, timeout wait = forever) noexcept
    {
        return try_append(text.data(), text.size(), tag, wait);
    }
    /* Writes up to `count` messages with one wake-up; gives how many. */
    result<std::uint32_t> try_append_batch(const slotring_message_t *messages, std::uint32_t count,
                                           timeout wait = forever) noexcept
    {
        std::uint32_t done = 0;
        const int call = slotring_writer_append_batch(get(), messages, count, wait.nanoseconds(), &done);
        return detail::filled(call, std::move(done));
    }
    /* One at a time. */
    result<reservation> try_reserve(std::uint64_t size, timeout wait = forever) noexcept
    {
        slotring_slot_t slot;
        const int call = slotring_writer_reserve(get(), size, wait.nanoseconds(), &slot);
        if (call != 0)
            return detail::code_of(call);
        return reservation(core_, slot);
    }
    /* Of the next message. */
    result<std::uint64_t> try_number() const noexcept
    {
        std::uint64_t number = 0;
        const int call = slotring_writer_number(get(), &number);
        return detail::filled(call, std::move(number));
    }
    /* No message will have the next `count` numbers: readers count them as missed. */
    errc try_skip(std::uint64_t count, timeout wait = forever) noexcept
    {
        return detail::code_of(slotring_writer_skip(get(), count, wait.nanoseconds()));
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    std::uint64_t number() const
    {
        return detail::must(try_number());
    }
    errc skip(std::uint64_t count, timeout wait = forever)
    {
        return detail::told(try_skip(count, wait));
    }
    errc append(const void *data, std::uint64_t size, std::uint64_t tag = 0, timeout wait = forever)
    {
        return detail::told(try_append(data, size, tag, wait));
    }
    errc append_text(std::string_view text, std::uint64_t tag = 0, timeout wait = forever)
    {
        return detail::told(try_append_text(text, tag, wait));
    }
    result<std::uint32_t> append_batch(const slotring_message_t *messages, std::uint32_t count,
                                       timeout wait = forever)
    {
        return detail::told(try_append_batch(messages, count, wait));
    }
    result<reservation> reserve(std::uint64_t size, timeout wait = forever)
    {
        return detail::told(try_reserve(size, wait));
    }
#endif

  private:
    friend class producing;
    explicit writer(detail::writer_core *core) noexcept : core_(core) {}
    slotring_writer_t *get() const noexcept
    {
        return core_ != nullptr ? core_->get() : nullptr;
    }
    detail::writer_core *core_;
};

SLOTRING_CPP_END

#endif
