# SPDX-License-Identifier: Apache-2.0
"""The way of the older Python ring buffer, for the comparison: slots in a multiprocessing.shared_memory, their states in shared ctypes
arrays, a lock of the process, and an attachment of its own for each message that is read. It has the faults of that way, too: each
process has states of its own."""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any, Optional

FREE, WRITING, READY = 0, 1, 2


@dataclass
class Slot:
    buffer: SharedMemoryRingBuffer
    index: int

    @property
    def view(self) -> memoryview:
        return self.buffer.get_slot_view(self.index)


class SharedMemoryRingBuffer:
    def __init__(self, name: str, total_size: int, slot_size: int, create: bool = True) -> None:
        self.name, self.slot_size, self.slot_count = name, slot_size, total_size // slot_size
        self.creates = create
        self.memory: Optional[SharedMemory] = None
        self.lock = threading.Lock()

    def begin(self) -> Any:
        """Everything is made, or attached, at the first use."""
        if self.memory is None:
            size = self.slot_count * self.slot_size if self.creates else 0
            self.memory = SharedMemory(self.name, create=self.creates, size=size)
            self.states: Any = RawArray(ctypes.c_int, self.slot_count)
            self.next: Any = RawValue(ctypes.c_int, 0)
            self.written: Any = RawValue(ctypes.c_longlong, 0)
            self.read: Any = RawValue(ctypes.c_longlong, 0)
        return self.states

    def allocate(self, size: int) -> Optional[Slot]:
        states, first = self.begin(), self.next.value
        for wanted in (FREE, READY):  # a free one, or else what nobody reads is overwritten
            for step in range(self.slot_count):
                index = (first + step) % self.slot_count
                if states[index] != wanted:
                    continue
                with self.lock:
                    if states[index] == wanted:
                        states[index] = WRITING
                        self.next.value = (index + 1) % self.slot_count
                        return Slot(self, index)
        return None

    def mark_ready(self, index: int, size: int = 0) -> None:
        states = self.begin()
        if states[index] == WRITING:
            states[index] = READY
            self.written.value += size

    def acquire_for_read(self, index: int, size: int = 0) -> bool:
        states = self.begin()
        with self.lock:
            if states[index] < READY:
                return False
            states[index] += 1
            self.read.value += size
            return True

    def release(self, index: int) -> None:
        states = self.begin()
        with self.lock:
            states[index] = FREE if states[index] <= READY else states[index] - 1

    def get_slot_view(self, index: int) -> memoryview:
        self.begin()
        assert self.memory is not None
        return self.memory.buf[index * self.slot_size : (index + 1) * self.slot_size]

    def get_stats(self) -> tuple[int, int]:
        self.begin()
        return self.written.value, self.read.value

    def cleanup(self) -> None:
        if self.memory is not None:
            self.memory.close()
            if self.creates:
                self.memory.unlink()

    def __del__(self) -> None:
        try:
            if self.memory is not None:
                self.memory.close()
        except BufferError:  # a view is left
            pass


def attach_to_ring_buffer(name: str, total_size: int, slot_size: int) -> SharedMemoryRingBuffer:
    return SharedMemoryRingBuffer(name, total_size, slot_size, create=False)
