# SPDX-License-Identifier: Apache-2.0
"""An event builder with asyncio. Each board publishes its part of each event into a ring of its own, and one task waits for each ring.
An event that lacks a part after PATIENCE seconds goes on without it. Board 1 is silent after its third event.

The builder begins when each board has written what it has: how long a process takes to start is not a board's silence."""

import asyncio
import multiprocessing
import os
import threading

import slotring

BOARDS, EVENTS, PATIENCE = 3, 6, 0.5
NAME = f"builder-{os.getpid()}"


def board(number: int, descriptor: slotring.RingDescriptor, written: "threading.Barrier", done: "threading.Event") -> None:
    with descriptor.open() as ring, ring.writer() as writer:
        for event in range(EVENTS):
            if number == 1 and event >= 3:
                break
            writer.append(b"%d" % (100 * event + number), tag=event)
        written.wait()
        done.wait()  # it lives, and says nothing more


async def collect(number: int, reader: slotring.Reader, parts: "asyncio.Queue[tuple[int, int, bytes]]") -> None:
    async for message in reader:
        await parts.put((message.tag, number, message.tobytes()))


async def build(readers: list[slotring.Reader]) -> None:
    parts: asyncio.Queue[tuple[int, int, bytes]] = asyncio.Queue(100)  # full: the boards wait
    tasks = [asyncio.create_task(collect(number, reader, parts)) for number, reader in enumerate(readers)]
    waiting: dict[int, dict[int, bytes]] = {event: {} for event in range(EVENTS)}
    for event in range(EVENTS):
        try:
            while len(waiting[event]) < BOARDS:
                tag, number, data = await asyncio.wait_for(parts.get(), PATIENCE)
                if tag >= event:  # else it came too late
                    waiting[tag][number] = data
        except asyncio.TimeoutError:
            pass
        silent = [f", board {number} is silent" for number in range(BOARDS) if number not in waiting[event]]
        print(f"event {event}: {len(waiting[event])} of {BOARDS} boards{''.join(silent)}")
    for task in tasks:
        task.cancel()


def main() -> None:
    context = multiprocessing.get_context("spawn")
    rings = [slotring.open(f"{NAME}-{n}", mode="create", slot_size=1 << 12, total_size=1 << 16) for n in range(BOARDS)]
    readers = [ring.reader() for ring in rings]
    written, done = context.Barrier(BOARDS + 1), context.Event()
    boards = [context.Process(target=board, args=(n, ring.descriptor(), written, done)) for n, ring in enumerate(rings)]
    for process in boards:
        process.start()
    written.wait(60)
    asyncio.run(build(readers))
    done.set()
    for process in boards:
        process.join()
    for ring in rings:
        slotring.unlink(ring.name, "when_unused")
        ring.close()


if __name__ == "__main__":
    main()
