# SPDX-License-Identifier: Apache-2.0
"""`async for message in reader`: the event loop waits for the reader's descriptor, so no thread of Python waits (on Windows one does),
and no policy is set. The library has a thread, or two, that makes the descriptors of a ring readable."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from ._errors import EmptyError, EndError, StateError, StoppedError

if TYPE_CHECKING:
    from ._native import Message, Reader

SLICE = 0.1  # seconds: a stop and a close do not make the descriptor readable, so a wait looks for them that often
MESSAGES_IN_A_ROW = 64  # then the other tasks have their turn

_waiting: dict[int, object] = {}  # id of each reader that a task waits with, and what stands for the task


async def messages(reader: Reader) -> AsyncIterator[Message]:
    """Gives message after message, until every producer has ended. What next() tells besides is raised."""
    in_a_row = 0
    while True:
        try:
            message = reader._next_in_loop()
        except EmptyError:
            if reader._stopped:
                raise StoppedError(None, "the reader or its ring was stopped") from None
            await _until_readable(reader)
            in_a_row = 0
        except EndError:
            return
        else:
            yield message
            del message  # the caller has it, or nobody
            in_a_row += 1
            if in_a_row % MESSAGES_IN_A_ROW == 0:
                await asyncio.sleep(0)


async def _until_readable(reader: Reader) -> None:
    """The descriptor is readable from the moment when there is something until next(0) finds nothing: so nothing is overlooked
    between that and this. Returns also when the reader is stopped or closed."""
    mine = object()
    if _waiting.setdefault(id(reader), mine) is not mine:
        raise StateError(None, "another task waits with this reader: one at a time may; open a reader for each task")
    try:
        # A copy: who closes the reader meanwhile closes the descriptor, and the loop would have one that is another file's.
        descriptor = _copy(reader.fileno())
        try:
            await _readable(descriptor, reader)
        finally:
            _close(descriptor)
    finally:
        del _waiting[id(reader)]


if sys.platform == "win32":
    # A loop waits there for no descriptor of somebody else. The descriptor is a handle, and a thread of the executor waits for it.
    import _winapi
    from multiprocessing import reduction
    from multiprocessing.connection import wait

    _copy = reduction.duplicate
    _close = _winapi.CloseHandle

    async def _readable(handle: int, reader: Reader) -> None:
        loop = asyncio.get_running_loop()
        is_readable = False
        while not (is_readable or reader._stopped or reader.closed):
            waiting: asyncio.Future[list[Any]] = loop.run_in_executor(None, wait, [handle], SLICE)
            is_readable = bool(await _to_its_end(waiting))

    async def _to_its_end(waiting: asyncio.Future[list[Any]]) -> list[Any]:
        """Also when the task is cancelled: the thread has the handle for so long."""
        cancelled = None
        while not waiting.done():
            try:
                await asyncio.shield(waiting)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return waiting.result()

else:
    _copy = os.dup
    _close = os.close

    async def _readable(descriptor: int, reader: Reader) -> None:
        loop = asyncio.get_running_loop()
        readable: asyncio.Future[None] = loop.create_future()

        def tell() -> None:
            if not readable.done():
                readable.set_result(None)

        loop.add_reader(descriptor, tell)
        try:
            while not (readable.done() or reader._stopped or reader.closed):
                await asyncio.wait([readable], timeout=SLICE)
        finally:
            loop.remove_reader(descriptor)
