# SPDX-License-Identifier: Apache-2.0
"""A ring that this process has opened: one for each name, whatever number of buffers use it."""

from __future__ import annotations

import os
import threading
import time
import warnings
import weakref
from typing import Any, Literal, Optional

from .. import _errors
from .._native import Message, Reader, Ring, Slot, Ticket
from .._native import open as open_ring
from ._holds import Holds
from ._index import PlainIndexWarning, SlotIndex, ticket_of
from ._memory import Memory, address_of

READ_BUDGET_SECONDS = 2.0

Mode = Literal["create_or_attach", "attach"]


class Writing:
    """A slot between allocate() and mark_ready()."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.index = SlotIndex(slot.index)
        self.owner: Optional[weakref.ref[Any]] = None  # the RingBufferSlot, which learns its ticket
        self.memory: Optional[Memory] = None


class Attachment:
    """What the buffers of one name share: the ring, what is being written, what is being read, and the subscription."""

    def __init__(self, name: str, mode: Mode, total_size: int, slot_size: int) -> None:
        # Holds bound themselves here, by time. A smaller max_holds would only refuse them.
        slots = total_size // slot_size if slot_size else 0
        self.ring: Ring = open_ring(
            ring_name(name),
            mode=mode,
            total_size=slots * slot_size,
            slot_size=slot_size,
            max_holds=slots if mode == "create_or_attach" else 0,
        )
        info = self.ring.info()
        self.slot_count, self.slot_size, self._stride = info.slot_count, info.slot_size, info.slot_stride
        self.removed = False
        self.writing: dict[int, Writing] = {}
        self.reading: dict[Ticket, list[Message]] = {}
        self.lock = threading.RLock()
        self.holds = Holds(self.ring, self.look)
        self._base: Optional[int] = None
        self._reader: Optional[Reader] = None

    def look(self) -> bool:
        """Was the ring removed?"""
        self.removed = self.removed or self.ring.info().removed
        return self.removed

    # ---- Writing ----

    def allocate(self) -> Optional[Writing]:
        """Gives a slot, or None."""
        while True:
            released = self.holds.released
            try:
                writing = Writing(self.ring.allocate(None, 0))
                break
            except _errors.FullError:
                self.holds.settle()
                if self.holds.released == released:  # nor has the thread given anything back since
                    self.look()
                    return None
        with self.lock:
            self.writing[int(writing.index)] = writing
        return writing

    def written(self, index: int) -> Optional[Writing]:
        """What is being written under this index."""
        if ticket_of(index) is not None:
            return None
        writing = self.writing.get(int(index))
        # An index of an allocation that has ended, in a slot that was allocated again, is not that one.
        return None if writing and isinstance(index, SlotIndex) and index is not writing.index else writing

    def publish(self, writing: Writing, nbytes: int) -> Ticket:
        """Publishes with the producer's hold. Views that are still there keep the message."""
        with self.lock:
            if writing.memory is not None:
                writing.memory.let_go()
            try:
                ticket = self._mark_ready(writing.slot, nbytes)
            except BaseException:
                if writing.memory is not None:
                    writing.memory.keep(writing.slot)
                raise
            del self.writing[int(writing.index)]
            writing.index.ticket = ticket
            if writing.memory is not None and writing.memory.alive:
                writing.memory.keep(self.ring.acquire(ticket))
        return ticket

    def _mark_ready(self, slot: Slot, nbytes: int) -> Ticket:
        since = time.monotonic()
        try:
            ticket = slot.mark_ready(nbytes, keep=True)
        except _errors.HoldsError:
            self.holds.settle()
            return slot.mark_ready(nbytes)  # a ring that somebody else made, with a small max_holds
        self.holds.add(ticket, since)
        return ticket

    def abort(self, writing: Writing) -> None:
        """Gives the slot back, at once or with its last view."""
        with self.lock:
            del self.writing[int(writing.index)]
        writing.slot.__exit__(None, None, None)

    # ---- Reading ----

    def ticket(self, index: int) -> Ticket:
        """The ticket of an index; of a plain number, what is in that slot now."""
        ticket = ticket_of(index)
        if ticket is not None:
            return ticket
        if isinstance(index, SlotIndex):
            raise _errors.NotReadyError(None, f"slot {int(index)} was not published under this index")
        if not 0 <= index < self.slot_count:
            raise _errors.InvalidError(None, f"{index} is no index of a slot: the ring has {self.slot_count}")
        warnings.warn(
            f"{index} is a plain number of a slot, and names what is in it now; slot.index after mark_ready() names one message",
            PlainIndexWarning,
            stacklevel=4,
        )
        return self.ring.ticket_at(index)

    def acquire(self, ticket: Ticket) -> Message:
        """Acquires a message through the subscription, which begins here."""
        with self.lock:
            if self._reader is None:
                self._reader = self.ring.reader(
                    mode="budgeted",
                    start="oldest",
                    by_ticket=True,
                    window=self.slot_count // 2,
                    budget=READ_BUDGET_SECONDS,
                    budget_messages=1,
                )
            try:
                return self._reader.acquire(ticket)
            except _errors.RevokedError:  # said once
                message = self._reader.acquire(ticket)
                self._reader.rearm()
                return message

    def begin_read(self, ticket: Ticket) -> None:
        """One reference more."""
        message = self.acquire(ticket)
        with self.lock:
            self.reading.setdefault(ticket, []).append(message)

    def end_read(self, ticket: Ticket) -> bool:
        """One reference less. False: this process has none."""
        with self.lock:
            messages = self.reading.get(ticket)
            if not messages:
                return False
            message = messages.pop()
            if not messages:
                del self.reading[ticket]
        message.release()
        return True

    def message(self, ticket: Ticket) -> Message:
        """The message as this process reads it; else one that its view alone keeps."""
        messages = self.reading.get(ticket)
        return messages[-1] if messages else self.acquire(ticket)

    def withdraw(self, ticket: Ticket) -> bool:
        """Frees a message that this process published and still holds. False: there is none."""
        if not self.holds.has(ticket):
            return False
        try:
            self.ring.free(ticket)
        except _errors.StaleError:
            pass
        return self.holds.end(ticket)

    # ---- Memory ----

    def address(self, number: int, loan: Slot | Message) -> int:
        """Where slot `number` begins."""
        if self._base is None:
            self._base = address_of(loan) - number * self._stride
        return self._base + number * self._stride

    def memory(self, number: int, loan: Slot | Message) -> Memory:
        """The whole slot."""
        return Memory(self.address(number, loan), self.slot_size, loan)

    def close(self) -> None:
        """Leaves the ring: now, or with the last view."""
        self.holds.end_all()
        with self.lock:
            for writing in list(self.writing.values()):
                self.abort(writing)
            for messages in self.reading.values():
                for message in messages:
                    message.release()
            self.reading.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self.ring.__exit__(None, None, None)


