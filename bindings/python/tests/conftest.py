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
# Wine shows the folder of the machine below it; the rings of Windows are not there.
needs_dev_shm = pytest.mark.skipif(os.name == "nt" or not os.path.isdir("/dev/shm"), reason="this system has no /dev/shm")
needs_console = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C needs a console here")

_numbers = itertools.count()


def participants(name: str) -> int | None:
    """Those of a ring; on Windows it goes with the last of them."""
    found = [entry.participants for entry in slotring.list_rings() if entry.name == name]
    return found[0] if found else 0 if os.name == "nt" else None


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
