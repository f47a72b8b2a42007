# SPDX-License-Identifier: Apache-2.0
"""What the tests share: a ring of their own, which is gone afterwards."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator

import pytest

import slotring

SLOTS = 64
SLOT_SIZE = 4096

# Windows has one way to end a process from outside; its number is the exit status then.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
KILLED = int(KILL) if os.name == "nt" else -int(KILL)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
needs_alarm = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no SIGALRM")

_numbers = itertools.count()


@pytest.fixture
def name() -> Iterator[str]:
    """A name for a ring. What has it at the end is removed, whoever still uses it."""
    own = f"python-test-{os.getpid()}-{next(_numbers)}"
    yield own
    try:
        slotring.unlink(own, "force")
    except slotring.NotFoundError:
        pass


@pytest.fixture
def ring(name: str) -> Iterator[slotring.Ring]:
    """A small ring, which this process has opened."""
    with slotring.open(name, mode="create", slot_size=SLOT_SIZE, total_size=SLOTS * SLOT_SIZE) as own:
        yield own