def ring_name(name: str) -> str:
    """The name of the ring: a name of the older module may hold '/', a leading dot, and more."""
    return "".join(f"%{ord(c):02X}" if c in "/\\%" or ord(c) < 32 or (c == "." and not i) else c for i, c in enumerate(name))


_attachments: dict[str, Attachment] = {}
_lock = threading.RLock()


def attachment(name: str, mode: Mode, total_size: int, slot_size: int) -> Attachment:
    """The ring of this name: opened once in a process, and opened again when it was removed and made again."""
    with _lock:
        found = _attachments.get(name)
        if found is None:
            found = _attachments[name] = Attachment(name, mode, total_size, slot_size)
        return found


def opened(name: str) -> Optional[Attachment]:
    """The ring of this name, if this process has it open."""
    return _attachments.get(name)


def leave(name: str) -> None:
    """Closes the ring of this name, if this process has it open."""
    with _lock:
        found = _attachments.pop(name, None)
    if found is not None:
        found.close()


def forget(attachment: Attachment, name: str) -> None:
    """The ring was removed: who asks next opens the new one. What is being read of the old one stays."""
    with _lock:
        if _attachments.get(name) is attachment:
            del _attachments[name]
    attachment.holds.end_all()


def _after_fork_in_child() -> None:
    global _lock
    _lock = threading.RLock()
    _attachments.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
