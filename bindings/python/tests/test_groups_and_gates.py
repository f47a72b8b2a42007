# SPDX-License-Identifier: Apache-2.0
"""Dead letters of a group, and the gate for runs."""

from __future__ import annotations

import pytest

import slotring


def test_what_no_member_acknowledges_is_a_dead_letter(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=64 * 4096, max_groups=1) as ring:
        with ring.reader(group=True, name="workers", tries=1, letters=2) as member:
            ticket = ring.publish(b"poison", tag=9)
            assert member.next(0).tag == 9
        with ring.reader(group=True, name="workers", tries=1, letters=2) as member:
            with pytest.raises(slotring.EmptyError):
                member.next(0)
            (letter,) = ring.dead_letters("workers")
            assert (letter.ticket, letter.tag, letter.length, letter.tries) == (ticket, 9, 6, 1)
            assert ring.copy(letter.ticket).tobytes() == b"poison"
            ring.drop_letter("workers", letter.sequence)
            assert ring.dead_letters("workers") == []
            with pytest.raises(slotring.NotFoundError):
                ring.drop_letter("workers", letter.sequence)
    with pytest.raises(slotring.ClosedError):
        ring.dead_letters("workers")


def test_a_group_that_is_not_there_has_no_letters(ring: slotring.Ring) -> None:
    with pytest.raises(slotring.NotFoundError):
        ring.dead_letters("nobody")
    with pytest.raises(ValueError):
        ring.dead_letters("a\0b")
    with pytest.raises(TypeError):
        ring.dead_letters(b"workers")  # type: ignore[arg-type]


def test_a_run_begins_when_all_is_as_wanted(ring: slotring.Ring) -> None:
    ring.run_gate(free_percent=100, nothing_dropped=True)
    with pytest.raises(slotring.StateError, match="reader"):
        ring.run_gate(readers=1)
    with ring.reader():
        ring.run_gate(readers=1)
        with pytest.raises(slotring.InvalidError):
            ring.run_gate(free_percent=101)
