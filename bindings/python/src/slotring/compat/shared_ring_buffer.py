# SPDX-License-Identifier: Apache-2.0
"""The module shared_ring_buffer of ENRGDAQ, name by name, on top of slotring.

    from slotring.compat.shared_ring_buffer import SharedMemoryRingBuffer, get_global_ring_buffer

What is different: an index carries the ticket of its message, so an index that comes too late raises StaleError and never gives other
bytes. Nothing is overwritten that is on its way to a consumer, within a budget of time: allocate() gives None instead. The state and
the counters are those of the ring, for all processes. Section 12 of the manual says the rest.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import weakref
from dataclasses import dataclass, field
from typing import Optional

from .. import _errors
from .._native import Ticket, unlink
from . import _attachment
from ._attachment import Attachment
from ._index import PlainIndexWarning, number_of

logger = logging.getLogger(__name__)

DEFAULT_RING_BUFFER_SIZE = 256 * 1024 * 1024
DEFAULT_SLOT_SIZE = 10 * 1024 * 1024
DEFAULT_NAME = "enrgdaq_ring_buffer"

SLOT_FREE = 0
SLOT_WRITING = 1
SLOT_READY = 2

# How a spawned child learns of the ring that its parent has by get_global_ring_buffer().
_ENVIRONMENT = "SLOTRING_COMPAT_GLOBAL_RING"

__all__ = [
    "DEFAULT_RING_BUFFER_SIZE",
    "DEFAULT_SLOT_SIZE",
    "SLOT_FREE",
    "SLOT_READY",
    "SLOT_WRITING",
    "PlainIndexWarning",
    "RingBufferSlot",
    "SharedMemoryRingBuffer",
    "attach_to_ring_buffer",
    "cleanup_global_ring_buffer",
    "get_global_ring_buffer",
    "get_global_ring_buffer_stats",
]


@dataclass
class RingBufferSlot:
    """A slot that was allocated. After mark_ready() `index` names the message: send that one."""

    buffer: SharedMemoryRingBuffer
    index: int
    offset: int
    max_size: int
    _memoryview: Optional[memoryview] = field(default=None, repr=False, compare=False)

    @property
    def view(self) -> memoryview:
        """The memory of the slot."""
        if self._memoryview is None:
            self._memoryview = self.buffer.get_slot_view(self.index)
        return self._memoryview

    def release(self) -> None:
        """Gives the slot back: ends the writing, or one reference, or the message that nobody has read."""
        view, self._memoryview = self._memoryview, None
        if view is not None:
            try:
                view.release()
            except BufferError:
                pass  # somebody has a view of the view, which keeps the slot
        self.buffer.release(self.index)


class SharedMemoryRingBuffer:
    """A ring of slots in shared memory. The buffers of one name in a process share one open ring, which is opened at the first use."""

    def __init__(
        self,
        name: str,
        total_size: int = DEFAULT_RING_BUFFER_SIZE,
        slot_size: int = DEFAULT_SLOT_SIZE,
        create: bool = True,
    ) -> None:
        self.name = name
        self.slot_size = slot_size
        self.slot_count = total_size // slot_size
        self.total_size = self.slot_count * slot_size
        self._create = create
        self._owner = os.getpid() if create else 0  # cleanup() of another process removes nothing
        # Who attaches with the defaults does not know the sizes, and takes those of the ring.
        self._knows_sizes = create or (total_size, slot_size) != (DEFAULT_RING_BUFFER_SIZE, DEFAULT_SLOT_SIZE)
        self._checked: Optional[Attachment] = None  # of which the sizes are known to be right
        self._acquired: list[Ticket] = []
        self._pinned: list[memoryview] = []
        _buffers.add(self)

    def __del__(self) -> None:
        # What was read through a buffer of one message ends with it, also if release() is never called.
        for ticket in getattr(self, "_acquired", ()):
            found = _attachment.opened(self.name)
            if found is not None:
                found.end_read(ticket)

    # ---- Opening ----

    def _attached(self) -> Attachment:
        found = _attachment.opened(self.name)
        if found is None or found.removed or found is not self._checked:
            found = self._open(found if found is not None and found.removed else None)
            self._checked = found
        return found

    def _ensure_initialized(self) -> None:
        self._attached()

    def _open(self, old: Optional[Attachment]) -> Attachment:
        """Opens the ring; in place of one that was removed, the one that was made again, if there is one."""
        sizes = (self.total_size, self.slot_size) if self._knows_sizes else (0, 0)
        try:
            if old is not None:
                _attachment.forget(old, self.name)
            found = _attachment.attachment(self.name, "create_or_attach" if self._create else "attach", *sizes)
        except _errors.Error as error:
            logger.error("The ring buffer %r cannot be opened: %s", self.name, error)
            raise
        if self._knows_sizes and (found.slot_count, found.slot_size) != (self.slot_count, self.slot_size):
            raise _errors.GeometryError(
                None,
                f"ring {self.name!r} has {found.slot_count} slots of {found.slot_size} bytes, "
                f"not {self.slot_count} of {self.slot_size}",
            )
        self.slot_count, self.slot_size = found.slot_count, found.slot_size
        self.total_size = self.slot_count * self.slot_size
        return found

    # ---- Writing ----

    def allocate(self, required_size: int) -> Optional[RingBufferSlot]:
        """Gives a slot to fill, or None: the message is too large, or the ring is full."""
        attached = self._attached()
        if required_size > self.slot_size:
            logger.warning("Requested size %d exceeds slot size %d", required_size, self.slot_size)
            return None
        writing = attached.allocate()
        if writing is None:
            logger.warning("No slot is available in ring buffer %r", self.name)
            return None
        number = int(writing.index)
        slot = RingBufferSlot(self, writing.index, number * self.slot_size, self.slot_size)
        writing.owner = weakref.ref(slot)
        return slot

    def mark_ready(self, slot_index: int, bytes_written: int = 0) -> None:
        """Publishes a slot that was allocated by this process. Any other index changes nothing."""
        attached = self._attached()
        writing = attached.written(slot_index)
        if writing is None:
            return
        slot: Optional[RingBufferSlot] = writing.owner() if writing.owner is not None else None
        if slot is not None:
            slot._memoryview = None
        ticket = attached.publish(writing, bytes_written)
        if slot is not None:
            slot.index = number_of(ticket)

    # ---- Reading ----

    def acquire_for_read(self, slot_index: int, bytes_to_read: int = 0) -> bool:
        """Takes a reference on the message of the index. False: the slot is still being written, or has nothing.

        Raises StaleError if the message is gone, and ForeignError if it is of another ring. `bytes_to_read` is not needed: the ring
        counts the bytes that were published.
        """
        for again in (False, True):
            attached = self._attached()
            if attached.written(slot_index) is not None:
                return False
            try:
                ticket = attached.ticket(slot_index)
                attached.begin_read(ticket)
                break
            except _errors.NotReadyError:
                return False
            except _errors.ForeignError:
                if again or not attached.look():
                    raise
        if not self._create:
            self._acquired.append(ticket)
        return True

    def release(self, slot_index: int) -> None:
        """Ends the writing, or one reference of this process; else withdraws the message, if this process published it and holds it.

        Without any of them it changes nothing: the slot may be another reader's.
        """
        attached = self._attached()
        writing = attached.written(slot_index)
        if writing is not None:
            attached.abort(writing)
            return
        try:
            ticket = attached.ticket(slot_index)
        except _errors.NotReadyError:
            return
        if ticket in self._acquired:
            self._acquired.remove(ticket)
        if not attached.end_read(ticket) and not attached.withdraw(ticket):
            logger.debug("release(%d): this process has no reference", slot_index)

    def get_slot_view(self, slot_index: int) -> memoryview:
        """The memory of the slot, which stays as it is as long as the view lives: of one that is written, or of a message."""
        attached = self._attached()
        writing = attached.written(slot_index)
        if writing is not None:
            if writing.memory is None or not writing.memory.alive:
                writing.memory = attached.memory(int(writing.index), writing.slot)
            return writing.memory.view()
        ticket = attached.ticket(slot_index)
        return attached.memory(ticket.slot, attached.message(ticket)).view()

    def get_slot_address(self, slot_index: int) -> int:
        """The address of the slot. Of a message, it is good until release().

        With a buffer of attach_to_ring_buffer() it is good as long as the buffer lives, so that pyarrow.foreign_buffer(address, size,
        base=buffer) may be read after release().
        """
        attached = self._attached()
        writing = attached.written(slot_index)
        if writing is not None:
            return attached.address(int(writing.index), writing.slot)
        ticket = attached.ticket(slot_index)
        message = attached.message(ticket)
        if not self._create:
            self._pinned.append(memoryview(message))
        return attached.address(ticket.slot, message)

    # ---- Looking, and the end ----

    def get_stats(self) -> tuple[int, int]:
        """(bytes written, bytes read) by all processes, since the ring was made."""
        stats = self._attached().ring.stats()
        return stats.bytes_written, stats.bytes_read

    def get_slot_occupancy(self) -> dict[str, int]:
        """How many slots are free, being written, and ready."""
        stats = self._attached().ring.stats()
        return {"free": stats.slots_free, "writing": stats.slots_writing, "ready": stats.slots_ready}

    def cleanup(self) -> None:
        """Leaves the ring. In the process that created it: the ring goes with its last user, and never before."""
        self._pinned.clear()
        self._checked = None
        is_owner = self._create and self._owner == os.getpid()
        if is_owner or not any(other.name == self.name and other is not self for other in list(_buffers)):
            _attachment.leave(self.name)
        if is_owner:
            try:
                unlink(_attachment.ring_name(self.name), "when_unused")
            except _errors.NotFoundError:
                pass


_buffers: weakref.WeakSet[SharedMemoryRingBuffer] = weakref.WeakSet()
_global_ring_buffer: Optional[SharedMemoryRingBuffer] = None
_global_ring_buffer_lock = threading.Lock()


def attach_to_ring_buffer(
    name: str = DEFAULT_NAME,
    total_size: int = DEFAULT_RING_BUFFER_SIZE,
    slot_size: int = DEFAULT_SLOT_SIZE,
) -> SharedMemoryRingBuffer:
    """A buffer of a ring that exists. A process opens it once, however often this is called."""
    return SharedMemoryRingBuffer(name, total_size, slot_size, create=False)


def get_global_ring_buffer(
    name: str = DEFAULT_NAME,
    total_size: int = DEFAULT_RING_BUFFER_SIZE,
    slot_size: int = DEFAULT_SLOT_SIZE,
) -> SharedMemoryRingBuffer:
    """The buffer of the process: made, and its ring opened, at the first call. Later names and sizes are ignored.

    A child of a process that has one gets the same ring, forked or spawned.
    """
    global _global_ring_buffer
    with _global_ring_buffer_lock:
        if _global_ring_buffer is None:
            asked = (name, total_size, slot_size)
            inherited = os.environ.get(_ENVIRONMENT)
            if inherited is not None and asked == (DEFAULT_NAME, DEFAULT_RING_BUFFER_SIZE, DEFAULT_SLOT_SIZE):
                name, total_size, slot_size = json.loads(inherited)
                made = SharedMemoryRingBuffer(name, total_size, slot_size, create=False)
            else:
                made = SharedMemoryRingBuffer(name, total_size, slot_size, create=True)
            made._ensure_initialized()
            os.environ[_ENVIRONMENT] = json.dumps([name, total_size, slot_size])
            _global_ring_buffer = made
        return _global_ring_buffer


def cleanup_global_ring_buffer() -> None:
    """Leaves the ring of the process. The one that created it also has it removed, with its last user."""
    global _global_ring_buffer
    with _global_ring_buffer_lock:
        if _global_ring_buffer is not None:
            _global_ring_buffer.cleanup()
            _global_ring_buffer = None
            os.environ.pop(_ENVIRONMENT, None)


def get_global_ring_buffer_stats() -> tuple[int, int]:
    """(bytes written, bytes read) of the ring of the process; (0, 0) without one."""
    return _global_ring_buffer.get_stats() if _global_ring_buffer is not None else (0, 0)


def _after_fork_in_child() -> None:
    global _global_ring_buffer_lock
    _global_ring_buffer_lock = threading.Lock()
    for buffer in list(_buffers):
        buffer._acquired.clear()  # the parent's
        buffer._checked = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
