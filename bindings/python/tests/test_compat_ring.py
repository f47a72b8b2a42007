# SPDX-License-Identifier: Apache-2.0
"""slotring.compat.shared_ring_buffer in one process: the older module's calls, and that its faults are gone."""

from __future__ import annotations

import ctypes
import gc
import json
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import slotring
from conftest import needs_dev_shm
from slotring.compat import _attachment, _holds
from slotring.compat.shared_ring_buffer import (
    PlainIndexWarning,
    RingBufferSlot,
    SharedMemoryRingBuffer,
    attach_to_ring_buffer,
)

SLOTS, SIZE = 8, 1024


@pytest.fixture
def buffer(name: str) -> Iterator[SharedMemoryRingBuffer]:
    made = SharedMemoryRingBuffer(name, SLOTS * SIZE, SIZE)
    yield made
    made.cleanup()


def filled(buffer: SharedMemoryRingBuffer, data: bytes) -> RingBufferSlot:
    slot = buffer.allocate(len(data))
    assert slot is not None
    slot.view[: len(data)] = data
    buffer.mark_ready(slot.index, len(data))
    return slot


def read(buffer: SharedMemoryRingBuffer, index: int, size: int) -> bytes:
    assert buffer.acquire_for_read(index, size)
    data = bytes(buffer.get_slot_view(index)[:size])
    buffer.release(index)
    return data


def test_a_message_goes_from_allocate_to_release(buffer: SharedMemoryRingBuffer) -> None:
    slot = buffer.allocate(5)
    assert slot is not None and slot.max_size == SIZE and slot.offset == slot.index * SIZE
    assert len(slot.view) == SIZE and buffer.get_slot_occupancy()["writing"] == 1
    assert not buffer.acquire_for_read(slot.index)  # still being written
    slot.view[:5] = b"hello"
    buffer.mark_ready(slot.index, 5)
    assert read(buffer, slot.index, 5) == b"hello"
    assert buffer.get_stats() == (5, 5)


def test_sizes_are_rounded_and_too_large_is_none(name: str) -> None:
    buffer = SharedMemoryRingBuffer(name, 8 * 1000 + 999, 1000)
    assert (buffer.slot_count, buffer.total_size) == (8, 8000)
    assert buffer.allocate(1001) is None and buffer.allocate(1000) is not None
    buffer.cleanup()


def test_get_and_release_gives_the_slot_back(buffer: SharedMemoryRingBuffer) -> None:
    for number in range(20 * SLOTS):
        data = b"%d" % number
        assert read(buffer, filled(buffer, data).index, len(data)) == data
    stats = buffer._attached().ring.stats()
    assert stats.published == 20 * SLOTS and stats.missed == 0 and stats.slots_held <= SLOTS


def test_full_is_none_and_overwrites_nothing(buffer: SharedMemoryRingBuffer) -> None:
    slots = [filled(buffer, b"%d" % number) for number in range(SLOTS)]
    assert buffer.allocate(1) is None
    assert [read(buffer, slot.index, 1) for slot in slots] == [b"%d" % number for number in range(SLOTS)]
    assert buffer.allocate(1) is not None


