/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a reader, by chained setters: ring.subscribe(reader_options().lossy().latest()). slotring_reader_options_t says what
 * each means, and which go together; reader_options() alone is lossless, from now, all messages. The name is copied. */
#ifndef SLOTRING_CPP_READER_OPTIONS_HPP
#define SLOTRING_CPP_READER_OPTIONS_HPP

#include "slotring/cpp/options.hpp"

SLOTRING_CPP_BEGIN

class reader_options
{
  public:
    reader_options() noexcept
    {
        slotring_reader_options_init(&c_);
    }
    explicit reader_options(const slotring_reader_options_t &of_c) noexcept : c_(of_c) {}

    /* The name that others see. */
    reader_options &name(std::string_view text)
    {
        return name_.set(text), *this;
    }

    /* Does the reader delay producers? */
    reader_options &lossless() noexcept
    {
        return c_.mode = SLOTRING_LOSSLESS, *this;
    }
    reader_options &lossy() noexcept
    {
        return c_.mode = SLOTRING_LOSSY, *this;
    }
    /* Lossless with a budget: so many messages in so much time. 0 messages: a quarter of the slots; no time: 100 ms. */
    reader_options &budgeted(std::uint64_t messages = 0) noexcept
    {
        c_.mode = SLOTRING_BUDGETED;
        c_.budget_messages = messages;
        return *this;
    }
    template <class Rep, class Period>
    reader_options &budgeted(std::uint64_t messages, std::chrono::duration<Rep, Period> time) noexcept
    {
        c_.budget_ns = detail::nanoseconds(time);
        return budgeted(messages);
    }
    reader_options &ends_when_revoked() noexcept
    {
        return c_.when_revoked = SLOTRING_REVOKED_ENDS, *this;
    }

    /* Where does it begin? */
    reader_options &from_now() noexcept
    {
        return begin(SLOTRING_FROM_NOW, 0);
    }
    reader_options &from_oldest() noexcept
    {
        return begin(SLOTRING_FROM_OLDEST, 0);
    }
    reader_options &from_last(std::uint64_t messages) noexcept
    {
        return begin(SLOTRING_FROM_LAST, messages);
    }
    reader_options &from_sequence(std::uint64_t sequence) noexcept
    {
        return begin(SLOTRING_FROM_SEQUENCE, sequence);
    }

    /* Which messages does it want? */
    reader_options &latest() noexcept
    {
        return c_.wanted = SLOTRING_WANTS_LATEST, *this;
    }
    reader_options &every(std::uint32_t nth) noexcept
    {
        return c_.every = nth, *this;
    }
    reader_options &tag(std::uint64_t match, std::uint64_t mask = UINT64_MAX) noexcept
    {
        c_.tag_match = match;
        c_.tag_mask = mask;
        return *this;
    }
    reader_options &verify() noexcept /* compares checksums: errc::checksum */
    {
        return flags(SLOTRING_VERIFY);
    }
    reader_options &tell_marks() noexcept /* errc::mark */
    {
        return flags(SLOTRING_TELL_MARKS);
    }
    reader_options &wait_for_next_producer() noexcept /* instead of errc::end */
    {
        return c_.at_end = SLOTRING_AT_END_WAIT, *this;
    }

    /* A subscription that outlives its reader; a group, whose members share the messages; tickets that a queue brings. The end of
     * a message is its acknowledgement in the first two. */
    reader_options &durable(std::string_view text)
    {
        return name(text).flags(SLOTRING_DURABLE);
    }
    reader_options &group(std::string_view text)
    {
        return name(text).flags(SLOTRING_GROUP);
    }
    /* Of a group: a message that so many members had goes to the dead letters, of which so many stay. */
    reader_options &tries(std::uint32_t members, std::uint32_t letters = 0) noexcept
    {
        c_.tries = members;
        c_.letters = letters;
        return *this;
    }
    reader_options &by_ticket(std::uint32_t late_by = 0) noexcept
    {
        return flags(SLOTRING_BY_TICKET).window(late_by);
    }

    /* How many messages may be out at a time: their ends come in any order. Without a window see reader::next. */
    reader_options &window(std::uint32_t messages) noexcept
    {
        return c_.window = messages, *this;
    }
    /* A wait ends when so many messages are there, or so much time after the first. */
    template <class Rep, class Period>
    reader_options &gather(std::uint64_t messages, std::chrono::duration<Rep, Period> time) noexcept
    {
        c_.wake_messages = messages;
        c_.wake_ns = detail::nanoseconds(time);
        return *this;
    }
    reader_options &flags(std::uint32_t more) noexcept /* SLOTRING_VERIFY …, besides those that it has */
    {
        return c_.flags |= more, *this;
    }

    /* As the C call takes them. Good until these options change, move or end. */
    slotring_reader_options_t of_c() const noexcept
    {
        slotring_reader_options_t options = c_;
        options.name = name_.or_else(c_.name);
        return options;
    }

  private:
    reader_options &begin(std::uint32_t where, std::uint64_t first) noexcept
    {
        c_.start = where;
        c_.first = first;
        return *this;
    }
    slotring_reader_options_t c_;
    detail::option_text name_;
};

SLOTRING_CPP_END

#endif
