/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader and the messages that it has out share. For the other headers; a program does not use it.
 *
 * The messages and batches that are out stand in a list, the oldest first, so that the reader can end them, and so that the
 * subscription can last until the last of them is gone. All this belongs to the reader's thread: nothing here is atomic. */
#ifndef SLOTRING_CPP_READER_CORE_HPP
#define SLOTRING_CPP_READER_CORE_HPP

#include "slotring/cpp/pieces.hpp"

SLOTRING_CPP_BEGIN

namespace detail
{
struct reader_core;

/* What is out: one message, or a batch. */
class out_link
{
  protected:
    out_link() noexcept = default;
    out_link(const out_link &) = delete;
    out_link &operator=(const out_link &) = delete;
    virtual ~out_link() = default; /* of the derived class, which has ended it */

    bool out() const noexcept
    {
        return core_ != nullptr;
    }
    reader_core *core() const noexcept
    {
        return core_;
    }
    inline void go_out(reader_core *core) noexcept;
    inline void follow(out_link &other) noexcept; /* takes its place */
    /* Leaves the list, and releases these slots: all of what is out. */
    inline errc end_out(const slotring_slot_t *slots, std::size_t count) noexcept;
    /* The reader has released it already: it is out no more. */
    virtual void ended() noexcept = 0;
    /* Makes room for the reader's next message, if that is possible. */
    virtual errc move_aside() noexcept = 0;

  private:
    friend struct reader_core;
    reader_core *core_ = nullptr;
    out_link *before_ = nullptr, *after_ = nullptr;
};

struct reader_core {
    /* A message of a durable subscription that ended before it could be released, since older ones are out. */
    struct late_one {
        slotring_slot_t slot;
        late_one *after;
    };

    ring_ref ring;
    slotring_reader_t *reader = nullptr;
    bool window = false; /* messages end one by one */
    bool acknowledges =
        false;            /* a release is an acknowledgement: a message must not be released to make room */
    bool open = true;     /* the reader object is there */
    std::size_t uses = 1; /* the reader object, what is out, sets that wait */
    out_link *first = nullptr, *last = nullptr;
    late_one *late = nullptr;

    /* NULL when the ring was closed, or the subscription has ended: a call gives errc::closed. */
    slotring_reader_t *get() const noexcept
    {
        return ring.get() != nullptr ? reader : nullptr;
    }
    void add(out_link *link) noexcept
    {
        link->core_ = this;
        link->before_ = last;
        link->after_ = nullptr;
        (last != nullptr ? last->after_ : first) = link;
        last = link;
        uses++;
    }
    void replace(out_link *by, out_link *old) noexcept
    {
        by->core_ = std::exchange(old->core_, nullptr);
        by->before_ = old->before_;
        by->after_ = old->after_;
        (by->before_ != nullptr ? by->before_->after_ : first) = by;
        (by->after_ != nullptr ? by->after_->before_ : last) = by;
    }
    void remove(out_link *link) noexcept
    {
        (link->before_ != nullptr ? link->before_->after_ : first) = link->after_;
        (link->after_ != nullptr ? link->after_->before_ : last) = link->before_;
        link->core_ = nullptr;
    }

    errc release(const slotring_slot_t *slots, std::size_t count) noexcept
    {
        if (!window)
            return code_of(slotring_reader_release(get()));
        errc code = errc::ok;
        for (std::size_t i = 0; i < count; i++) {
            const errc one = code_of(slotring_reader_release_one(get(), &slots[i]));
            if (one == errc::state)
                put_off(slots[i]);
            else if (one == errc::ok)
                catch_up();
            code = code != errc::ok ? code : one;
        }
        return code;
    }
    /* If there is no memory for it, the message stays out, and the next reader of the subscription gets it again. */
    void put_off(const slotring_slot_t &slot) noexcept
    {
        late_one *made = new (std::nothrow) late_one{slot, late};
        if (made != nullptr)
            late = made;
    }
    void catch_up() noexcept
    {
        for (bool more = late != nullptr; more;) {
            more = false;
            for (late_one **at = &late; *at != nullptr;) {
                late_one *one = *at;
                if (code_of(slotring_reader_release_one(get(), &one->slot)) == errc::state) {
                    at = &one->after;
                    continue;
                }
                *at = one->after;
                delete one;
                more = late != nullptr;
            }
        }
    }
    /* All that is out, or what is not younger than `until`, was released by one call. */
    void forget(const out_link *until) noexcept
    {
        while (first != nullptr) {
            out_link *link = first;
            remove(link);
            link->ended();
            uses--;
            if (link == until)
                break;
        }
        catch_up();
    }
    /* Without a window one message is in the reader's hands at a time: before the next call it is moved aside. Where that must not
     * be, the library refuses the call. */
    errc make_room() noexcept
    {
        return window || acknowledges || first == nullptr ? errc::ok : first->move_aside();
    }

    /* Nobody can use the subscription any more. */
    void end_if_left() noexcept
    {
        if (open || first != nullptr || reader == nullptr)
            return;
        if (get() != nullptr)
            (void)slotring_unsubscribe(reader);
        reader = nullptr;
        while (late != nullptr)
            delete std::exchange(late, late->after);
    }
    void let_go() noexcept
    {
        end_if_left();
        if (--uses == 0)
            delete this;
    }
};

void out_link::go_out(reader_core *core) noexcept
{
    core->add(this);
}
void out_link::follow(out_link &other) noexcept
{
    if (other.core_ != nullptr)
        other.core_->replace(this, &other);
}
errc out_link::end_out(const slotring_slot_t *slots, std::size_t count) noexcept
{
    reader_core *core = core_;
    core->remove(this);
    const errc code = core->release(slots, count);
    core->let_go();
    return code;
}
} // namespace detail

SLOTRING_CPP_END

#endif
