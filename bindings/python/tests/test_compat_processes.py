# SPDX-License-Identifier: Apache-2.0
"""slotring.compat.shared_ring_buffer between processes: handles in queues and pickles, a supervisor, jobs that crash and start again."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import slotring
from conftest import KILL, KILLED, needs_fork
from slotring.compat import shared_ring_buffer as compat

SLOTS, SIZE, MESSAGES = 16, 1024, 100
METHODS = [method for method in ("fork", "spawn") if method in multiprocessing.get_all_start_methods()]


@dataclass
class Handle:
    """What programs for the older module send to each other."""

    buffer_name: str
    slot_index: int
    data_size: int
    total_size: int
    slot_size: int

    def load(self) -> bytes:
        buffer = compat.attach_to_ring_buffer(self.buffer_name, self.total_size, self.slot_size)
        assert buffer.acquire_for_read(self.slot_index, self.data_size)
        data = bytes(buffer.get_slot_view(self.slot_index)[: self.data_size])
        compat.attach_to_ring_buffer(self.buffer_name, self.total_size, self.slot_size).release(self.slot_index)
        return data


def data_of(number: int) -> bytes:
    return b"%d " % number * (number % 50 + 1)


def send(queue: Any, number: int) -> None:
    """A job publishes a message in the ring of the supervisor. A full ring is None: it tries again."""
    buffer = compat.get_global_ring_buffer()
    data = data_of(number)
    while (slot := buffer.allocate(len(data))) is None:
        time.sleep(0)
    slot.view[: len(data)] = data
    buffer.mark_ready(slot.index, len(data))
    queue.put(Handle(buffer.name, slot.index, len(data), buffer.total_size, buffer.slot_size))


def produce(queue: Any, first: int, last: int) -> None:
    for number in range(first, last):
        send(queue, number)


def produce_and_die(queue: Any, number: int) -> None:
    """The message is out, its handle is sent, another slot is being written: then the job is killed."""
    send(queue, number)
    queue.close()
    queue.join_thread()
    assert compat.get_global_ring_buffer().allocate(1) is not None
    os.kill(os.getpid(), KILL)


def consume(queue: Any, answers: Any) -> None:
    while (handle := queue.get()) is not None:
        answers.put(handle.load())


def hold_and_die(handle: Handle, ready: Any) -> None:
    buffer = compat.attach_to_ring_buffer(handle.buffer_name)
    assert buffer.acquire_for_read(handle.slot_index)
    ready.set()
    threading.Event().wait()


@pytest.fixture
def supervisor(name: str) -> Iterator[compat.SharedMemoryRingBuffer]:
    """The ring of the process, with a '/' in its name, as one name of three of ENRGDAQ has."""
    made = compat.get_global_ring_buffer(f"{name}/ring", SLOTS * SIZE, SIZE)
    yield made
    compat.cleanup_global_ring_buffer()
    assert not [entry for entry in slotring.list_rings() if entry.name.startswith(name)]


def run(context: Any, target: Any, *arguments: Any) -> Any:
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def test_the_global_ring_is_there_at_once(supervisor: compat.SharedMemoryRingBuffer) -> None:
    assert compat.get_global_ring_buffer("other", 5, 5) is supervisor
    with slotring.open(supervisor.name.replace("/", "%2F"), mode="attach") as ring:
        assert ring.info().slot_count == SLOTS


def test_without_a_global_ring_its_statistics_are_zero() -> None:
    assert compat.get_global_ring_buffer_stats() == (0, 0)


@pytest.mark.parametrize("method", METHODS)
def test_handles_travel_from_job_to_job(supervisor: compat.SharedMemoryRingBuffer, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    queue, answers = context.Queue(), context.Queue()
    consumer = run(context, consume, queue, answers)
    producer = run(context, produce, queue, 0, MESSAGES)
    producer.join()
    queue.put(None)
    got = [answers.get() for _ in range(MESSAGES)]
    consumer.join()
    assert got == [data_of(number) for number in range(MESSAGES)]
    assert producer.exitcode == consumer.exitcode == 0
    total = sum(map(len, got))
    assert supervisor.get_stats() == compat.get_global_ring_buffer_stats() == (total, total)
    assert supervisor._attached().ring.stats().producers_died == 0


@pytest.mark.parametrize("method", METHODS)
def test_a_job_is_killed_and_starts_again(supervisor: compat.SharedMemoryRingBuffer, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    queue, answers = context.Queue(), context.Queue()
    consumer = run(context, consume, queue, answers)
    for number in range(3):
        job = run(context, produce_and_die, queue, number)
        job.join()
        assert job.exitcode == KILLED
        assert answers.get() == data_of(number)
    produce(queue, 3, 3 * SLOTS)
    assert [answers.get() for _ in range(3, 3 * SLOTS)] == [data_of(number) for number in range(3, 3 * SLOTS)]
    queue.put(None)
    consumer.join()
    ring = supervisor._attached().ring
    ring.recover()
    assert ring.stats().slots_writing == 0 and ring.check() == []


def test_a_killed_consumer_leaves_nothing_behind(supervisor: compat.SharedMemoryRingBuffer) -> None:
    context: Any = multiprocessing.get_context(METHODS[0])
    queue = context.Queue()
    send(queue, 1)
    handle, ready = queue.get(), context.Event()
    consumer = run(context, hold_and_die, handle, ready)
    ready.wait()
    ring = supervisor._attached().ring
    assert ring.stats().readers == 1
    consumer.kill()
    consumer.join()
    ring.recover()
    assert ring.stats().readers == 0
    produce(queue, 0, SLOTS - 1)
    assert handle.load() == data_of(1)


def test_the_end_of_a_job_takes_the_ring_from_nobody(supervisor: compat.SharedMemoryRingBuffer) -> None:
    context: Any = multiprocessing.get_context(METHODS[0])
    queue = context.Queue()
    for number in range(3):
        job = run(context, produce, queue, number, number + 1)
        job.join()
        assert job.exitcode == 0
        assert queue.get().load() == data_of(number)


def cleaning_child() -> None:
    compat.cleanup_global_ring_buffer()


def test_a_child_that_cleans_up_takes_the_ring_from_nobody(supervisor: compat.SharedMemoryRingBuffer) -> None:
    for method in METHODS:
        child = run(multiprocessing.get_context(method), cleaning_child)
        child.join()
        assert child.exitcode == 0
    assert compat.attach_to_ring_buffer(supervisor.name).allocate(1) is not None
    assert not supervisor._attached().ring.info().removed


@needs_fork
def test_two_processes_never_get_the_same_slot(supervisor: compat.SharedMemoryRingBuffer) -> None:
    ours = [supervisor.allocate(1) for _ in range(SLOTS // 2)]
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        theirs = [compat.get_global_ring_buffer().allocate(1) for _ in range(SLOTS // 2)]
        os.write(write, bytes(int(slot.index) for slot in theirs if slot is not None))
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        theirs_there = list(pipe.read())
    assert sorted([int(slot.index) for slot in ours if slot is not None] + theirs_there) == list(range(SLOTS))


SUPERVISOR = """
import os, sys
from slotring.compat.shared_ring_buffer import get_global_ring_buffer
buffer = get_global_ring_buffer(sys.argv[1], 16384, 1024)
slot = buffer.allocate(1)
print(int(slot.index), flush=True)
os.kill(os.getpid(), int(sys.argv[2]))
"""


def test_a_supervisor_that_was_killed_starts_again(name: str) -> None:
    for _ in range(3):
        killed = subprocess.run([sys.executable, "-c", SUPERVISOR, name, str(int(KILL))], stdout=subprocess.PIPE)
        assert killed.returncode == KILLED and killed.stdout.strip().isdigit()
    buffer = compat.SharedMemoryRingBuffer(name, SLOTS * SIZE, SIZE)
    assert all(buffer.allocate(1) for _ in range(SLOTS))  # what the killed ones were writing is free
    buffer.cleanup()
    assert not [entry for entry in slotring.list_rings() if entry.name == name]
