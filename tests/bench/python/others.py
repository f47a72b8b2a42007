# SPDX-License-Identifier: Apache-2.0
"""What else a Python program would use. A package that is not installed is left out, and the table says so."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import tempfile
import time
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import older
from pair import FORK, Way, look, own_name
from ways import SLOTS, OlderPrograms


class OlderWay(OlderPrograms):
    name = "the older ring buffer's way, handles through multiprocessing.Queue"

    def __init__(self, size: int) -> None:
        super().__init__(size, older)


class Pool(Way):
    """One segment, attached once; free slots come back through a second queue."""

    name = "multiprocessing.shared_memory, slots through multiprocessing.Queue"
    copies = "the producer"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.memory = SharedMemory(own_name("pool"), create=True, size=SLOTS * size)
        self.full, self.free = FORK.Queue(), FORK.Queue()
        for number in range(SLOTS):
            self.free.put(number)

    def view(self, number: int) -> memoryview:
        return self.memory.buf[number * self.size : (number + 1) * self.size]

    def send(self, data: bytes) -> None:
        number = self.free.get()
        self.view(number)[:] = data
        self.full.put(number)

    def receive(self) -> int:
        number = self.full.get()
        total = look(self.view(number))
        self.free.put(number)
        return total

    def flush(self) -> None:
        self.full.close()
        self.full.join_thread()

    def clean_up(self) -> None:
        self.memory.close()
        self.memory.unlink()


class Segments(Way):
    """A segment for each message, whose name goes through the queue."""

    name = "multiprocessing.shared_memory, a segment for each message"
    copies = "the producer"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        resource_tracker.ensure_running()
        self.queue, self.credits = FORK.Queue(), FORK.Semaphore(SLOTS)

    def send(self, data: bytes) -> None:
        self.credits.acquire()
        memory = SharedMemory(create=True, size=len(data))
        memory.buf[: len(data)] = data
        memory.close()
        self.queue.put(memory.name)

    def receive(self) -> int:
        memory = SharedMemory(self.queue.get())
        total = look(memory.buf[: self.size])
        memory.close()
        memory.unlink()
        self.credits.release()
        return total

    def flush(self) -> None:
        self.queue.close()
        self.queue.join_thread()


class Bytes(Way):
    name = "multiprocessing.Queue, with the bytes"
    copies = "both, and the pipe"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.queue = FORK.Queue(SLOTS)

    def send(self, data: bytes) -> None:
        self.queue.put(data)

    def receive(self) -> int:
        return look(self.queue.get())

    def flush(self) -> None:
        self.queue.close()
        self.queue.join_thread()


class ZeroMQ(Way):
    name = "pyzmq, PUSH and PULL, ipc"
    copies = "both, and the socket"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        import zmq

        self.zmq = zmq
        self.folder = tempfile.TemporaryDirectory()
        self.address = f"ipc://{self.folder.name}/socket"

    def open_producer(self) -> None:
        self.context = self.zmq.Context()
        self.socket = self.context.socket(self.zmq.PUSH)
        self.socket.set_hwm(SLOTS)
        self.socket.bind(self.address)

    def open_consumer(self) -> None:
        self.context = self.zmq.Context()
        self.socket = self.context.socket(self.zmq.PULL)
        self.socket.set_hwm(SLOTS)
        self.socket.connect(self.address)

    def send(self, data: bytes) -> None:
        self.socket.send(data, copy=self.size < 65536)

    def receive(self) -> int:
        if self.size < 65536:
            return look(self.socket.recv())
        return look(self.socket.recv(copy=False).buffer)

    def flush(self) -> None:
        self.socket.close()
        self.context.term()  # when everything is sent

    def clean_up(self) -> None:
        self.folder.cleanup()


class Iceoryx2(Way):
    """It has no call that waits for data without a second service, so the consumer looks again and again. A semaphore keeps the producer
    from sending more than the buffer takes: it lost messages without."""

    name = "iceoryx2 for Python, ipc"
    copies = "the producer"

    def __init__(self, size: int) -> None:
        super().__init__(size)
        if importlib.util.find_spec("iceoryx2") is None:
            raise ImportError("No module named 'iceoryx2'")
        self.service_name = own_name("service")
        self.credits = FORK.Semaphore(SLOTS // 2)

    def open(self) -> Any:
        import iceoryx2

        iox: Any = iceoryx2
        self.iox = iox
        iox.set_log_level(iox.LogLevel.Error)
        self.node = iox.NodeBuilder.new().create(iox.ServiceType.Ipc)
        return (
            self.node.service_builder(iox.ServiceName.new(self.service_name))
            .publish_subscribe(iox.Slice[ctypes.c_uint8])
            .enable_safe_overflow(False)
            .subscriber_max_buffer_size(SLOTS)
            .open_or_create()
        )

    def open_producer(self) -> None:
        self.service = self.open()
        builder = self.service.publisher_builder().initial_max_slice_len(self.size)
        self.publisher = builder.backpressure_strategy(self.iox.BackpressureStrategy.RetryUntilDelivered).create()
        deadline = time.monotonic() + 10
        while self.service.dynamic_config.number_of_subscribers == 0 and time.monotonic() < deadline:
            os.sched_yield()

    def open_consumer(self) -> None:
        self.service = self.open()
        self.subscriber = self.service.subscriber_builder().create()

    def send(self, data: bytes) -> None:
        self.credits.acquire()
        sample = self.publisher.loan_slice_uninit(self.size)
        ctypes.memmove(sample.payload().as_ptr(), data, self.size)
        sample.assume_init().send()

    def receive(self) -> int:
        while (sample := self.subscriber.receive()) is None:
            os.sched_yield()
        total = look((ctypes.c_uint8 * self.size).from_address(sample.payload().as_ptr()))
        sample.delete()
        self.credits.release()
        return total


WAYS = [OlderWay, Pool, Segments, Bytes, ZeroMQ, Iceoryx2]
