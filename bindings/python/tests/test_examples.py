# SPDX-License-Identifier: Apache-2.0
"""The programs of docs/examples/python do what the manual says of them. One that needs a package which is not here is skipped."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import slotring

HERE = Path(__file__).resolve().parents[3] / "docs/examples/python"
WAVEFORM_SIZE = 2016
EVENTS = 400


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(HERE / program), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def output_of(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


@contextmanager
def run_with(name: str, *readers: subprocess.Popen[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """A run of EVENTS waveforms, which begins when all of the readers are there."""
    with slotring.open(name, mode="attach") as ring:
        while len(ring.readers()) < len(readers):
            for reader in readers:
                assert reader.poll() is None, output_of(reader)
            time.sleep(0.01)
    output_of(start("digitizer.py", name, "--events", str(EVENTS)))
    yield list(readers)


@pytest.fixture
def waveforms(name: str) -> Iterator[str]:
    """The name of a ring for waveforms, which NumPy fills."""
    pytest.importorskip("numpy")
    with slotring.open(name, mode="create", slot_size=WAVEFORM_SIZE, total_size=256 * WAVEFORM_SIZE):
        kept = slotring.open(name, mode="observe")  # on Windows a ring goes with the last who looks at it
    with kept:
        yield name


def test_hello() -> None:
    assert output_of(start("hello.py")) == "message 0: Hello\n"


def test_digitizer_and_monitor(waveforms: str) -> None:
    readers = (start("monitor.py", waveforms), start("monitor.py", waveforms, "--muons"))
    with run_with(waveforms, *readers) as (every, muons):
        words = output_of(every).split()
        assert int(words[2]) + int(words[8]) == EVENTS and int(words[2]) > 0
        words = output_of(muons).split()
        assert 0 < int(words[2]) <= EVENTS // 4 and 1900 < int(words[-1]) < 2100


def test_builder() -> None:
    lines = output_of(start("builder.py")).splitlines()
    assert lines[2] == "event 2: 3 of 3 boards"
    assert lines[3:] == [f"event {event}: 2 of 3 boards, board 1 is silent" for event in (3, 4, 5)]


def test_arrow_table_is_not_copied() -> None:
    pytest.importorskip("pyarrow")
    assert output_of(start("arrow_table.py")) == "10000 rows, in the ring; 1 slot is held\nwithout the table: 0\n"


def test_plot(waveforms: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "waveform.png"
    with run_with(waveforms, start("plot.py", waveforms, str(picture))) as (plot,):
        output_of(plot)
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and picture.stat().st_size > 5000


def converted(name: str, path: Path) -> None:
    with run_with(name, start("convert.py", name, str(path))) as (convert,):
        assert output_of(convert) == f"{path}: {EVENTS} waveforms\n"


def check(events: Any, triggers: Any, samples: Any) -> None:
    assert list(events) == list(range(EVENTS))
    assert list(triggers) == [5 if event % 4 == 0 else 1 for event in range(EVENTS)]
    assert samples.shape == (EVENTS, 1000) and (samples[::4, 400] > 1900).all() and (samples[1::4] < 400).all()


def test_to_hdf5(waveforms: str, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    converted(waveforms, tmp_path / "run.h5")
    with h5py.File(tmp_path / "run.h5") as file:
        table = file["waveforms"][:]
        check(table["event"], table["trigger"], table["samples"])


def test_to_arrow(waveforms: str, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    converted(waveforms, tmp_path / "run.arrow")
    table = pa.ipc.open_file(tmp_path / "run.arrow").read_all()
    samples = table["samples"].combine_chunks().flatten().to_numpy().reshape(-1, 1000)
    check(table["event"].to_pylist(), table["trigger"].to_pylist(), samples)


READ_ROOT = """
import sys, numpy, uproot
with uproot.open(sys.argv[1]) as file:
    numpy.savez(sys.argv[2], **file["waveforms"].arrays(library="np"))
"""


def test_to_root(waveforms: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("uproot") is None:
        pytest.skip("uproot is not here")
    converted(waveforms, tmp_path / "run.root")
    # In a process of its own: awkward, which uproot imports, cannot be imported in Python's development mode.
    read = [sys.executable, "-c", READ_ROOT, str(tmp_path / "run.root"), str(tmp_path / "run.npz")]
    subprocess.run(read, check=True)
    numpy = pytest.importorskip("numpy")
    with numpy.load(tmp_path / "run.npz") as tree:
        check(tree["event"], tree["trigger"], tree["samples"])


def test_a_recording_to_hdf5(waveforms: str, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    pytest.importorskip("mcap")
    program = Path(sysconfig.get_path("scripts")) / "slotring"
    if not program.exists():
        pytest.skip("this package was built without popt and jansson")
    recording, path = tmp_path / "run.mcap", tmp_path / "run.h5"
    recorder = subprocess.Popen([program, "record", waveforms, "-q", "-o", recording, "--durable", "d"], stdout=subprocess.PIPE, text=True)
    with run_with(waveforms, recorder) as (one,):
        output_of(one)
    assert output_of(start("convert.py", str(recording), str(path))) == f"{path}: {EVENTS} waveforms\n"
    with h5py.File(path) as file:
        table = file["waveforms"][:]
        check(table["event"], table["trigger"], table["samples"])


def test_a_suffix_that_cannot_be_written(name: str) -> None:
    pytest.importorskip("numpy")
    process = start("convert.py", name, "run.txt")
    _, errors = process.communicate()
    assert process.returncode == 2 and "'.txt'; it can be one of .h5, .arrow, .root" in errors
