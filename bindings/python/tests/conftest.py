# SPDX-License-Identifier: Apache-2.0
"""What the tests share: a ring of their own, which is gone afterwards."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

import slotring

SLOTS = 64
SLOT_SIZE = 4096

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
