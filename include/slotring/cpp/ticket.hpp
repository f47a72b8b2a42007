/* SPDX-License-Identifier: Apache-2.0 */
/* A ticket is a plain value: it may be copied, compared, kept in a map, sent as bytes or as text. */
#ifndef SLOTRING_CPP_TICKET_HPP
#define SLOTRING_CPP_TICKET_HPP

#include <functional>
#include <string_view>
#include <type_traits>

#include "slotring/cpp/result.hpp"

SLOTRING_CPP_BEGIN

struct ticket : slotring_ticket_t {
    ticket() noexcept : slotring_ticket_t{} {}
    ticket(const slotring_ticket_t &of_c) noexcept : slotring_ticket_t(of_c) {}

    friend bool operator==(const ticket &a, const ticket &b) noexcept
    {
        return a.order(b) == 0;
    }
    friend bool operator!=(const ticket &a, const ticket &b) noexcept
    {
        return a.order(b) != 0;
    }
    /* By ring, and within one ring by sequence. */
    friend bool operator<(const ticket &a, const ticket &b) noexcept
    {
        return a.order(b) < 0;
    }

    /* "slotring1-…": each ticket has exactly one text. */
    std::string to_string() const
    {
        char text[SLOTRING_TICKET_TEXT_SIZE];
        return slotring_ticket_to_text(this, text, sizeof text) == 0 ? std::string(text) : std::string();
    }
    /* Errors: errc::invalid (not the text of a ticket). */
    static result<ticket> try_parse(std::string_view text) noexcept
    {
        char ended[SLOTRING_TICKET_TEXT_SIZE] = {};
        ticket parsed;
        if (text.size() >= sizeof ended)
            return errc::invalid;
        text.copy(ended, text.size());
        if (std::strlen(ended) != text.size()) /* a zero in the middle */
            return errc::invalid;
        return detail::filled(slotring_ticket_from_text(ended, &parsed), std::move(parsed));
    }
#ifndef SLOTRING_CPP_NO_EXCEPTIONS
    static ticket parse(std::string_view text)
    {
        return detail::must(try_parse(text));
    }
#endif

  private:
    int order(const ticket &other) const noexcept
    {
        const int rings = std::memcmp(ring_id, other.ring_id, sizeof ring_id);
        if (rings != 0)
            return rings;
        if (sequence != other.sequence)
            return sequence < other.sequence ? -1 : 1;
        if (slot != other.slot)
            return slot < other.slot ? -1 : 1;
        return flags == other.flags ? 0 : flags < other.flags ? -1 : 1;
    }
};
static_assert(sizeof(ticket) == sizeof(slotring_ticket_t) && std::is_trivially_copyable_v<ticket>,
              "a ticket is sent as bytes");

SLOTRING_CPP_END

template <> struct std::hash<slotring::ticket> {
    std::size_t operator()(const slotring::ticket &ticket) const noexcept
    {
        std::uint64_t ring = 0;
        std::memcpy(&ring, ticket.ring_id, sizeof ring);
        const std::uint64_t place = (std::uint64_t{ticket.flags} << 32) | ticket.slot;
        return std::hash<std::uint64_t>()(ring ^ (ticket.sequence * UINT64_C(0x9e3779b97f4a7c15)) ^ place);
    }
};

#endif
