# SPDX-License-Identifier: Apache-2.0
"""Loops over a reader, and batches: a loop never stops because of what it holds itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

import slotring
from conftest import SLOT_SIZE


def by_for(reader: slotring.Reader) -> list[slotring.Message]:
    return list(reader)


def by_async_for(reader: slotring.Reader) -> list[slotring.Message]:
    async def collect() -> list[slotring.Message]:
        return [message async for message in reader]

    return asyncio.run(collect())


@pytest.mark.parametrize("slots", [4, 8])
@pytest.mark.parametrize("loop", [by_for, by_async_for])
def test_a_loop_that_may_hold_no_more_gets_copies(
    name: str, loop: Callable[[slotring.Reader], list[slotring.Message]], slots: int
) -> None:
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=slots * SLOT_SIZE) as ring, ring.reader() as reader:
        for number in range(slots):
            ring.publish(b"%d" % number)
        ring.end_stream()
        messages = loop(reader)
        assert [bytes(message) for message in messages] == [b"%d" % number for number in range(slots)]
        assert [message.copied for message in messages] == [False] + (slots - 1) * [True]
        assert (reader.info().delivered, reader.info().missed) == (slots, 0)


def test_a_loop_takes_one_message_after_the_other_in_place_and_as_a_copy(name: str) -> None:
    """The loop has the last message when it asks for the next one, and this ring lets it hold one."""
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=8 * SLOT_SIZE) as ring, ring.reader() as reader:
        for number in range(6):
            ring.publish(b"x", tag=number)
        ring.end_stream()
        seen = []
        for message in reader:
            seen.append((message.tag, message.copied))
        assert seen == [(number, number % 2 == 1) for number in range(6)]


def test_a_loop_over_spans(name: str) -> None:
    large = [bytes([number]) * (3 * SLOT_SIZE) for number in range(4)]
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=16 * SLOT_SIZE) as ring, ring.reader() as reader:
        for data in large:
            ring.publish(data)
        ring.end_stream()
        assert [message.tobytes() for message in reader] == large


def test_a_batch_that_a_window_ended_goes_on_after_the_acknowledgements(ring: slotring.Ring) -> None:
    with ring.reader(durable=True, name="disk", window=4) as reader:
        for number in range(6):
            ring.publish(b"x", tag=number)
        messages = reader.batch(6)
        assert [message.tag for message in messages] == [0, 1, 2, 3]
        messages[-1].acknowledge_up_to()
        assert [message.tag for message in reader.batch(6)] == [4, 5]


def test_a_mark_that_a_batch_met_is_told_once(ring: slotring.Ring) -> None:
    with ring.reader(marks=True) as reader:
        ring.publish(b"x")
        ring.mark("user")
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            assert len(reader.batch()) == 1
        with pytest.raises(slotring.MarkError) as caught:
            reader.batch(timeout=0)
        assert caught.value.__context__ is None
        with pytest.raises(slotring.EmptyError):
            reader.batch(timeout=0)
