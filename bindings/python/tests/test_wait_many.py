# SPDX-License-Identifier: Apache-2.0
"""One call waits for the readers of several rings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

import slotring
from conftest import SLOT_SIZE, needs_alarm, needs_console, needs_dev_shm, needs_fork


def remove(name: str) -> None:
    with suppress(slotring.NotFoundError):
        slotring.unlink(name, "force")


@pytest.fixture
def rings(name: str) -> Iterator[list[slotring.Ring]]:
    """Three rings."""
    names = [f"{name}-{number}" for number in range(3)]
    with ExitStack() as stack:
        for one in names:
            stack.callback(remove, one)
        yield [stack.enter_context(slotring.open(one, slot_size=SLOT_SIZE, total_size=16 * SLOT_SIZE)) for one in names]


def test_it_gives_the_readers_that_have_something(rings: list[slotring.Ring]) -> None:
    readers = [ring.reader() for ring in rings]
    assert slotring.wait_many(readers, 0) == [] and slotring.wait_many(readers, 0.001) == []
    rings[1].publish(b"x")
    assert slotring.wait_many(readers) == [readers[1]]
    rings[2].publish(b"y")
    assert slotring.wait_many(iter(readers), timeout=0) == [readers[1], readers[2]]
    assert readers[1].next(0).tobytes() == b"x"  # nothing was taken
    assert slotring.wait_many(readers) == [readers[2]]


def test_readers_of_one_ring_are_told_apart(ring: slotring.Ring) -> None:
    readers = [ring.reader(tag=number) for number in range(4)]
    ring.publish(b"x", tag=2)
    assert slotring.wait_many(readers) == [readers[2]]


def test_it_sleeps_until_another_thread_publishes(rings: list[slotring.Ring]) -> None:
    readers = [ring.reader() for ring in rings]
    got: list[list[slotring.Reader]] = []
    thread = threading.Thread(target=lambda: got.append(slotring.wait_many(readers)))
    thread.start()
    rings[2].publish(b"x")  # runs while the thread waits: the GIL is free
    thread.join()
    assert got == [[readers[2]]]


def test_the_end_of_a_stream_is_something(rings: list[slotring.Ring]) -> None:
    readers = [ring.reader() for ring in rings]
    rings[0].publish(b"x")
    rings[0].end_stream()
    assert readers[0].next().tobytes() == b"x"
    assert slotring.wait_many(readers) == [readers[0]]
    with pytest.raises(slotring.EndError):
        readers[0].next()


def test_what_a_reader_has_to_tell_is_something(rings: list[slotring.Ring]) -> None:
    readers = [rings[0].reader(marks=True), rings[1].reader()]
    rings[0].publish(b"x")
    rings[0].mark("user")
    assert len(readers[0].batch()) == 1  # met the mark
    assert slotring.wait_many(readers) == [readers[0]]
    with pytest.raises(slotring.MarkError):
        readers[0].next()
    rings[0].publish(b"y")
    messages = [readers[0].next()]
    while True:  # until the ring lends no more
        rings[0].publish(b"z")
        try:
            messages.append(readers[0].next())
        except slotring.HoldsError:
            break
    rings[1].publish(b"w")
    assert slotring.wait_many(readers) == readers
    del messages
    assert readers[0].next(0).tobytes() == b"z"


def test_a_stop_ends_it(rings: list[slotring.Ring]) -> None:
    readers = [ring.reader() for ring in rings]
    rings[1].stop()
    with pytest.raises(slotring.StoppedError):
        slotring.wait_many(readers)
    rings[0].publish(b"x")
    assert slotring.wait_many(readers) == [readers[0]]
    rings[1].resume()
    readers[0].next()
    readers[2].stop()
    with pytest.raises(slotring.StoppedError) as stopped:
        slotring.wait_many(readers)
    assert stopped.value.reader is readers[2]


@needs_dev_shm
def test_each_ring_whose_files_are_gone_is_told_once(rings: list[slotring.Ring]) -> None:
    readers = [ring.reader() for ring in rings]
    for file in os.listdir("/dev/shm"):
        if any(ring.name in file for ring in rings[:2]):
            os.unlink(f"/dev/shm/{file}")
    with pytest.raises(slotring.RemovedError) as removed:
        slotring.wait_many(readers)
    assert removed.value.reader is readers[0]
    assert slotring.wait_many(readers) == [readers[1]]  # it was noticed by the same call
    with pytest.raises(slotring.RemovedError):
        readers[1].next(0)
    assert slotring.wait_many(readers, 0) == []


@pytest.mark.parametrize("which", ["ring", "reader"])
def test_a_close_in_another_thread_ends_it(rings: list[slotring.Ring], which: str) -> None:
    readers = [ring.reader() for ring in rings]
    raised: list[BaseException] = []

    def run() -> None:
        try:
            while True:
                slotring.wait_many(readers)
        except slotring.Error as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    (rings[1] if which == "ring" else readers[1]).close()
    thread.join()
    assert type(raised[0]) in (slotring.StoppedError, slotring.ClosedError)
    rings[0].publish(b"x")
    assert slotring.wait_many([readers[0], readers[2]]) == [readers[0]]  # nobody is inside these any more


def test_one_thread_at_a_time_uses_a_reader(rings: list[slotring.Ring]) -> None:
    readers = [ring.reader() for ring in rings]

    def run() -> None:
        while True:
            try:
                slotring.wait_many(readers)
                return
            except slotring.StateError:  # the other thread came first
                pass

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with pytest.raises(slotring.StateError, match="another call"):
            while True:
                slotring.wait_many(readers[1:], 0)
    finally:
        rings[0].publish(b"x")
        thread.join()
    assert slotring.wait_many(readers) == [readers[0]]


class Alarm(Exception):
    """What the handler of the signal raises."""


@pytest.fixture
def on_alarm() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Sets what a signal does that comes again and again, until it is done."""

    def set_handler(action: Callable[[], None]) -> None:
        def handler(number: int, frame: object) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            action()

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)

    before = signal.getsignal(signal.SIGALRM)
    yield set_handler
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@needs_alarm
def test_an_exception_in_a_handler_ends_it(
    rings: list[slotring.Ring], on_alarm: Callable[[Callable[[], None]], None]
) -> None:
    readers = [ring.reader() for ring in rings]

    def fail() -> None:
        raise Alarm

    with pytest.raises(Alarm):
        on_alarm(fail)
        slotring.wait_many(readers)
    rings[2].publish(b"x")
    assert slotring.wait_many(readers) == [readers[2]]


