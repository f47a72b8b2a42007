# SPDX-License-Identifier: Apache-2.0
"""The stubs say what is there, and the tests use it as the stubs say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy", reason="mypy is not installed")

HERE = Path(__file__).parent


def run(where: Path, *arguments: str) -> None:
    """Runs a module of Python in a folder of its own, where it may leave what it likes."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=where, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubs_are_what_is_there(tmp_path: Path) -> None:
    allowed = str(HERE / "stubtest-allowed.txt")
    run(tmp_path, "mypy.stubtest", "slotring", "--allowlist", allowed, "--ignore-unused-allowlist")


def test_types_are_right_in_the_tests(tmp_path: Path) -> None:
    # From 3.12 on the stubs of NumPy know the buffer protocol. A view is compared with bytes here, which is no mistake.
    tests = sorted(str(path) for path in HERE.glob("test_*.py"))
    run(tmp_path, "mypy", "--strict", "--no-strict-equality", "--python-version", "3.12", *tests)


def test_types_are_right_in_the_package(tmp_path: Path) -> None:
    run(tmp_path, "mypy", "--strict", "-p", "slotring")
