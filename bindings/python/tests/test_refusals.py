# SPDX-License-Identifier: Apache-2.0
"""Bad input, and programs that end in the middle of things: an exception, and never a crash. What belongs to one subject stands in
the tests of that subject: arguments in test_errors.py, closed rings in test_closing.py, forks and killed children in test_processes.py."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

import slotring
from conftest import KILL, KILLED, SLOT_SIZE, SLOTS, needs_dev_shm, participants

KEPT = 100_000


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-X", "faulthandler", "-c", code, *arguments], capture_output=True)


# ---- Many messages --------------------------------------------------------------------------------------------------


def test_a_hundred_thousand_messages_are_kept_at_once(name: str) -> None:
    with slotring.open(name, slot_size=64, total_size=KEPT * 64, max_holds=KEPT) as ring, ring.reader() as reader:
        for number in range(KEPT):
            ring.publish(number.to_bytes(4, "little"))
        messages = reader.batch(KEPT)
        views = [memoryview(message) for message in messages]
        assert ring.stats().slots_held == KEPT and not any(message.copied for message in messages)
        with pytest.raises(slotring.FullError):
            ring.publish(b"x", timeout=0)
        messages.clear()
        assert all(view == number.to_bytes(4, "little") for number, view in enumerate(views))
        views.clear()
        assert ring.stats().slots_held == 0 and ring.check() == []


def test_a_hundred_thousand_messages_of_a_small_ring_are_copies(ring: slotring.Ring) -> None:
    kept = []
    with ring.reader() as reader:
        for number in range(KEPT):
            ring.publish(number.to_bytes(4, "little"))
            kept.append(next(reader))
    assert sum(not message.copied for message in kept) == SLOTS // 8
    assert [int.from_bytes(message.tobytes(), "little") for message in kept] == list(range(KEPT))


# ---- Views that outlive what they are made of -----------------------------------------------------------------------


def test_a_view_outlives_everything_else(name: str) -> None:
    ring = slotring.open(name, slot_size=SLOT_SIZE, total_size=16 * SLOT_SIZE)
    reader, ticket = ring.reader(), ring.publish(b"hello")
    view = memoryview(reader.next())
    with pytest.warns(ResourceWarning):
        ring.__exit__(None, None, None)
    slotring.unlink(name, "force")
    del ring, reader, ticket
    gc.collect()
    assert view == b"hello"
    view.release()
    assert name not in [entry.name for entry in slotring.list_rings()]


def test_a_ring_is_removed_under_views(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"hello")
        view, slot = memoryview(reader.next()), ring.allocate(3)
        slotring.unlink(ring.name, "force")
        with slotring.open(ring.name, mode="create", slot_size=64, total_size=640) as other:  # another ring of the same name
            other.publish(b"other")
        assert view == b"hello" and ring.info().removed
        with memoryview(slot) as room:
            room[:] = b"abc"
        slot.mark_ready()
        assert reader.next().tobytes() == b"abc"
        view.release()


@needs_dev_shm
def test_files_that_another_program_took_away_are_no_harm(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"hello")
        view = memoryview(reader.next())
        for file in os.listdir("/dev/shm"):
            if ring.name in file:
                os.unlink(f"/dev/shm/{file}")
        ring.publish(b"more")
        assert view == b"hello" and reader.next().tobytes() == b"more"
        view.release()


SHUTDOWN = """
import slotring, sys, threading
ring = slotring.open(sys.argv[1], mode="attach")
reader, writer = ring.reader(), ring.writer()
for _ in range(5):
    ring.publish(b"hello")
message, view, pieces = reader.next(), memoryview(reader.next()), reader.next().in_pieces()
slot, room = ring.allocate(10), memoryview(ring.allocate(10))
reserved = writer.reserve(5)
class Cycle:
    pass
cycle = Cycle()
cycle.all = [cycle, reader.next(), memoryview(reader.next()), ring, reader]
sys.kept = [cycle, message, view]  # modules go one after the other
"""
THREAD = """
def wait():
    while True:
        waiting.next()
