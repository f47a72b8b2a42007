# SPDX-License-Identifier: Apache-2.0
"""`async for message in reader`: the event loop waits for the reader's descriptor, so no thread waits and no policy is set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from ._errors import EmptyError, EndError

if TYPE_CHECKING:
    from ._native import Message, Reader


async def messages(reader: Reader) -> AsyncIterator[Message]:
    """Gives message after message, until every producer has ended. What next() tells besides is raised."""
    while True:
        try:
            message = reader.next(0)
        except EmptyError:
            await _until_readable(reader)
        except EndError:
            return
        else:
            yield message
            del message  # the caller has it, or nobody


async def _until_readable(reader: Reader) -> None:
    """The descriptor is readable from the moment when there is something until next(0) finds nothing: so nothing is overlooked
    between that and this."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def tell() -> None:
        if not readable.done():
            readable.set_result(None)

    descriptor = reader.fileno()
    loop.add_reader(descriptor, tell)
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)
