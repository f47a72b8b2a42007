# SPDX-License-Identifier: Apache-2.0
"""DLPack: the bytes of the ring as tensors of other libraries, without a copy, and never writable where they are read-only."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import slotring
from conftest import SLOT_SIZE


needs_writable_tensors = pytest.mark.skipif(
    not numpy.from_dlpack(numpy.zeros(1)).flags.writeable, reason="NumPy before 2.2.5 takes each tensor as read-only (its issue 28599)"
)


def address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def capsule_name(capsule: Any) -> bytes:
    get = ctypes.pythonapi.PyCapsule_GetName
    get.restype, get.argtypes = ctypes.c_char_p, [ctypes.py_object]
    name: bytes = get(capsule)
    return name


def test_numpy_looks_at_a_message_in_place(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"hello")
        message = reader.next()
        array = numpy.from_dlpack(message)
        assert array.dtype == numpy.uint8 and array.shape == (5,) and array.tobytes() == b"hello"
        assert address(array) == address(message.array()) and not array.flags.writeable
        message.release()
        del message
        for _ in range(200):
            ring.publish(b"later")
            reader.next()
        assert array.tobytes() == b"hello" and ring.stats().slots_held == 1
        with pytest.raises(BufferError, match="1 views"):
            ring.close()
        del array
        assert ring.stats().slots_held == 0


def test_an_array_of_a_message_has_its_type_and_shape(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        data = numpy.arange(12, dtype="float32").reshape(3, 4)
        ring.publish(data)
        array = reader.next().array("float32", (3, 4))
        again = numpy.from_dlpack(array)
        assert (again == data).all() and address(again) == address(array) and not again.flags.writeable


@needs_writable_tensors
def test_a_slot_is_filled_through_a_tensor(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slot = ring.allocate(4)
        array = numpy.from_dlpack(slot)
        array[:] = [1, 2, 3, 4]
        with pytest.raises(BufferError, match="in use"):
            slot.mark_ready()
        del array
        slot.mark_ready()
        assert reader.next().tobytes() == b"\1\2\3\4"


def test_pieces_of_a_span_are_tensors(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        large = numpy.random.default_rng(4).bytes(2 * SLOT_SIZE)
        ring.publish(large)
        message = reader.next()
        assert b"".join(numpy.from_dlpack(piece).tobytes() for piece in message.in_pieces()) == large
        with pytest.raises(BufferError, match="in_pieces"):
            numpy.from_dlpack(message)


@needs_writable_tensors
def test_a_copy_is_the_caller_s_own(ring: slotring.Ring) -> None:
    for size in (0, 5, 100_000):
        with slotring.open(f"{ring.name}-{size}", slot_size=1 << 17, total_size=1 << 20) as own, own.reader() as reader:
            own.publish(bytes([7]) * size)
            message = reader.next()
            array = numpy.from_dlpack(message, copy=True)
            message.release()
            assert own.stats().slots_held == 0 and array.flags.writeable and array.tolist() == size * [7]
            array[:] = 1
        slotring.unlink(own.name)


def test_what_is_read_only_is_not_given_to_who_cannot_know_it(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"x")
        message = reader.next()
        for unversioned in (None, (0, 8)):
            with pytest.raises(BufferError, match="read-only"):
                message.__dlpack__(max_version=unversioned)
        assert capsule_name(message.__dlpack__(max_version=(1, 0))) == b"dltensor_versioned"
        assert capsule_name(message.__dlpack__(max_version=(2, 5))) == b"dltensor_versioned"
        assert capsule_name(message.__dlpack__(copy=True)) == b"dltensor"
        assert capsule_name(ring.allocate(1).__dlpack__()) == b"dltensor"
        assert message.__dlpack_device__() == (1, 0)
        gc.collect()
        message.release()
        assert ring.stats().slots_held == 0 and ring.stats().slots_writing == 0  # a capsule that nobody takes ends the view


def test_what_it_refuses(ring: slotring.Ring) -> None:
    slot = ring.allocate(1)
    wrong: list[tuple[Callable[[], object], type[Exception]]] = [
        (lambda: slot.__dlpack__(stream=1), BufferError),
        (lambda: slot.__dlpack__(dl_device=(2, 0)), BufferError),
        (lambda: slot.__dlpack__(dl_device=(1, 1)), BufferError),
        (lambda: slot.__dlpack__(max_version=5), TypeError),  # type: ignore[arg-type]
        (lambda: slot.__dlpack__(max_version=(1, 0, 0)), TypeError),  # type: ignore[arg-type]
        (lambda: slot.__dlpack__(max_version=("x", 0)), TypeError),  # type: ignore[arg-type]
        (lambda: slot.__dlpack__(max_version=(1 << 70, 0)), OverflowError),
        (lambda: slot.__dlpack__(5), TypeError),  # type: ignore[call-arg]
    ]
    for call, error in wrong:
        with pytest.raises(error):
            call()
    assert slot.__dlpack__(dl_device=(1, 0), stream=None, copy=False) is not None
    slot.mark_ready()
    with pytest.raises(ValueError, match="given back"):
        slot.__dlpack__()
    with ring.reader() as reader:
        ring.publish(b"x")
        message = reader.next()
    ring.close()
    with pytest.raises(slotring.ClosedError):
        message.__dlpack__(max_version=(1, 0))


def test_a_tensor_may_end_in_any_thread(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        for _ in range(100):
            ring.publish(b"x")
            arrays: list[Any] = [numpy.from_dlpack(reader.next())]
            thread = threading.Thread(target=lambda kept=arrays: kept.clear())
            thread.start()
            thread.join()
        assert ring.stats().slots_held == 0


AT_THE_END = """
import ctypes, numpy, slotring, sys
ring = slotring.open(sys.argv[1], mode="attach")
reader = ring.reader()
ring.publish(b"hello")
kept = numpy.from_dlpack(reader.next())
ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))  # the interpreter does not free it at its end
"""


def test_the_interpreter_may_end_under_a_tensor(ring: slotring.Ring) -> None:
    assert subprocess.run([sys.executable, "-c", AT_THE_END, ring.name]).returncode == 0
    assert ring.stats().producers_died == 0
