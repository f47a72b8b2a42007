# SPDX-License-Identifier: Apache-2.0
"""Views of slots that can be written to, as the older module gave them, and that keep their slot as long as they live.

The buffer of a message is read-only, but code for the older module passes its views to ctypes, which takes only what can be
written to. So such a view is made of the address, and carries an export of the slot or of the message.
"""

from __future__ import annotations

import ctypes
import weakref
from typing import Optional, Union

from .._native import Message, Slot


class _PyBuffer(ctypes.Structure):
    """Py_buffer; what comes behind `length` is not looked at."""

    _fields_ = [
        ("address", ctypes.c_void_p),
        ("owner", ctypes.c_void_p),
        ("length", ctypes.c_ssize_t),
        ("rest", ctypes.c_byte * 128),
    ]


def address_of(loan: Union[Slot, Message]) -> int:
    """Where the bytes of a slot or of a message begin."""
    buffer = _PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(loan), ctypes.byref(buffer), 0)
    address: Optional[int] = buffer.address
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    assert address is not None
    return address


class Memory:
    """The bytes of a slot. Whoever looks at them keeps the object in `keeper`."""

    def __init__(self, address: int, size: int, loan: Union[Slot, Message]) -> None:
        array = (ctypes.c_char * size).from_address(address)
        array.keeper = memoryview(loan)  # type: ignore[attr-defined]
        self._alive = weakref.ref(array)
        self._view: Optional[memoryview] = memoryview(array).cast("B")

    def view(self) -> memoryview:
        """A view, which lives as long as the caller likes."""
        view, self._view = self._view, None
        return view if view is not None else memoryview(self._alive()).cast("B")  # type: ignore[arg-type]

    def let_go(self) -> None:
        """Ends the export, so that the slot can be published."""
        array = self._alive()
        if array is not None:
            array.keeper.release()  # type: ignore[attr-defined]

    @property
    def alive(self) -> bool:
        """Does somebody still have a view?"""
        return self._alive() is not None

    def keep(self, loan: Union[Slot, Message]) -> None:
        """Views that are still there keep this from now on."""
        array = self._alive()
        if array is not None:
            array.keeper = memoryview(loan)  # type: ignore[attr-defined]