def test_a_hold_ends_when_its_time_is_over(buffer: SharedMemoryRingBuffer, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(SLOTS):
        filled(buffer, b"x")
    assert buffer.allocate(1) is None
    monkeypatch.setattr(_holds, "HOLD_SECONDS", 0.0)
    assert buffer.allocate(1) is not None


def test_what_the_thread_gives_back_meanwhile_is_found(buffer: SharedMemoryRingBuffer, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(SLOTS):
        filled(buffer, b"x")
    monkeypatch.setattr(_holds, "HOLD_SECONDS", 0.0)
    holds, cursors = buffer._attached().holds, _holds.cursors

    def late(ring: slotring.Ring) -> list[int]:
        monkeypatch.setattr(_holds, "cursors", cursors)
        thread = threading.Thread(target=holds.settle)
        thread.start()
        thread.join()
        return cursors(ring)

    monkeypatch.setattr(_holds, "cursors", late)
    assert buffer.allocate(1) is not None


def test_a_consumer_that_stands_still_costs_one_budget(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_attachment, "READ_BUDGET_SECONDS", 0.05)
    monkeypatch.setattr(_holds, "HOLD_SECONDS", 0.0)
    buffer = SharedMemoryRingBuffer(name, SLOTS * SIZE, SIZE)
    first = filled(buffer, b"x")
    assert read(buffer, first.index, 1) == b"x"
    stuck = [filled(buffer, b"y").index for _ in range(SLOTS)]
    assert buffer.allocate(1) is None
    wait = threading.Event()
    while (slot := buffer.allocate(1)) is None:
        wait.wait(0.01)  # the suite's limit of time ends this, if the budget does not
    buffer.mark_ready(slot.index, 1)
    with pytest.raises(slotring.StaleError):
        buffer.acquire_for_read(stuck[0])
    assert buffer.acquire_for_read(slot.index)
    buffer.cleanup()


def test_a_stale_index_raises_and_gives_no_other_bytes(buffer: SharedMemoryRingBuffer) -> None:
    old = filled(buffer, b"old").index
    assert read(buffer, old, 3) == b"old"
    for number in range(2 * SLOTS):
        read(buffer, filled(buffer, b"new").index, 3)
    for call in (buffer.acquire_for_read, buffer.get_slot_view, buffer.get_slot_address):
        with pytest.raises(slotring.StaleError):
            call(old)


def test_an_index_carries_its_ticket_through_pickle_and_json(buffer: SharedMemoryRingBuffer) -> None:
    for number in range(20):  # a sequence of more than one hexadecimal digit, too
        slot = buffer.allocate(1)
        assert slot is not None
        early = slot.index
        buffer.mark_ready(slot.index, 1)
        for index in (early, slot.index, pickle.loads(pickle.dumps(early)), json.loads(json.dumps(slot.index))):
            assert buffer.acquire_for_read(index, 1)
            buffer.release(index)


def test_a_plain_index_works_with_a_warning(buffer: SharedMemoryRingBuffer) -> None:
    slot = buffer.allocate(1)
    assert slot is not None
    plain = int(slot.index)
    buffer.mark_ready(plain, 1)  # its writer knows what it means
    with pytest.warns(PlainIndexWarning, match="names what is in it now"):
        assert buffer.acquire_for_read(plain, 1)
    with pytest.warns(PlainIndexWarning):
        buffer.release(plain)
    with pytest.warns(PlainIndexWarning):
        assert not buffer.acquire_for_read((plain + 1) % SLOTS)
    with pytest.raises(slotring.InvalidError):
        buffer.acquire_for_read(SLOTS)
    with pytest.raises(slotring.InvalidError):
        buffer.acquire_for_read(-1)


def test_an_index_of_an_earlier_allocation_publishes_nothing(buffer: SharedMemoryRingBuffer) -> None:
    first = buffer.allocate(1)
    assert first is not None
    early = first.index
    first.release()
    others = [buffer.allocate(1) for _ in range(SLOTS)]  # one of them has the same slot
    buffer.mark_ready(early, 1)
    assert None not in others and buffer.get_slot_occupancy() == {"free": 0, "writing": SLOTS, "ready": 0}


def test_only_its_writer_publishes_and_only_once(buffer: SharedMemoryRingBuffer) -> None:
    slot = filled(buffer, b"x")
    buffer.mark_ready(slot.index, 1)
    assert buffer.get_stats() == (1, 0)


def test_release_of_a_slot_that_is_written_publishes_nothing(buffer: SharedMemoryRingBuffer) -> None:
    slot = buffer.allocate(1)
    assert slot is not None
    slot.view[:1] = b"x"
    slot.release()
    assert buffer.get_slot_occupancy()["free"] == SLOTS and buffer.get_stats() == (0, 0)


def test_a_message_that_nobody_read_is_withdrawn_by_its_producer(buffer: SharedMemoryRingBuffer) -> None:
    slot = filled(buffer, b"x")
    slot.release()
    assert buffer.get_slot_occupancy()["free"] == SLOTS
    with pytest.raises(slotring.StaleError):
        buffer.acquire_for_read(slot.index)
    slot.release()  # once more: changes nothing


def test_a_release_too_many_takes_nothing_from_another_reader(buffer: SharedMemoryRingBuffer) -> None:
    slot = filled(buffer, b"kept")
    with slotring.open(buffer.name, mode="attach") as other:
        message = other.acquire(buffer._attached().ticket(slot.index))
        assert buffer.acquire_for_read(slot.index)
        for _ in range(4):
            buffer.release(slot.index)
        for _ in range(2 * SLOTS):
            read(buffer, filled(buffer, b"late").index, 4)
        assert message.tobytes() == b"kept"


def test_a_view_keeps_its_message_after_release(buffer: SharedMemoryRingBuffer) -> None:
    slot = filled(buffer, b"kept")
    assert buffer.acquire_for_read(slot.index)
    view = buffer.get_slot_view(slot.index)
    array = (ctypes.c_char * 4).from_buffer(view)  # as the older code does; it needs a view that can be written to
    buffer.release(slot.index)
    del view
    gc.collect()
    for _ in range(3 * SLOTS):
        read(buffer, filled(buffer, b"late").index, 4)
    assert array.raw == b"kept"


def test_a_writer_s_view_that_lives_on_writes_to_no_other_message(buffer: SharedMemoryRingBuffer) -> None:
    slot = buffer.allocate(4)
    assert slot is not None
    view = slot.view
    view[:4] = b"mine"
    buffer.mark_ready(slot.index, 4)
    later = []
    for _ in range(SLOTS - 1):
        later.append(filled(buffer, b"late").index)
        assert buffer.acquire_for_read(later[-1])
    view[:4] = b"XXXX"
    assert all(bytes(buffer.get_slot_view(index)[:4]) == b"late" for index in later)


def test_an_address_is_good_as_long_as_its_attached_buffer_lives(buffer: SharedMemoryRingBuffer) -> None:
    slot = filled(buffer, b"kept")
    reader = attach_to_ring_buffer(buffer.name)
    assert reader.acquire_for_read(slot.index)
    address = reader.get_slot_address(slot.index)
    attach_to_ring_buffer(buffer.name).release(slot.index)
    for _ in range(3 * SLOTS):
        read(buffer, filled(buffer, b"late").index, 4)
    assert ctypes.string_at(address, 4) == b"kept"
    held = buffer._attached().ring.stats().slots_held
    del reader
    assert buffer._attached().ring.stats().slots_held == held - 1


def test_what_is_never_released_ends_with_its_attached_buffer(buffer: SharedMemoryRingBuffer) -> None:
    for _ in range(5 * SLOTS):
        slot = filled(buffer, b"x")
        assert attach_to_ring_buffer(buffer.name).acquire_for_read(slot.index)


def test_an_arrow_table_outlives_the_release(buffer: SharedMemoryRingBuffer) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    numbers = pyarrow.table({"a": list(range(20))})
    slot = buffer.allocate(SIZE)
    assert slot is not None
    sink = pyarrow.FixedSizeBufferWriter(pyarrow.py_buffer(slot.view))
    with pyarrow.ipc.new_stream(sink, numbers.schema) as stream:
        stream.write_table(numbers)
    size = sink.tell()
    sink.close()
    buffer.mark_ready(slot.index, size)

    reader = attach_to_ring_buffer(buffer.name, buffer.total_size, buffer.slot_size)
    assert reader.acquire_for_read(slot.index, size)
    memory = pyarrow.foreign_buffer(reader.get_slot_address(slot.index), size, base=reader)
    table = pyarrow.ipc.open_stream(memory).read_all()
    reader.release(slot.index)
    del reader, memory, slot, sink
    for _ in range(3 * SLOTS):
        read(buffer, filled(buffer, b"z" * SIZE).index, SIZE)
    assert table.equals(numbers)


def test_any_name_of_the_older_module_names_a_ring(name: str) -> None:
    names = [f"{name}/a+b==", f"{name}%2Fa+b==", f"{name}\\"]
    buffers = [SharedMemoryRingBuffer(each, SLOTS * SIZE, SIZE) for each in names]
    slots = [filled(each, each.name.encode()) for each in buffers]
    for each, slot in zip(buffers, slots):
        assert read(attach_to_ring_buffer(each.name), slot.index, len(each.name)) == each.name.encode()
        each.cleanup()
    assert not [entry for entry in slotring.list_rings() if entry.name.startswith(name)]


def test_a_ring_with_other_sizes_is_refused_with_both(buffer: SharedMemoryRingBuffer) -> None:
    buffer._ensure_initialized()
    for create in (True, False):
        other = SharedMemoryRingBuffer(buffer.name, 4 * 2048, 2048, create)
        with pytest.raises(slotring.GeometryError, match="8 slots of 1024 bytes, not 4 of 2048"):
            other.allocate(1)
    assert attach_to_ring_buffer(buffer.name).allocate(1) is not None  # with the defaults: the sizes of the ring


@needs_dev_shm
def test_a_file_that_is_no_ring_is_not_adopted(name: str) -> None:
    with slotring.open(name, mode="create", slot_size=SIZE, total_size=SIZE):
        segment = Path("/dev/shm") / f"slotring.{name}"
        assert segment.exists()
    segment.write_bytes(bytes(4096))
    with pytest.raises(slotring.Error):
        SharedMemoryRingBuffer(name, SLOTS * SIZE, SIZE).allocate(1)


def test_attaching_does_not_make_a_ring(name: str) -> None:
    with pytest.raises(FileNotFoundError):
        attach_to_ring_buffer(name).allocate(1)


def test_attaching_for_each_message_opens_the_ring_once(buffer: SharedMemoryRingBuffer) -> None:
    buffer._ensure_initialized()
    for _ in range(5):
        attach_to_ring_buffer(buffer.name)._ensure_initialized()
    assert buffer._attached().ring.stats().participants == 1


def test_a_ring_that_was_removed_and_made_again_is_followed(buffer: SharedMemoryRingBuffer) -> None:
    old = filled(buffer, b"old").index
    assert buffer.acquire_for_read(old, 3)
    kept = buffer.get_slot_view(old)
    slotring.unlink(buffer.name, "force")
    with slotring.open(buffer.name, mode="create", total_size=SLOTS * SIZE, slot_size=SIZE) as made:
        text = str(made.publish(b"new")).split("-")
        index = 1 << 256 | int(text[1], 16) << 128 | int(text[2], 16) << 64 | int(text[3], 16) << 32
        assert read(buffer, index, 3) == b"new"
        with pytest.raises(slotring.ForeignError):
            buffer.acquire_for_read(old)
        filled(buffer, b"more")
        assert made.stats().published == 2 and bytes(kept[:3]) == b"old"


def test_threads_share_a_buffer_and_never_read_other_bytes(buffer: SharedMemoryRingBuffer) -> None:
    right: list[object] = []
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(200):
            data = b"%d-%d" % (number, turn)
            while (slot := buffer.allocate(len(data))) is None:
                threading.Event().wait(0.001)
            slot.view[: len(data)] = data
            buffer.mark_ready(slot.index, len(data))
            got: object
            try:
                got = read(buffer, slot.index, len(data))
            except slotring.StaleError:
                continue  # this thread stood still while the others went on by more than half of the slots
            except BaseException as error:
                got = error
            (right if got == data else wrong).append(got)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and len(right) > 300
    assert buffer._attached().ring.check() == []
