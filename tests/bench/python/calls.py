# SPDX-License-Identifier: Apache-2.0
"""Four calls (allocate, mark_ready, next, release) of 64 bytes, in Python and in C, by turns in one run: processor time."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Optional

import slotring

from pair import own_name

SIZE = 64
HERE = Path(__file__).parent


def build(folder: Path, library: Path) -> Path:
    """four_calls.c with a static library that was built before."""
    program = folder / "four_calls"
    include = HERE.parents[2] / "include"
    sources = [str(HERE / "four_calls.c"), str(library)]
    subprocess.run(["cc", "-O2", f"-I{include}", *sources, "-o", str(program), "-lpthread", "-lm"], check=True)
    return program


class InC:
    def __init__(self, program: Path, count: int) -> None:
        command = [str(program), own_name("c"), str(count)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self) -> float:
        pipe_in: Optional[IO[str]] = self.process.stdin
        pipe_out: Optional[IO[str]] = self.process.stdout
        assert pipe_in is not None and pipe_out is not None
        pipe_in.write("\n")
        pipe_in.flush()
        return float(pipe_out.readline())

    def end(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0


def four_calls(ring: slotring.Ring, reader: slotring.Reader, count: int) -> None:
    allocate, following = ring.allocate, reader.next
    for _ in range(count):
        slot = allocate(SIZE)
        slot.mark_ready()
        message = following(0)
        message.release()


def two_calls(ring: slotring.Ring, reader: slotring.Reader, count: int) -> None:
    """The shortest way for small messages: the bytes are copied."""
    publish, following, data = ring.publish, reader.next, bytes(SIZE)
    for _ in range(count):
        publish(data)
        following(0)


def with_views(ring: slotring.Ring, reader: slotring.Reader, count: int) -> None:
    """The four calls, and a memoryview on each side."""
    allocate, following, data = ring.allocate, reader.next, bytes(SIZE)
    for _ in range(count):
        slot = allocate(SIZE)
        with memoryview(slot) as view:
            view[:] = data
        slot.mark_ready()
        with following(0) as message, memoryview(message) as view:
            view[0]


def batches(ring: slotring.Ring, reader: slotring.Reader, count: int) -> None:
    """32 messages with each call."""
    for _ in range(count // 32):
        ring.mark_ready_batch(ring.allocate_batch(32, SIZE))
        reader.batch(32)


KINDS: list[tuple[str, Callable[[slotring.Ring, slotring.Reader, int], None]]] = [
    ("allocate, mark_ready, next, release", four_calls),
    ("publish, next", two_calls),
    ("the four calls, a memoryview on each side", with_views),
    ("the four calls, 32 messages with each", batches),
]


def measure(program: Path, rounds: int, count: int) -> list[tuple[str, list[float], list[float]]]:
    """For each kind: nanoseconds of a message, and times of what C takes for its four calls right before."""
    name = own_name("calls")
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cpus)})  # both take turns on one processor, so what disturbs it disturbs both
    in_c = InC(program, count * 5)  # about as long
    results: list[tuple[str, list[float], list[float]]] = [(what, [], []) for what, _ in KINDS]
    try:
        with slotring.open(name, slot_size=SIZE, total_size=64 * SIZE, max_holds=64) as ring, ring.reader() as reader:
            for turn in range(rounds + 1):
                for (_, kind), (_, times, ratios) in zip(KINDS, results):
                    c = in_c.turn()
                    before = time.process_time_ns()
                    kind(ring, reader, count)
                    took = (time.process_time_ns() - before) / count
                    if turn > 0:  # the first one warms up
                        times.append(took)
                        ratios.append(took / c)
    finally:
        slotring.unlink(name, "force")
        os.sched_setaffinity(0, cpus)
    in_c.end()
    return results
