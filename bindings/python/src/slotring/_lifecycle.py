# SPDX-License-Identifier: Apache-2.0
"""Closes rings at the end of the process. A process that ends without it would count as a producer that died.

A child of multiprocessing that returns normally runs no function of atexit, but it runs its finalizers. So both are used.
Nothing is given to multiprocessing's resource tracker: a ring outlives its processes.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._native import Ring

_rings: weakref.WeakSet[Ring] = weakref.WeakSet()
_guard = threading.RLock()  # of the names around it, also for the handler of a signal that opens a ring
_finalizer_of = 0  # the process that has a finalizer of multiprocessing


def opened(ring: Ring) -> None:
    """The extension calls this for each ring that it opens."""
    global _finalizer_of
    util = sys.modules.get("multiprocessing.util")
    with _guard:
        _rings.add(ring)
        is_first = util is not None and _finalizer_of != os.getpid()
        if is_first:
            _finalizer_of = os.getpid()
    if util is not None and is_first:
        util.Finalize(None, close_all, exitpriority=0)


def close_all() -> None:
    """Closes each ring of this process that is still open; of one whose memory is in use it ends the stream."""
    with _guard:
        rings = list(_rings)
    for ring in rings:
        ring._leave_at_exit()


def _after_fork_in_child() -> None:
    global _guard
    from . import _native

    _native._forked()
    _guard = threading.RLock()  # a thread that is not here may have had the other one
    _rings.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
