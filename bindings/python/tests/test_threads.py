# SPDX-License-Identifier: Apache-2.0
"""Threads that use the same objects at the same moment. With the GIL they take turns; without it they do not."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

import slotring
from conftest import participants

HAS_GIL = not sysconfig.get_config_var("Py_GIL_DISABLED")
ROUNDS = 20 if HAS_GIL else 1000
# What a call may say when another thread has ended its object, or is using it.
LATE = (slotring.Error, ValueError, BufferError)


def attempt(task: Callable[[], object]) -> object:
    """What it gives, or the exception that it raises."""
    try:
        return task()
    except LATE as raised:
        return raised


class Partner(threading.Thread):
    """A thread that begins a task at the same moment as the test: it does not sleep before, so that it is not late."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = self.done = 0
        self.is_ending = False
        self.task: Callable[[], object] = int
        self.result: object = None

    def run(self) -> None:
        while not self.is_ending:
            if self.turn != self.done:
                self.result = attempt(self.task)
                self.done = self.turn

    def with_(self, ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[object, object]:
        self.task = theirs
        self.turn += 1
        for _ in range(self.turn % 16 * 4):  # ours begins a little before, a little after
            pass
        result = attempt(ours)
        while self.done != self.turn:
            assert self.is_alive()
        return result, self.result


@pytest.fixture
def partner() -> Iterator[Partner]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # with the GIL, they take turns often
    own = Partner()
    own.start()
    yield own
    own.is_ending = True
    own.join()
    sys.setswitchinterval(interval)


def in_threads(*tasks: Callable[[], object]) -> list[object]:
    """Runs each in a thread of its own: what they gave, or the exceptions that they raised."""
    results: list[object] = [None] * len(tasks)

    def run(place: int) -> None:
        results[place] = attempt(tasks[place])

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def successes(results: tuple[object, ...]) -> int:
    return sum(not isinstance(result, BaseException) for result in results)


def take_all(reader: slotring.Reader) -> list[int]:
    tags: list[int] = []
    while True:
        try:
            message = reader.next(0)
        except slotring.EmptyError:
            return tags
        tags.append(message.tag)
        message.release()


def assert_nothing_is_held(ring: slotring.Ring) -> None:
    stats = ring.stats()
    assert (stats.slots_held, stats.slots_writing) == (0, 0)


@pytest.mark.skipif(HAS_GIL, reason="this Python always has its GIL")
def test_the_import_leaves_the_gil_off() -> None:
    program = "import slotring, sys; print(sys._is_gil_enabled())"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_threads_with_readers_of_their_own_get_every_message_once(name: str) -> None:
    messages, threads = 400, 3
    with slotring.open(name, slot_size=64, total_size=64 * 64) as ring:
        readers = [ring.reader() for _ in range(threads)]

        def consume(reader: slotring.Reader) -> list[int]:
            return [reader.next(30).tag for _ in range(messages * threads)]

        def produce(first: int) -> None:
            for tag in range(first, first + messages):
                slot = ring.allocate(8, timeout=30)
                slot.write(tag.to_bytes(8, "little"))
                slot.mark_ready(tag=tag)

        tasks: list[Callable[[], object]] = [partial(consume, reader) for reader in readers]
        tasks += [partial(produce, number * messages) for number in range(threads)]
        got: Any = in_threads(*tasks)[:threads]
        assert all(sorted(tags) == list(range(messages * threads)) for tags in got)
        assert got[0] == got[1] == got[2], "each reader sees the order of the ring"


@pytest.mark.parametrize("other", ["release", "view", "copy"])
def test_a_message_goes_back_once(ring: slotring.Ring, partner: Partner, other: str) -> None:
    others: dict[str, Callable[[slotring.Message], object]] = {
        "release": lambda message: message.release(),
        "view": lambda message: memoryview(message),
        "copy": lambda message: message.tobytes(),
    }
    with ring.reader() as reader:
        for _ in range(ROUNDS):
            ring.publish(b"x" * 8)
            message = reader.next()
            _, result = partner.with_(message.release, lambda: others[other](message))
            assert message.released
            if not isinstance(result, BaseException) and other != "release":
                assert bytes(result) == b"x" * 8  # type: ignore[call-overload]
            if isinstance(result, memoryview):
                result.release()  # without the GIL its own thread would end it, a little later
            assert_nothing_is_held(ring)


@pytest.mark.parametrize("other", ["mark_ready", "abort", "leave", "batch"])
def test_a_slot_is_published_or_given_up_by_one_thread(ring: slotring.Ring, partner: Partner, other: str) -> None:
    others: dict[str, Callable[[slotring.Slot], object]] = {
        "mark_ready": lambda slot: slot.mark_ready(),
        "abort": lambda slot: slot.abort(),
        "leave": lambda slot: slot.__exit__(None, None, None),
        "batch": lambda slot: ring.mark_ready_batch([slot]),
    }
    with ring.reader() as reader:
        for _ in range(ROUNDS):
            slot = ring.allocate(8)
            results = partner.with_(slot.mark_ready, lambda: others[other](slot))
            published = len(take_all(reader))
            if other == "leave":  # it never fails: of a slot that was published it gives nothing back
                assert published == successes(results[:1])
            else:
                assert successes(results) == 1
                assert published == (1 if other != "abort" or successes(results[:1]) else 0)
            assert_nothing_is_held(ring)


def test_nobody_has_a_view_of_a_published_slot(ring: slotring.Ring, partner: Partner) -> None:
    """A view that was got in time keeps its slot from being published, and one that comes late is refused."""
    with ring.reader() as reader:
        for _ in range(ROUNDS):
            slot = ring.allocate(8)
            view, published = partner.with_(lambda: memoryview(slot), slot.mark_ready)
            if isinstance(view, memoryview):
                assert isinstance(published, BufferError)
                view.release()
                slot.mark_ready()
            else:
                assert isinstance(published, slotring.Ticket)
            assert len(take_all(reader)) == 1


@pytest.mark.parametrize("other", ["stop", "resume", "take", "close", "info"])
def test_a_reader_is_closed_under_other_calls(name: str, partner: Partner, other: str) -> None:
    others: dict[str, Callable[[slotring.Reader], object]] = {
        "stop": lambda reader: reader.stop(),
        "resume": lambda reader: reader.resume(),
        "take": lambda reader: reader.next(0),
        "close": lambda reader: reader.close(),
        "info": lambda reader: reader.info(),
    }
    with slotring.open(name, slot_size=64, total_size=64 * 64) as ring:
        for _ in range(ROUNDS):
            reader = ring.reader()
            ring.publish(b"x")
            closed, _ = partner.with_(reader.close, lambda: others[other](reader))
            assert closed is None and reader.closed and ring.stats().readers == 0
            with pytest.raises(slotring.ClosedError):
                reader.next(0)


@pytest.mark.parametrize("other", ["mark_ready", "append", "close"])
def test_a_reservation_ends_once(name: str, partner: Partner, other: str) -> None:
    """One thread gives the reservation up; another one makes it visible, or uses the writer, or closes it."""
    with slotring.open(name, slot_size=1024, total_size=64 * 1024) as ring, ring.reader() as reader:
        for turn in range(ROUNDS):
            writer = ring.writer()
            place = writer.reserve(8)
            others: dict[str, Callable[[], object]] = {
                "mark_ready": lambda: place.mark_ready(),
                "append": lambda: writer.append(b"y"),
                "close": lambda: writer.close(),
            }
            results = partner.with_(lambda: place.__exit__(None, None, None), others[other])
            expected = 0 if other == "close" else successes(results[1:])
            if other == "close" and isinstance(results[1], BaseException):
                writer.close()
            if other != "close":
                writer.append(b"z")  # nothing is left that stands in its way
                expected += 1
                writer.close()
            assert len(take_all(reader)) == expected, turn
            assert ring.stats().writers == 0


def test_holds_of_threads_are_counted(ring: slotring.Ring, partner: Partner) -> None:
    for _ in range(ROUNDS):
        ticket = ring.publish(b"x")
        assert successes(partner.with_(lambda: ring.hold(ticket), lambda: ring.hold(ticket))) == 2
        ring.hold(ticket)
        assert successes(partner.with_(lambda: ring.release_ticket(ticket), lambda: ring.release_ticket(ticket))) == 2
        assert successes(partner.with_(lambda: ring.release_ticket(ticket), lambda: ring.release_ticket(ticket))) == 1
        assert_nothing_is_held(ring)


def test_a_ring_is_closed_while_others_use_it(name: str) -> None:
    for _ in range(max(ROUNDS // 100, 4)):
        ring = slotring.open(name, slot_size=64, total_size=64 * 64, max_holds=64)
        reader, writer = ring.reader(mode="lossy"), ring.writer()
        kept: list[slotring.Message] = []

        def until_closed(step: Callable[[], object], ring: slotring.Ring = ring) -> None:
            while not ring.closed:
                try:
                    step()
                except slotring.ClosedError:
                    return
                except (slotring.FullError, slotring.EmptyError, slotring.TimedOutError, slotring.StoppedError):
                    continue

        def take(reader: slotring.Reader = reader, kept: list[slotring.Message] = kept) -> None:
            kept[:] = [reader.next(0.001)]

        results = in_threads(
            lambda: until_closed(lambda: ring.publish(b"x", timeout=0)),
            lambda: until_closed(take),
            lambda: until_closed(lambda: writer.append(b"y", timeout=0)),
            lambda: until_closed(ring.stats),
            ring.close,
            ring.close,
        )
        assert ring.closed and all(result is None for result in results), results
        kept.clear()
        assert participants(name) == 0


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_last_view_closes_a_ring_in_any_thread(name: str, partner: Partner) -> None:
    for _ in range(ROUNDS // 10):
        with slotring.open(name, slot_size=64, total_size=64 * 64, max_holds=8) as ring, ring.reader() as reader:
            views = []
            for _ in range(2):
                ring.publish(b"x")
                views.append(memoryview(reader.next()))
        assert participants(name) == 1
        partner.with_(views[0].release, views[1].release)
        del views, reader
        partner.task = int
        assert participants(name) == 0
