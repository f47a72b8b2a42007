# SPDX-License-Identifier: Apache-2.0
"""Other processes: forked, spawned, killed, and those that just end."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
from typing import Any

import pytest

import slotring
from conftest import KILL, KILLED, needs_fork

METHODS = multiprocessing.get_all_start_methods()


def answer(descriptor: slotring.RingDescriptor, ticket: slotring.Ticket) -> None:
    """A child: reads the message of the ticket, publishes an answer, and returns with everything open."""
    ring = descriptor.open()
    ring.publish(b"answer to " + ring.acquire(ticket).tobytes(), tag=os.getpid())
    globals()["kept"] = ring


@pytest.mark.parametrize("method", METHODS)
def test_a_child_opens_the_ring_and_ends_without_dying(ring: slotring.Ring, method: str) -> None:
    ticket = ring.publish(b"question")
    ring.end_stream()
    with ring.reader() as reader:
        context: Any = multiprocessing.get_context(method)
        child = context.Process(target=answer, args=(ring.descriptor(), ticket))
        child.start()
        child.join()
        assert child.exitcode == 0
        message = reader.next()
        assert message.tobytes() == b"answer to question" and message.tag == child.pid
        with pytest.raises(slotring.EndError):  # not ProducerDiedError
            reader.next()
    assert ring.stats().producers_died == 0 and ring.stats().participants == 1


ENDS = """
import slotring, sys
ring = slotring.open(sys.argv[1], mode="attach")
ring.publish(b"x")
if sys.argv[2] == "view":
    kept = memoryview(ring.allocate(1))
elif sys.argv[2] == "writer":
    writer = ring.writer()
    writer.append(b"y")
    kept = memoryview(ring.allocate(1))
    import ctypes
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))  # the interpreter does not free it at its end
elif sys.argv[2] == "raise":
    raise SystemExit(3)
elif sys.argv[2] == "kill":
    import os
    os.kill(os.getpid(), int(sys.argv[3]))
"""


@pytest.mark.parametrize("how, code", [("return", 0), ("raise", 3), ("view", 0), ("writer", 0)])
def test_a_program_that_ends_with_an_open_ring_has_not_died(ring: slotring.Ring, how: str, code: int) -> None:
    with ring.reader() as reader:
        assert subprocess.run([sys.executable, "-c", ENDS, ring.name, how]).returncode == code
        assert reader.next().tobytes() == b"x"
        assert how != "writer" or reader.next().tobytes() == b"y"
        with pytest.raises(slotring.EndError):
            reader.next()


def test_who_was_killed_is_told(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        child = subprocess.Popen([sys.executable, "-c", ENDS, ring.name, "kill", str(int(KILL))])
        assert child.wait() == KILLED
        assert reader.next().tobytes() == b"x"
        with pytest.raises(slotring.ProducerDiedError) as caught:
            reader.next()
        assert caught.value.who is not None and caught.value.who.pid == child.pid
        with pytest.raises(slotring.EndError):
            reader.next()


def in_forked_child(child: Any) -> Any:
    """What child() returned in a child of os.fork()."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, pickle.dumps(child()))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        data = pipe.read()
    os.waitpid(pid, 0)
    return pickle.loads(data)


@needs_fork
def test_a_forked_child_is_told_that_a_ring_is_its_parent_s(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"hello")
        message = reader.next()
        view = memoryview(message)

        def child() -> list[object]:
            results: list[object] = [bytes(view)]
            for call in (ring.stats, reader.next, lambda: ring.publish(b"x"), lambda: memoryview(message)):
                try:
                    call()
                except slotring.Error as error:
                    results.append(type(error).__name__)
            ring.close()
            reader.close()
            message.release()
            with slotring.open(ring.name, mode="attach") as own:
                own.publish(b"from the child")
            return results

        assert in_forked_child(child) == [b"hello"] + 4 * ["ForkedError"]
        assert reader.next().tobytes() == b"from the child" and view == b"hello"
        view.release()
    assert ring.stats().producers_died == 0


def test_a_descriptor_leads_to_the_same_ring(ring: slotring.Ring) -> None:
    descriptor = pickle.loads(pickle.dumps(ring.descriptor()))
    assert descriptor == ring.descriptor()
    with descriptor.open() as again, descriptor.open(mode="observe") as observer:
        assert again.info().ring_id == observer.info().ring_id == ring.info().ring_id
        ticket = again.publish(b"x")
        assert observer.copy(ticket).tobytes() == b"x"
        with pytest.raises(slotring.ReadOnlyError):
            observer.publish(b"x")
