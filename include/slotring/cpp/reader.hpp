/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription: messages in order, one by one or in batches, marks, deaths, waiting. One thread at a time uses a reader and what
 * it has out; any thread may stop and resume it meanwhile. */
#ifndef SLOTRING_CPP_READER_HPP
#define SLOTRING_CPP_READER_HPP

#include "slotring/cpp/batch.hpp"
#include "slotring/cpp/message.hpp"
#include "slotring/cpp/reader_options.hpp"

SLOTRING_CPP_BEGIN

class reader
{
  public:
    reader(reader &&other) noexcept : core_(std::exchange(other.core_, nullptr)), last_(other.last_) {}
    reader &operator=(reader &&other) noexcept
    {
        if (this != &other) {
            leave();
            core_ = std::exchange(other.core_, nullptr);
            last_ = other.last_;
        }
        return *this;
    }
    /* Ends the subscription, or leaves a durable one, when nothing that it gave is out any more. */
    ~reader()
    {
        leave();
    }

    /* The next message. Without a window the message before it is moved aside if it still lives (message::try_keep, so the ring's
     * max_holds may refuse: errc::holds); of a durable subscription or a group it is not, since that would acknowledge it:
     * errc::state. With a window any number may live, as far as the window goes.
     * With verify() a result of errc::checksum has the message all the same. */
    result<message> try_next(timeout wait = forever) noexcept
    {
        const errc room = make_room();
        if (room != errc::ok)
            return room;
        slotring_slot_t slot;
        const errc code = detail::code_of(slotring_next(get(), wait.nanoseconds(), &slot));
        if (code != errc::ok && code != errc::checksum)
            return code;
        return result<message>(code, message(core_, slot));
    }
    /* As many as the batch has room for; it waits for the first one. What the batch had ends before. */
    result<std::uint32_t> try_next(batch &into, timeout wait = forever) noexcept
    {
        (void)into.try_release();
        const errc room = make_room();
        if (room != errc::ok)
            return room;
        std::uint32_t count = 0;
        const errc code =
            detail::code_of(slotring_next_batch(get(), wait.nanoseconds(), into.slots_.data(),
                                                static_cast<std::uint32_t>(into.slots_.size()), &count));
        if (code != errc::ok && code != errc::checksum)
            return code;
        into.count_ = count;
        into.go_out(core_);
        return result<std::uint32_t>(code, count);
    }
    /* Waits until there is something, and takes nothing. */
    errc try_wait(timeout wait = forever) noexcept
    {
        const errc room = make_room();
        return room != errc::ok ? room
                                : detail::code_of(slotring_reader_wait_readable(get(), wait.nanoseconds()));
    }
    /* The message of a ticket that came by another way, of a reader by_ticket(). */
    result<message> try_acquire(const slotring::ticket &of) noexcept
    {
        slotring_slot_t slot;
        const errc code = detail::code_of(slotring_reader_acquire_ticket(get(), &of, &slot));
        if (code != errc::ok && code != errc::checksum)
            return code;
        return result<message>(code, message(core_->ring, slot));
    }

