# SPDX-License-Identifier: Apache-2.0
"""The ways of this package: by subscription, by tickets through a queue, and by the module for older programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import slotring
from slotring.compat import shared_ring_buffer as compat

from pair import FORK, Way, look, own_name

SLOTS = 16


class Subscription(Way):
    name = "slotring, by subscription"
    copies = "the producer"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.ring_name = own_name("ring")
        self.open(size).close()

    def open(self, size: int = 0) -> slotring.Ring:
        if size == 0:
            return slotring.open(self.ring_name, mode="attach")
        return slotring.open(self.ring_name, mode="create", slot_size=size, total_size=SLOTS * size, max_holds=SLOTS)

    def open_producer(self) -> None:
        self.ring = self.open()

    def open_consumer(self) -> None:
        self.ring = self.open()
        self.reader = self.ring.reader()

    def send(self, data: bytes) -> None:
        self.ring.publish(data)

    def receive(self) -> int:
        with self.reader.next() as message:
            return look(memoryview(message))

    def clean_up(self) -> None:
        slotring.unlink(self.ring_name, "force")


class TicketQueue(Subscription):
    """The reader has producers wait for what the queue may still bring."""

    name = "slotring, tickets through multiprocessing.Queue"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.queue = FORK.Queue()

    def open_consumer(self) -> None:
        self.ring = self.open()
        self.reader = self.ring.reader(mode="budgeted", by_ticket=True, budget_messages=SLOTS, budget=10.0)

    def send(self, data: bytes) -> None:
        self.queue.put(self.ring.publish(data))

    def receive(self) -> int:
        with self.reader.acquire(self.queue.get()) as message:
            return look(memoryview(message))

    def flush(self) -> None:
        self.queue.close()
        self.queue.join_thread()


@dataclass
class Handle:
    """What such programs send."""

    buffer_name: str
    slot_index: int
    data_size: int
    total_size: int
    slot_size: int


class OlderPrograms(Way):
    """A program for the older module, with the import changed."""

    name = "slotring.compat, handles through multiprocessing.Queue"
    copies = "the producer"

    def __init__(self, size: int, module: Any = compat) -> None:
        super().__init__(size)
        self.module: Any = module
        self.ring_name = own_name("older")
        self.queue = FORK.Queue()
        self.credits = FORK.Semaphore(SLOTS // 2)  # the older module overwrites what the queue still has
        self.buffer = module.SharedMemoryRingBuffer(self.ring_name, SLOTS * size, size, create=True)
        self.buffer.get_stats()  # it is made at its first use

    def send(self, data: bytes) -> None:
        self.credits.acquire()
        while (slot := self.buffer.allocate(len(data))) is None:
            pass
        slot.view[: len(data)] = data
        self.buffer.mark_ready(slot.index, len(data))
        self.queue.put(Handle(self.ring_name, slot.index, len(data), SLOTS * self.size, self.size))

    def receive(self) -> int:
        handle = self.queue.get()
        buffer = self.module.attach_to_ring_buffer(handle.buffer_name, handle.total_size, handle.slot_size)
        buffer.acquire_for_read(handle.slot_index, handle.data_size)
        total = look(buffer.get_slot_view(handle.slot_index)[: handle.data_size])
        buffer.release(handle.slot_index)
        self.credits.release()
        return total

    def flush(self) -> None:
        self.queue.close()
        self.queue.join_thread()

    def clean_up(self) -> None:
        self.buffer.cleanup()


class HandlesAlone(OlderPrograms):
    """What such a program costs without any ring: nobody who sends handles through this queue costs less."""

    name = "the same handles through multiprocessing.Queue, and no ring"

    def send(self, data: bytes) -> None:
        self.credits.acquire()
        self.queue.put(Handle(self.ring_name, 0, len(data), SLOTS * self.size, self.size))

    def receive(self) -> int:
        self.queue.get()
        self.credits.release()
        return 6  # as if it had looked at the bytes


WAYS = [Subscription, TicketQueue, OlderPrograms, HandlesAlone]
