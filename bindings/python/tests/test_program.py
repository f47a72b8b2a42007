# SPDX-License-Identifier: Apache-2.0
"""The program slotring comes with the package."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

import slotring

PROGRAM = Path(sysconfig.get_path("scripts")) / ("slotring.exe" if os.name == "nt" else "slotring")
WITHOUT = "this package was built without popt and jansson"


def run(*arguments: str) -> str:
    """What the installed program prints; its failure is one of the test."""
    return subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


@pytest.fixture(autouse=True)
def _there_is_one() -> None:
    if not PROGRAM.exists():
        assert not os.environ.get("SLOTRING_TEST_PROGRAM"), f"no {PROGRAM}"
        pytest.skip(WITHOUT)


def test_the_program_has_the_version_of_the_package() -> None:
    assert slotring.__version__ in run("--version")


def test_the_program_sees_a_ring_of_python(ring: slotring.Ring, name: str) -> None:
    ring.publish(b"seen")
    found = {one["name"]: one for one in json.loads(run("ls", "--json"))["rings"]}
    assert found[name]["status"] == "ok" and found[name]["published"] == 1