waiting = ring.reader()
threading.Thread(target=wait, daemon=True).start()
"""
RAISE = "raise SystemExit(3)"


@pytest.mark.parametrize("more, code", [("", 0), (RAISE, 3), (THREAD, 0), (THREAD + RAISE, 3)])
def test_the_interpreter_ends_with_everything_alive(ring: slotring.Ring, more: str, code: int) -> None:
    done = run(SHUTDOWN + more, ring.name)
    assert done.returncode == code, done.stderr
    ring.recover()
    stats = ring.stats()
    assert (stats.producers_died, stats.participants, stats.readers) == (0, 1, 0)
    assert ring.stats().slots_held == ring.stats().slots_writing == 0 and ring.check() == []


# ---- Other interpreters -----------------------------------------------------------------------------------------------

ANOTHER = """
import slotring, sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import test.support
code = '''
try:
    import slotring
    with slotring.open(%r, mode="attach") as ring, ring.reader() as reader:
        ring.publish(b"x")
        assert reader.next().tobytes() == b"x"
    print("used")
except ImportError:
    print("refused")
''' % sys.argv[1]
ring = slotring.open(sys.argv[1], mode="attach")
one = interpreters.create()
interpreters.run_string(one, code)
interpreters.destroy(one)
ring.publish(b"still here")
"""


def test_another_interpreter_uses_the_package_or_is_refused(ring: slotring.Ring) -> None:
    pytest.importorskip("test.support")
    done = run(ANOTHER, ring.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] in (b"used", b"refused"), done.stdout
    with ring.reader(last=1) as reader:
        assert reader.next().tobytes() == b"still here"


# ---- Exceptions inside `with` -----------------------------------------------------------------------------------------


def test_an_exception_inside_with_goes_through(name: str) -> None:
    for raise_in in ("ring", "reader", "message", "slot", "writer", "room"):
        with pytest.raises(ZeroDivisionError):
            with slotring.open(name, slot_size=SLOT_SIZE, total_size=16 * SLOT_SIZE) as ring:
                1 / (raise_in != "ring")
                with ring.reader() as reader:
                    1 / (raise_in != "reader")
                    ring.publish(b"x")
                    with reader.next():
                        1 / (raise_in != "message")
                    with ring.allocate(1):
                        1 / (raise_in != "slot")
                with ring.writer() as writer:
                    1 / (raise_in != "writer")
                    with writer.reserve(1):
                        1 / (raise_in != "room")
        assert ring.closed
        assert participants(name) == 0


def test_an_exception_inside_with_is_not_replaced_when_views_are_left(name: str) -> None:
    with pytest.warns(ResourceWarning), pytest.raises(ZeroDivisionError):
        with slotring.open(name, slot_size=SLOT_SIZE, total_size=16 * SLOT_SIZE) as ring, ring.reader() as reader:
            ring.publish(b"x")
            view = memoryview(reader.next())
            1 / 0
    assert view == b"x"


# ---- Sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [-1, 1 << 64, 1 << 63, (1 << 64) - 1, 1 << 40])
def test_sizes_that_no_ring_has_are_refused(ring: slotring.Ring, size: int) -> None:
    slot, message = ring.allocate(8), None
    with ring.reader() as reader, ring.writer() as writer:
        ring.publish(b"x")
        message = reader.next()
        calls: list[Callable[[], object]] = [
            lambda: ring.allocate(size),
            lambda: ring.allocate_batch(1, size),
            lambda: slot.mark_ready(size),
            lambda: ring.mark_ready_batch([slot], nbytes=[size]),
            lambda: slot.write(b"x", size),
            lambda: writer.reserve(size),
            lambda: message.copy_into(bytearray(1), size),
            lambda: ring.ticket_at(size),
            lambda: ring.reader(window=size),
            lambda: slotring.open("other", mode="create", slot_size=size, total_size=size),
        ]
        for call in calls:
            with pytest.raises((ValueError, slotring.Error)):
                call()
    assert ring.check() == [] and ring.stats().slots_writing == 1


# ---- Killed children ----------------------------------------------------------------------------------------------------

WHO_IS_KILLED = """
import os, slotring, sys
ring = slotring.open(sys.argv[1], mode="attach")
reader, writer = ring.reader(), ring.writer()
ring.publish(b"x")
kept = memoryview(reader.next()), memoryview(ring.allocate(5)), ring.allocate_batch(3), memoryview(writer.reserve(5))
os.kill(os.getpid(), int(sys.argv[2]))
"""


def test_a_killed_child_takes_nothing_with_it(ring: slotring.Ring) -> None:
    for _ in range(3):
        assert run(WHO_IS_KILLED, ring.name, str(int(KILL))).returncode == KILLED
    ring.recover()
    stats = ring.stats()
    assert (stats.slots_held, stats.slots_writing, stats.readers, stats.writers) == (0, 0, 0, 0)
    assert stats.producers_died == 3 and ring.check() == []
