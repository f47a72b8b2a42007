# SPDX-License-Identifier: Apache-2.0
"""The index of a slot, which carries its ticket.

Before the slot is published, the index is the number of the slot. An index of what is published is one number that holds the whole
ticket, so it survives pickle, JSON and whatever else carries whole numbers of any size. An index that was read before the publication
learns the ticket, and pickles as the whole number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Optional

from .._native import Ticket

# A ticket as a number, from the top: 1, then 128 bits of the ring, 64 of the sequence, 32 of the slot, 32 of the flags.
_MARK = 1 << 256
_WORD = 0xFFFFFFFF


class PlainIndexWarning(UserWarning):
    """A plain number of a slot was used. It names what is in the slot now, which may not be what its sender meant."""


class SlotIndex(int):
    """The number of a slot that is being written. `ticket` is None until the slot is published."""

    ticket: Optional[Ticket] = None

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self) if self.ticket is None else number_of(self.ticket),)


def number_of(ticket: Ticket) -> int:
    """The ticket as one number."""
    ring = int.from_bytes(ticket.ring_id, "big")
    return _MARK | ring << 128 | ticket.sequence << 64 | ticket.slot << 32 | ticket.flags


def ticket_of(index: int) -> Optional[Ticket]:
    """The ticket that an index carries. None: it is a plain number of a slot."""
    if isinstance(index, SlotIndex):
        return index.ticket
    return None if index < _MARK else _ticket_in(index)


@lru_cache(maxsize=256)
def _ticket_in(index: int) -> Ticket:
    """A reader asks for the ticket of one index several times."""
    ring, sequence = index >> 128 & (1 << 128) - 1, index >> 64 & (1 << 64) - 1
    return Ticket(f"slotring1-{ring:032x}-{sequence:x}-{index >> 32 & _WORD:x}-{index & _WORD:x}")
