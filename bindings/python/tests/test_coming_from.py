# SPDX-License-Identifier: Apache-2.0
"""The programs of docs/coming-from/multiprocessing.md are taken out of the page and run side by side; they print what it says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs/coming-from/multiprocessing.md"


def block(begin: str) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"```{begin}", 1)[1].split("```\n", 1)[0]


@pytest.fixture
def rings() -> Iterator[str]:
    """A folder for rings whose names the page has chosen, in memory where the system has such a folder."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(prefix="slotring-coming-from-", dir=memory) as folder:
        yield folder


def start(program: str, place: Path, rings: str) -> subprocess.Popen[str]:
    file = place / program
    file.write_text(block(f"python\n# {program}\n"), encoding="utf-8")
    environment = {**os.environ, "SLOTRING_DIR": rings}
    return subprocess.Popen(
        [sys.executable, str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def test_producer_and_consumer(tmp_path: Path, rings: str) -> None:
    consumer, producer = start("consumer.py", tmp_path, rings), start("producer.py", tmp_path, rings)
    said = [process.communicate() for process in (producer, consumer)]
    assert producer.returncode == 0, said[0][1]
    assert consumer.returncode == 0, said[1][1]
    assert said[1][0] == block("text\n")
    assert os.listdir(rings) == []