@needs_alarm
def test_a_handler_may_close_one_of_the_rings(
    rings: list[slotring.Ring], on_alarm: Callable[[Callable[[], None]], None]
) -> None:
    readers = [ring.reader() for ring in rings]
    with pytest.raises((slotring.StoppedError, slotring.ClosedError)):
        on_alarm(rings[1].close)
        slotring.wait_many(readers)
    assert rings[1].closed and readers[1].closed
    assert [e.participants for e in slotring.list_rings() if e.name == rings[1].name] == [0]


# What runs in the background of a shell has SIGINT ignored, and its children too: then Python takes no notice of it.
CTRL_C = """
import signal, slotring, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
rings = [slotring.open(name, mode="attach") for name in sys.argv[1:]]
readers = [ring.reader() for ring in rings]
print("waiting", flush=True)
slotring.wait_many(readers)
"""


@needs_console
def test_ctrl_c_ends_it(rings: list[slotring.Ring]) -> None:
    command = [sys.executable, "-c", CTRL_C, *(ring.name for ring in rings)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"waiting\n"
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate()
    assert b"KeyboardInterrupt" in errors and child.returncode == -signal.SIGINT


def test_what_it_refuses(rings: list[slotring.Ring]) -> None:
    reader = rings[0].reader()
    wrong: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: slotring.wait_many([]), ValueError),
        (lambda: slotring.wait_many([reader, reader]), ValueError),
        (lambda: slotring.wait_many([reader, rings[0]]), TypeError),  # type: ignore[list-item]
        (lambda: slotring.wait_many([reader], -1), ValueError),
        (lambda: slotring.wait_many(5), TypeError),  # type: ignore[arg-type]
        (lambda: slotring.wait_many(), TypeError),  # type: ignore[call-arg]
    ]
    for call, error in wrong:
        with pytest.raises(error):
            call()
    durable = rings[1].reader(durable=True, name="disk")
    rings[1].publish(b"x")
    message = durable.next()
    with pytest.raises(slotring.StateError, match="acknowledge"):
        slotring.wait_many([reader, durable], 0)
    message.acknowledge()
    assert slotring.wait_many([reader, durable], 0) == []
    durable.close()
    with pytest.raises(slotring.ClosedError):
        slotring.wait_many([reader, durable])
    rings[2].close()
    with pytest.raises(slotring.ClosedError):
        slotring.wait_many([reader, rings[0].reader(), durable])
    assert slotring.wait_many([reader], 0) == []  # it was left each time


@needs_fork
def test_a_forked_child_is_refused(rings: list[slotring.Ring]) -> None:
    reader = rings[0].reader()
    pid = os.fork()
    if pid == 0:
        try:
            slotring.wait_many([reader], 0)
        except slotring.ForkedError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
