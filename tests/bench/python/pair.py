# SPDX-License-Identifier: Apache-2.0
"""Two processes that send messages to each other in one way, and what that costs: processor time of both with all their threads, with that of
the process that keeps account of Python's segments; and wall time of the consumer."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any

FORK: Any = multiprocessing.get_context("fork")


@dataclass
class Cost:
    """Of one message, in microseconds."""

    processor: float
    wall: float


class Way:
    """A way to send. The parent makes it, and both processes inherit it. Each of the two opens what it needs, before the time runs."""

    name = ""
    copies = ""  # who copies the bytes

    def __init__(self, size: int) -> None:
        self.size = size

    def open_producer(self) -> None: ...

    def open_consumer(self) -> None: ...

    def send(self, data: bytes) -> None:
        raise NotImplementedError

    def receive(self) -> int:
        """Looks at the first and the last byte, and gives their sum."""
        raise NotImplementedError

    def flush(self) -> None:
        """The producer has sent its last message."""

    def clean_up(self) -> None:
        """In the parent, at the end."""


def look(view: Any) -> int:
    return int(view[0]) + int(view[-1])


def _tracker_time() -> float:
    """Processor time of the process in which multiprocessing keeps account of segments: it works for each one that is attached."""
    tracker: Any = resource_tracker
    try:
        with open(f"/proc/{tracker._resource_tracker._pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e9
    except OSError:
        return 0.0


def _produce(way: Way, warm: int, count: int, barrier: Any, answers: Any) -> None:
    data = bytes([3]) * way.size
    way.open_producer()
    barrier.wait()  # the consumer is there
    for _ in range(warm):
        way.send(data)
    before = time.process_time()
    for _ in range(count):
        way.send(data)
    way.flush()
    answers.send((time.process_time() - before, 0.0))
    barrier.wait()  # until the consumer has had all


def _consume(way: Way, warm: int, count: int, barrier: Any, answers: Any) -> None:
    way.open_consumer()
    barrier.wait()
    for _ in range(warm):
        way.receive()
    processor, tracker, wall = time.process_time(), _tracker_time(), time.perf_counter()
    total = sum(way.receive() for _ in range(count))
    processor = time.process_time() - processor + _tracker_time() - tracker
    answers.send((processor, time.perf_counter() - wall))
    assert total == 6 * count, "the bytes are not those that were sent"
    barrier.wait()


def measure(way: Way, count: int) -> Cost:
    warm = max(count // 10, 5)
    barrier = FORK.Barrier(2)
    children, pipes = [], []
    for target in (_consume, _produce):
        mine, theirs = FORK.Pipe(duplex=False)
        children.append(FORK.Process(target=target, args=(way, warm, count, barrier, theirs)))
        pipes.append(mine)
    for child in children:
        child.start()
    try:
        (consumer, wall), (producer, _) = (pipe.recv() if pipe.poll(60) else _hang(way) for pipe in pipes)
        for child in children:
            child.join()
            assert child.exitcode == 0, f"{way.name}: a process ended with {child.exitcode}"
    finally:
        for child in children:
            if child.is_alive():
                child.kill()
                child.join()
        way.clean_up()
    return Cost((consumer + producer) / count * 1e6, wall / count * 1e6)


def _hang(way: Way) -> Any:
    raise TimeoutError(f"{way.name}: no answer within a minute")


def own_name(what: str) -> str:
    return f"bench-{what}-{os.getpid()}"
