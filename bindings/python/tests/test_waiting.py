# SPDX-License-Identifier: Apache-2.0
"""Waits: other threads run meanwhile, and a signal, a stop or a close ends them. Nothing here depends on who comes first."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

import slotring
from conftest import needs_alarm, needs_console


class Alarm(Exception):
    """What the handler of the signal raises."""


@pytest.fixture
def alarm() -> Iterator[Callable[[], None]]:
    """A signal again and again, until it has ended a wait: its handler raises."""

    def handler(number: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise Alarm

    before = signal.signal(signal.SIGALRM, handler)
    yield lambda: signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02) and None
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def fill(ring: slotring.Ring) -> None:
    for _ in range(ring.info().slot_count):
        ring.publish(b"x")


@needs_alarm
def test_a_signal_ends_each_kind_of_wait(ring: slotring.Ring, alarm: Callable[[], None]) -> None:
    # The readers are another handle's: for its own no producer waits that is the only thread (StateError).
    with slotring.open(ring.name, mode="attach") as other, other.reader() as reader, ring.writer() as writer:
        waits: list[Callable[[], object]] = [
            reader.next,
            lambda: next(reader),
            reader.batch,
            reader.wait,
            lambda: ring.wait_readers(3),
        ]
        for wait in waits:
            with pytest.raises(Alarm):
                alarm()
                wait()
        for _ in range(ring.info().slot_count):
            ring.publish(b"x")
        for wait in (ring.allocate, lambda: ring.publish(b"x"), lambda: writer.append(b"x"), ring.drain):
            with pytest.raises(Alarm):
                alarm()
                wait()
        assert reader.next().sequence == 0  # the reader is as it was


@needs_alarm
def test_a_wait_that_a_signal_ended_has_taken_nothing(ring: slotring.Ring, alarm: Callable[[], None]) -> None:
    with ring.reader() as reader:
        with pytest.raises(Alarm):
            alarm()
            reader.next()
        ring.publish(b"x")
        assert reader.next(0).tobytes() == b"x"
        assert ring.stats().full == 0


# What runs in the background of a shell has SIGINT ignored, and its children too: then Python takes no notice of it.
CTRL_C = """
import signal, slotring, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
with slotring.open(sys.argv[1], mode="attach") as ring, ring.reader() as reader:
    print("waiting", flush=True)
    reader.next()
"""


@needs_console
def test_ctrl_c_ends_a_wait(ring: slotring.Ring) -> None:
    child = subprocess.Popen([sys.executable, "-c", CTRL_C, ring.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"waiting\n"
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate()
    assert b"KeyboardInterrupt" in errors and child.returncode == -signal.SIGINT


def test_other_threads_run_while_one_waits(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        got: list[bytes] = []
        thread = threading.Thread(target=lambda: got.append(reader.next().tobytes()))
        thread.start()
        ring.publish(b"x")  # the thread waits by now, or will find it
        thread.join()
        assert got == [b"x"]


def outcome_of(call: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """A thread that calls until something is raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            while True:
                call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def test_a_stop_ends_waits_until_it_is_taken_back(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        for stop, resume in ((ring.stop, ring.resume), (reader.stop, reader.resume)):
            thread, raised = outcome_of(reader.next)
            stop()
            thread.join()
            assert [type(error) for error in raised] == [slotring.StoppedError]
            with pytest.raises(slotring.StoppedError):
                reader.next()
            resume()
            ring.publish(b"x")
            assert reader.next().tobytes() == b"x"


def test_a_close_ends_the_waits_of_other_threads(ring: slotring.Ring) -> None:
    threads = [outcome_of(ring.reader().next) for _ in range(3)]
    ring.close()
    for thread, raised in threads:
        thread.join()
        assert [type(error) for error in raised] in ([slotring.StoppedError], [slotring.ClosedError])


def test_a_reader_is_closed_while_another_thread_waits(ring: slotring.Ring) -> None:
    reader = ring.reader()
    thread, raised = outcome_of(reader.next)
    reader.close()
    thread.join()
    assert [type(error) for error in raised] in ([slotring.StoppedError], [slotring.ClosedError])
    assert reader.closed and ring.stats().readers == 0


@needs_alarm
def test_a_handler_may_close_the_ring_that_its_thread_waits_for(ring: slotring.Ring) -> None:
    reader = ring.reader()

    def handler(number: int, frame: object) -> None:
        ring.close()

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises((slotring.StoppedError, slotring.ClosedError)):
            reader.next()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert ring.closed
    assert slotring.list_rings() and [e.participants for e in slotring.list_rings() if e.name == ring.name] == [0]


@needs_alarm
def test_a_handler_may_leave_a_ring_whose_memory_is_in_use(ring: slotring.Ring) -> None:
    reader = ring.reader()
    ring.publish(b"x")
    view = memoryview(reader.next())

    def handler(number: int, frame: object) -> None:
        ring.__exit__(None, None, None)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with pytest.warns(ResourceWarning), pytest.raises((slotring.StoppedError, slotring.ClosedError)):
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            reader.next()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert ring.closed and view == b"x"
    view.release()
    assert [e.participants for e in slotring.list_rings() if e.name == ring.name] == [0]


def test_many_threads_publish_and_read(name: str) -> None:
    count = 300
    with slotring.open(name, slot_size=4096, total_size=64 * 4096, max_holds=64) as ring:
        readers = [ring.reader() for _ in range(3)]
        sums: list[int] = []

        def read(reader: slotring.Reader) -> None:
            sums.append(sum(int.from_bytes(message, "little") for message in reader))

        def write() -> None:
            for number in range(count):
                ring.publish(number.to_bytes(4, "little"))

        threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
        writers = [threading.Thread(target=write) for _ in range(2)]
        for thread in writers + threads:
            thread.start()
        for thread in writers:
            thread.join()
        ring.end_stream()
        for thread in threads:
            thread.join()
        assert sums == [2 * sum(range(count))] * 3
        assert ring.check() == []


def test_wait_says_whether_there_is_something(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        assert reader.wait(0) is False and reader.wait(0.001) is False
        ring.publish(b"x")
        assert reader.wait(0) is True and reader.next(0).tobytes() == b"x"
