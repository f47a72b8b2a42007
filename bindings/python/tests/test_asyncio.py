# SPDX-License-Identifier: Apache-2.0
"""`async for` beside other tasks of one event loop."""

from __future__ import annotations

import asyncio

import pytest

import slotring


async def collect(reader: slotring.Reader) -> list[int]:
    return [message.tag async for message in reader]


def test_several_readers_share_a_loop(ring: slotring.Ring) -> None:
    def produce() -> None:
        for number in range(200):
            ring.publish(b"x", tag=number)  # waits for the readers, in a thread of its own
        ring.end_stream()

    async def main() -> list[list[int]]:
        tasks = [asyncio.create_task(collect(reader)) for reader in (ring.reader(), ring.reader(every=2))]
        await asyncio.get_running_loop().run_in_executor(None, produce)
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == [list(range(200)), list(range(0, 200, 2))]


def test_a_wait_is_cancelled(ring: slotring.Ring) -> None:
    async def main() -> None:
        reader = ring.reader()
        task = asyncio.create_task(collect(reader))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        ring.publish(b"x", tag=5)
        assert reader.next(0).tag == 5

    asyncio.run(main())


def test_what_is_told_is_raised_and_the_next_loop_goes_on(ring: slotring.Ring) -> None:
    async def main() -> None:
        reader = ring.reader(marks=True)
        ring.mark("user")
        ring.publish(b"x", tag=5)
        ring.end_stream()
        with pytest.raises(slotring.MarkError):
            await collect(reader)
        assert await collect(reader) == [5]

    asyncio.run(main())


@pytest.mark.parametrize("what", ["reader.close", "ring.close", "reader.stop", "ring.stop"])
def test_a_stop_and_a_close_end_the_wait_of_a_task(ring: slotring.Ring, what: str) -> None:
    async def main() -> None:
        reader = ring.reader()
        task = asyncio.create_task(collect(reader))
        await asyncio.sleep(0)
        owner, call = what.split(".")
        getattr(reader if owner == "reader" else ring, call)()
        with pytest.raises(slotring.ClosedError if call == "close" else slotring.StoppedError):
            await task

    asyncio.run(main())


def test_other_tasks_run_while_messages_are_there(ring: slotring.Ring) -> None:
    async def nothing() -> None:
        pass

    async def main() -> None:
        reader = ring.reader()
        for number in range(64):
            ring.publish(b"x", tag=number)
        ring.end_stream()
        other = asyncio.create_task(nothing())
        assert await collect(reader) == list(range(64)) and other.done()

    asyncio.run(main())


def test_a_second_task_may_not_wait_with_the_same_reader(ring: slotring.Ring) -> None:
    async def main() -> None:
        reader = ring.reader()
        first = asyncio.create_task(collect(reader))
        await asyncio.sleep(0)
        with pytest.raises(slotring.StateError, match="another task"):
            await collect(reader)
        ring.publish(b"x", tag=5)
        ring.end_stream()
        assert await first == [5]

    asyncio.run(main())