    /* Ends all that is out, and gives a mark back. Objects of it are empty then. */
    errc try_release() noexcept
    {
        const errc code = detail::code_of(slotring_reader_release(get()));
        if (code == errc::ok)
            core_->forget(nullptr);
        return code;
    }
    /* Ends this message and all older ones that are out, of a reader with a window. */
    errc try_release_up_to(message &until) noexcept
    {
        if (!until.out() || until.core() != core_)
            return errc::not_held;
        const errc code = detail::code_of(slotring_reader_release_up_to(get(), &until.slot_));
        if (code == errc::ok)
            core_->forget(&until);
        return code;
    }
    errc try_rearm() noexcept
    {
        return detail::code_of(slotring_reader_rearm(get()));
    }
    /* The mark that errc::mark told of last; who died, after errc::producer_died or errc::source_lost; the account. */
    result<slotring_mark_t> try_mark() noexcept
    {
        slotring_mark_t mark{};
        return detail::filled(slotring_reader_mark(get(), &mark), std::move(mark));
    }
    result<slotring_participant_t> try_death() noexcept
    {
        slotring_participant_t who{};
        return detail::filled(slotring_reader_death(get(), &who), std::move(who));
    }
    result<slotring_reader_info_t> try_info() noexcept
    {
        slotring_reader_info_t info{};
        return detail::filled(slotring_reader_info(get(), &info), std::move(info));
    }
    /* For poll, epoll, kqueue, asio (posix::stream_descriptor: release() it, it is the library's), or a HANDLE. */
    result<std::intptr_t> try_descriptor() noexcept
    {
        std::intptr_t descriptor = -1;
        return detail::filled(slotring_reader_descriptor(get(), &descriptor), std::move(descriptor));
    }
    errc try_close_descriptor() noexcept
    {
        return detail::code_of(slotring_reader_descriptor_close(get()));
    }
    /* Both are async-signal-safe, and for any thread. */
    errc stop() noexcept
    {
        return detail::code_of(slotring_reader_stop(get()));
    }
    errc resume() noexcept
    {
        return detail::code_of(slotring_reader_resume(get()));
    }

    /* for (slotring::message &m : reader): until a call gives no good message; last() says why. Each message ends before the next
     * call, unless the loop has moved it out. Failures throw. */
    class iterator
    {
      public:
        explicit iterator(reader *from) : reader_(from)
        {
            advance();
        }
        message &operator*() noexcept
        {
            return current_;
        }
        message *operator->() noexcept
        {
            return &current_;
        }
        iterator &operator++()
        {
            advance();
            return *this;
        }
        struct end {
        };
        friend bool operator!=(const iterator &at, end) noexcept
        {
            return at.reader_->last() == errc::ok;
        }
        friend bool operator==(const iterator &at, end) noexcept
        {
            return at.reader_->last() != errc::ok;
        }

      private:
        void advance()
        {
            current_ = message();
            result<message> got = reader_->try_next();
            reader_->last_ = got.code();
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
            (void)detail::told(errc{got.code()});
#endif
            if (got)
                current_ = std::move(*got);
        }
        reader *reader_;
        message current_;
    };
    iterator begin()
    {
        return iterator(this);
    }
    iterator::end end() noexcept
    {
        return {};
    }
    errc last() const noexcept
    {
        return last_;
    }

#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    result<message> next(timeout wait = forever)
    {
        return detail::told(try_next(wait));
    }
    result<std::uint32_t> next(batch &into, timeout wait = forever)
    {
        return detail::told(try_next(into, wait));
    }
    errc wait(timeout wait = forever)
    {
        return detail::told(try_wait(wait));
    }
    result<message> acquire(const slotring::ticket &of)
    {
        return detail::told(try_acquire(of));
    }
    void release()
    {
        detail::must(try_release());
    }
    void release_up_to(message &until)
    {
        detail::must(try_release_up_to(until));
    }
    void rearm()
    {
        detail::must(try_rearm());
    }
    slotring_mark_t mark()
    {
        return detail::must(try_mark());
    }
    slotring_participant_t death()
    {
        return detail::must(try_death());
    }
    slotring_reader_info_t info()
    {
        return detail::must(try_info());
    }
    std::intptr_t descriptor()
    {
        return detail::must(try_descriptor());
    }
    void close_descriptor()
    {
        detail::must(try_close_descriptor());
    }
#endif

  private:
    friend class ring;
    friend class wait_set;
    explicit reader(detail::reader_core *core) noexcept : core_(core) {}
    slotring_reader_t *get() const noexcept
    {
        return core_ != nullptr ? core_->get() : nullptr;
    }
    errc make_room() noexcept
    {
        return core_ != nullptr ? core_->make_room() : errc::closed;
    }
    void leave() noexcept
    {
        if (core_ == nullptr)
            return;
        core_->open = false;
        std::exchange(core_, nullptr)->let_go();
    }
    detail::reader_core *core_;
    errc last_ = errc::ok;
};

SLOTRING_CPP_END

#endif
