# SPDX-License-Identifier: Apache-2.0
"""The producer's holds: a message that was published stays until a subscription protects it, and for HOLD_SECONDS at most.

A consumer subscribes when it acquires its first message. Producers then wait for what is published from there on. What was published
before keeps the producer's hold until the subscription has passed it. A thread looks for subscriptions as long as there are holds,
since a producer that publishes nothing more has to end its holds, too. It sleeps when there are none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Optional

from .._errors import Error
from .._native import Ring, Ticket

HOLD_SECONDS = 5.0  # long enough for a process that is spawned, imports what it needs, and attaches
LOOK_SECONDS = 0.1

_BY_TICKET = 1 << 4  # SLOTRING_BY_TICKET


def cursors(ring: Ring) -> list[int]:
    """How far the subscriptions by ticket are, for which producers wait."""
    return [reader.cursor for reader in ring.readers() if reader.flags & _BY_TICKET and reader.revoked == "no"]


class Holds:
    """The holds of one open ring, oldest first."""

    def __init__(self, ring: Ring, look: Callable[[], object]) -> None:
        self._ring = ring
        self.released = 0  # how many holds have ended
        self._held: dict[Ticket, float] = {}
        self._lock = threading.Lock()
        self._look = look  # called by the thread, with nothing locked
        self._wake = threading.Event()
        self._subscribed: Optional[float] = None  # since when a subscription is known
        self._ended = False
        self._started = False

    def add(self, ticket: Ticket, since: float) -> None:
        """A message was published with a hold, not before `since`."""
        with self._lock:
            self._held[ticket] = since
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="slotring holds", daemon=True).start()
        if not self._wake.is_set():
            self._wake.set()

    def has(self, ticket: Ticket) -> bool:
        """Is there a hold of this message?"""
        return ticket in self._held

    def end(self, ticket: Ticket) -> bool:
        """Ends the hold of this message. False: there is none."""
        with self._lock:
            if ticket not in self._held:
                return False
            self._release(ticket)
            del self._held[ticket]
        return True

    def settle(self) -> None:
        """Ends the holds that protect nothing any more."""
        if not self._held:
            return
        there = cursors(self._ring)
        passed = max(there, default=0)
        now = time.monotonic()
        with self._lock:
            self._subscribed = (self._subscribed or now) if there else None
            protected = self._subscribed if self._subscribed is not None else now
            done = [
                ticket
                for ticket, since in self._held.items()
                if since > protected or ticket.sequence < passed or since <= now - HOLD_SECONDS
            ]
            for ticket in done:  # with the lock: who finds none to end here finds their slots
                self._release(ticket)
                del self._held[ticket]

    def end_all(self) -> None:
        """Ends all holds, and the thread."""
        self._ended = True
        self._wake.set()
        with self._lock:
            held, self._held = self._held, {}
        for ticket in held:
            self._release(ticket)

    def _release(self, ticket: Ticket) -> None:
        try:
            self._ring.release_ticket(ticket)
        except Error:
            pass  # the ring is closed, and its holds are gone with it
        self.released += 1  # behind it: who has seen the number before finds the slot

    def _run(self) -> None:
        while not self._ended:
            self._wake.wait()
            while self._held and not self._ended:
                time.sleep(LOOK_SECONDS)
                try:
                    self.settle()
                    self._look()
                except Error:
                    return  # closed
            self._wake.clear()
            if self._held:
                self._wake.set()
