# SPDX-License-Identifier: Apache-2.0
"""Producers and consumers are killed at random, and nothing is lost of what lossless consumers are owed. storm.py has the storm; by hand
it runs for as long as one likes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import needs_fork

KILLS = 40


@needs_fork
def test_a_storm_of_kills_loses_nothing() -> None:
    storm = Path(__file__).parent / "storm.py"
    done = subprocess.run([sys.executable, "-B", str(storm), str(KILLS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{KILLS} kills, " in done.stdout.splitlines()[-1]
