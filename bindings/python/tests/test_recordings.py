# SPDX-License-Identifier: Apache-2.0
"""What `slotring record` writes is a file that the public reader of MCAP for Python opens, with right counts, times and checksums."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import slotring

PROGRAM = Path(sysconfig.get_path("scripts")) / ("slotring.exe" if os.name == "nt" else "slotring")
ORDER = struct.Struct("<6QIIHHHH")  # docs/recording.md
LARGE = 70_000  # is written from its slots

mcap_reader: Any = pytest.importorskip("mcap.reader")


@pytest.fixture(autouse=True)
def _there_is_a_program() -> None:
    if not PROGRAM.exists():
        assert not os.environ.get("SLOTRING_TEST_PROGRAM"), f"no {PROGRAM}"
        pytest.skip("this package was built without popt and jansson")


@contextmanager
def recorder(name: str, path: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """`slotring record` of a ring, which has its subscription; at the end it has ended with the streams."""
    process = subprocess.Popen([PROGRAM, "record", name, "-q", "-o", path, *options], stdin=subprocess.DEVNULL)
    with slotring.open(name, mode="observe") as ring:
        while not ring.readers():
            assert process.poll() is None
            time.sleep(0.01)
    yield process
    assert process.wait() == 0


def payload(number: int) -> bytes:
    return bytes([number % 251]) * (LARGE if number % 50 == 7 else number % 300)


def publish(name: str, count: int) -> None:
    with slotring.open(name, mode="attach") as ring:
        for number in range(count):
            slot = ring.allocate(len(payload(number)))
            with memoryview(slot) as view:
                view[: len(payload(number))] = payload(number)
            slot.mark_ready(len(payload(number)), tag=1000 + number)


@pytest.fixture
def recorded(name: str, tmp_path: Path) -> Path:
    """A recording of 200 messages, whose number is their sequence."""
    path = tmp_path / "run.mcap"
    with slotring.open(name, mode="create", slot_size=LARGE, total_size=32 * LARGE, time_stamps="monotonic"):
        pass
    with recorder(name, path, "--durable", "d"):
        publish(name, 200)
    return path


def messages(path: Path, **wanted: Any) -> list[Any]:
    with path.open("rb") as file:
        return list(mcap_reader.make_reader(file, validate_crcs=True).iter_messages(**wanted))


def test_counts_bytes_and_times(name: str, recorded: Path) -> None:
    now = time.time_ns()
    found = [message for _, _, message in messages(recorded, topics=[name])]
    assert [message.sequence for message in found] == list(range(200))
    assert all(message.data == payload(number) for number, message in enumerate(found))
    times = [message.publish_time for message in found]
    assert times == sorted(times) and now - 60_000_000_000 < times[0] and times[-1] <= now
    assert all(message.log_time >= message.publish_time for message in found)
    with recorded.open("rb") as file:
        summary = mcap_reader.make_reader(file).get_summary()
    channel = next(one for one in summary.channels.values() if one.topic == name)
    assert summary.statistics.channel_message_counts[channel.id] == 200
    assert summary.statistics.message_start_time == min(one.log_time for _, _, one in messages(recorded))
    assert channel.metadata["role"] == "messages" and channel.metadata["slot_size"] == str(LARGE)


def test_order_says_the_rest(name: str, recorded: Path) -> None:
    entries = [
        ORDER.unpack_from(message.data, at)
        for _, _, message in messages(recorded, topics=[f"{name}/slotring.order"])
        for at in range(0, len(message.data), ORDER.size)
    ]
    accounts = [entry for entry in entries if entry[10] == 5]  # of the durable subscription, which has missed nothing
    entries = [entry for entry in entries if entry[10] != 5]
    assert [entry[4] for entry in accounts] == [0]
    assert [entry[0] for entry in entries] == list(range(200))
    assert [entry[1] for entry in entries] == [1000 + number for number in range(200)]
    assert [entry[4] for entry in entries] == [len(payload(number)) for number in range(200)]
    assert all(entry[10] == 1 for entry in entries)


def test_events_have_both_clocks(name: str, recorded: Path) -> None:
    events = [json.loads(message.data) for _, _, message in messages(recorded, topics=[f"{name}/slotring.events"])]
    assert [event["event"] for event in events] == ["recorder begins", "recorder ends"]
    assert abs(events[0]["time_of_day_ns"] - time.time_ns()) < 3_600_000_000_000
    assert events[1]["messages"] == 200 and events[1]["missed"] == 0 and events[1]["stream_ended"]


def test_a_changed_byte_is_found(recorded: Path) -> None:
    whole = bytearray(recorded.read_bytes())
    at = whole.index(payload(57)) + 1000
    whole[at] ^= 1
    recorded.write_bytes(whole)
    with pytest.raises(Exception, match="(?i)crc"):
        messages(recorded)


def test_a_torn_file_has_all_but_the_last_chunk(name: str, recorded: Path) -> None:
    whole = recorded.read_bytes()
    cut = whole.index(payload(157)) + 1000  # in the middle of a chunk, which has several messages
    with recorded.open("rb") as file:
        summary = mcap_reader.make_reader(file).get_summary()
    last = max(chunk.chunk_start_offset for chunk in summary.chunk_indexes if chunk.chunk_start_offset < cut)
    before = next(number for number in range(158) if whole.index(payload(number)) > last)
    recorded.write_bytes(whole[:cut])
    found = []
    with recorded.open("rb") as file:
        try:
            for _, channel, message in mcap_reader.NonSeekingReader(file, validate_crcs=True).iter_messages(
                log_time_order=False
            ):
                if channel.topic == name:
                    found.append(message.sequence)
        except Exception as error:  # the reader's own word for an end in the middle
            assert "EndOfFile" in type(error).__name__ or "end" in str(error).lower()
    assert 0 < before <= 157 and found == list(range(before))
    subprocess.run([PROGRAM, "record", "--repair", "-q", recorded], check=True)
    assert [message.sequence for _, _, message in messages(recorded, topics=[name])] == list(range(before))


@pytest.mark.skipif(os.name == "nt", reason="this system cannot ask a program to stop")
def test_a_recorder_that_is_asked_to_stop_ends_its_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "run.mcap"
    with slotring.open(name, mode="create", slot_size=LARGE, total_size=32 * LARGE):
        process = subprocess.Popen([PROGRAM, "record", name, "-q", "-o", path, "--durable", "d", "--follow"])
        with slotring.open(name, mode="observe") as ring:
            while not ring.readers():
                time.sleep(0.01)
            publish(name, 20)
            while ring.readers()[0].lag:
                time.sleep(0.01)
    process.terminate()
    assert process.wait() == 128 + signal.SIGTERM
    assert [message.sequence for _, _, message in messages(path, topics=[name])] == list(range(20))
