# SPDX-License-Identifier: Apache-2.0
"""Loops that go on for days need no more memory than in their first minute, also where each round fails."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest

import slotring
from conftest import SLOT_SIZE

ROUNDS, FEW_ROUNDS, MORE_ROUNDS = 20, 200, 1000
WINDOWS = 6
SLACK = 4096  # bytes: caches of the interpreter; an object of 24 bytes a round is 4,800 after few rounds

LARGE = bytes(3 * SLOT_SIZE)


class Bench:
    """A ring with all kinds of readers, which each round uses and leaves as it was."""

    def __init__(self, ring: slotring.Ring) -> None:
        self.ring = ring
        self.reader, self.second = ring.reader(), ring.reader()
        self.writer = ring.writer()

    def take(self) -> slotring.Message:
        self.second.next()
        return self.reader.next()

    def publish_and_read(self) -> None:
        self.ring.publish(b"x", tag=1)
        self.take().tobytes()

    def views(self) -> None:
        self.ring.publish(LARGE)
        message = self.take()
        kept = [memoryview(piece) for piece in message.in_pieces()]
        message.release()
        kept.clear()
        self.ring.publish(b"12345678")
        array = self.take().array("float64")
        numpy.from_dlpack(array)

    def tensors(self) -> None:
        self.ring.publish(b"12345678")
        message = self.take()
        numpy.from_dlpack(message)
        numpy.from_dlpack(message, copy=True)
        message.__dlpack__(max_version=(1, 0))
        message.__dlpack__(copy=True)

    def batches(self) -> None:
        self.ring.mark_ready_batch(self.ring.allocate_batch(4, 8), nbytes=[1, 2, 3, 4], tags=range(4))
        assert len(self.reader.batch(4)) == len(self.second.batch(4)) == 4

    def records(self) -> None:
        self.writer.append(b"a")
        self.writer.append_batch([b"b", b"c"], tags=[1, 2])
        slot = self.writer.reserve(8)
        slot.write(b"x")
        slot.mark_ready(1)
        for _ in range(4):
            self.take()

    def waits(self) -> None:
        self.ring.publish(b"x")
        assert slotring.wait_many([self.reader, self.second]) == [self.reader, self.second]
        self.take()
        assert slotring.wait_many([self.reader, self.second], 0) == []

    def durable(self) -> None:
        with self.ring.reader(durable=True, name="disk") as reader:
            for _ in range(3):
                self.ring.publish(b"x")
                self.take()
            for message in reader.batch():
                message.acknowledge()

    def looks(self) -> None:
        for look in (self.ring.info, self.ring.stats, self.ring.participants, self.ring.readers, self.ring.writers):
            look()
        self.ring.descriptor(), self.reader.info(), repr(self.reader), self.ring.blockers()

    def opens(self) -> None:
        with self.ring.descriptor().open() as other, other.reader() as reader, other.writer() as writer:
            other.allocate(1)
            repr(writer), reader.fileno()

    def failures(self) -> None:
        slot = self.ring.allocate(4)
        view = memoryview(slot)
        calls: list[Callable[[], Any]] = [
            slot.mark_ready,
            lambda: self.reader.next(0),
            lambda: slotring.wait_many([self.reader, self.reader]),
            lambda: self.ring.publish("text"),  # type: ignore[arg-type]
            lambda: self.ring.publish(LARGE * 100),
            lambda: self.ring.allocate_batch(3, 1 << 50),
            lambda: self.ring.mark_ready_batch([slot, 5]),  # type: ignore[list-item]
            lambda: self.ring.mark_ready_batch([slot], tags=[1 << 70]),
            lambda: slot.__dlpack__(dl_device=(9, 9)),
            lambda: slot.write(LARGE),
            lambda: self.ring.acquire(slotring.Ticket("slotring1-0-0-0-0")),
            lambda: self.ring.reader(nonsense=3),  # type: ignore[call-arg]
            lambda: slotring.open("nobody's ring", mode="attach"),
            lambda: self.writer.append_batch([b"x", 5]),  # type: ignore[list-item]
        ]
        for call in calls:
            with contextlib.suppress(slotring.Error, BufferError, TypeError, ValueError):
                call()
                raise AssertionError("a call that is wrong was taken")
        view.release()


@pytest.fixture
def bench(name: str) -> Iterator[Bench]:
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=64 * SLOT_SIZE) as ring:
        yield Bench(ring)


OPERATIONS = [name for name, value in vars(Bench).items() if callable(value) and name not in ("__init__", "take")]


def growth(call: Callable[[], None], rounds: int) -> int:
    """How many bytes more are in use after that many rounds."""
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(rounds):
        call()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return after - before


def is_flat(call: Callable[[], None], rounds: int) -> bool:
    """What loses an object a round grows in each window. A cache of the interpreter grows until it is full: the one of methods keeps
    up to 4096 names of attributes, and fills at another pace in each process."""
    for _ in range(ROUNDS):
        call()
    tracemalloc.start()
    try:
        growth(call, ROUNDS)
        return any(growth(call, rounds) < SLACK for _ in range(WINDOWS))
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_loop_is_flat(bench: Bench, operation: str) -> None:
    rounds = FEW_ROUNDS if operation in ("opens", "looks", "failures", "durable") else MORE_ROUNDS
    assert is_flat(getattr(bench, operation), rounds)
    assert bench.ring.stats().slots_held == 0 and bench.ring.check() == []


def test_a_loop_that_loses_an_object_a_round_is_noticed() -> None:
    lost: list[list[int]] = []
    assert not is_flat(lambda: lost.append([]), FEW_ROUNDS)
