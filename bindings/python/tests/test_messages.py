# SPDX-License-Identifier: Apache-2.0
"""Messages go from a producer to a reader, with all that belongs to them."""

from __future__ import annotations

import random

import pytest

import slotring
from conftest import SLOT_SIZE


def test_a_message_is_what_was_published(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ticket = ring.publish(b"hello", tag=7)
        message = reader.next()
        assert message.tobytes() == b"hello" and bytes(message) == b"hello"
        assert (message.tag, message.sequence, message.nbytes, len(message)) == (7, 0, 5, 5)
        assert (message.kind, message.pieces, message.number, message.writer) == ("slot", 1, None, None)
        assert message.ticket == ticket
        assert "sequence 0" in repr(message) and ring.name in repr(message)


def test_a_slot_is_filled_in_place(ring: slotring.Ring) -> None:
    numpy = pytest.importorskip("numpy")
    with ring.reader() as reader:
        slot = ring.allocate(400)
        array = slot.array("float32", (10, 10))
        array[:] = numpy.arange(100, dtype="float32").reshape(10, 10)
        del array
        slot.mark_ready(tag=1)
        message = reader.next()
        read = message.array("float32", (10, 10))
        assert read[9, 9] == 99 and not read.flags.writeable and not message.array().flags.writeable


def test_as_many_bytes_are_published_as_the_producer_says(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slot = ring.allocate(100)
        assert len(slot) == 100 and slot.capacity == SLOT_SIZE
        slot.write(b"abc")
        slot.mark_ready(3)
        assert reader.next().tobytes() == b"abc"


def test_an_empty_message_is_a_message(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"")
        message = reader.next()
        assert len(message) == 0 and message.tobytes() == b""


def test_a_slot_that_was_not_published_goes_back(ring: slotring.Ring) -> None:
    with ring.allocate(10) as slot:
        assert ring.stats().slots_writing == 1
        slot.write(b"x")
    ring.allocate(10).abort()
    with pytest.raises(ZeroDivisionError), ring.allocate(10):
        raise ZeroDivisionError
    ring.allocate(10)  # nobody keeps it
    stats = ring.stats()
    assert (stats.slots_writing, stats.published, stats.aborted) == (0, 0, 4)


def test_a_slot_is_published_once(ring: slotring.Ring) -> None:
    slot = ring.allocate(1)
    slot.mark_ready()
    for call in (slot.mark_ready, slot.abort, lambda: memoryview(slot), lambda: slot.write(b"x")):
        with pytest.raises(ValueError, match="given back"):
            call()


def test_a_large_message_takes_several_slots(ring: slotring.Ring) -> None:
    large = random.Random(1).randbytes(3 * SLOT_SIZE + 5)
    with ring.reader() as reader:
        ring.publish(large, tag=9)
        message = reader.next()
        assert (message.kind, message.pieces, message.tag, len(message)) == ("span", 4, 9, len(large))
        assert message.tobytes() == large
        buffer = bytearray(len(large) + 1)
        assert message.copy_into(buffer) == len(large) and buffer[:-1] == large
        with pytest.raises(BufferError, match="tobytes"):
            memoryview(message)
    slot = ring.allocate(2 * SLOT_SIZE)
    with pytest.raises(BufferError, match="write"):
        memoryview(slot)
    slot.write(large[: 2 * SLOT_SIZE])
    assert ring.copy(slot.mark_ready()).tobytes() == large[: 2 * SLOT_SIZE]


def test_large_messages_come_whole_by_each_way(name: str) -> None:
    """These copies are made without the GIL."""
    large = random.Random(2).randbytes(200_000)
    with slotring.open(name, slot_size=1 << 17, total_size=16 << 17, max_holds=16) as ring, ring.reader() as reader:
        ticket = ring.publish(large)
        slot = ring.allocate(len(large))
        slot.write(large)
        slot.mark_ready()
        with ring.writer() as writer:
            writer.append(large[:100_000])
        ring.free(ring.publish(large[1:]))  # comes as a copy
        messages = [reader.next(0) for _ in range(4)]
        assert sorted(message.tobytes() for message in messages) == sorted(
            [large, large, large[:100_000], large[1:]]
        )
        assert sorted(message.copied for message in messages) == [False, False, False, True]
        assert ring.copy(ticket).tobytes() == large


def test_copies_go_into_a_buffer_of_the_caller(ring: slotring.Ring) -> None:
    numpy = pytest.importorskip("numpy")
    with ring.reader() as reader:
        data = numpy.arange(500, dtype="int64")
        ring.publish(data)
        message = reader.next()
        target = numpy.zeros(500, dtype="int64")
        assert message.copy_into(target) == data.nbytes and (target == data).all()
        with pytest.raises(ValueError, match="4000 bytes"):
            message.copy_into(bytearray(3999))
        with pytest.raises(BufferError):
            message.copy_into(b"not to write to")


def test_records_share_a_slot(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        with ring.writer() as writer:
            for number in range(10):
                writer.append(b"record %d" % number, tag=number)
            assert [w.records for w in ring.writers()] == [10]
        messages = reader.batch(8)
        messages += reader.batch(8)
        assert [m.tobytes() for m in messages] == [b"record %d" % n for n in range(10)]
        assert [m.tag for m in messages] == [m.number for m in messages] == list(range(10))
        assert {m.kind for m in messages} == {"record"}
        assert memoryview(messages[3]) == b"record 3"
        assert ring.acquire(messages[3].ticket).tobytes() == b"record 3"
    assert writer.closed
    with pytest.raises(slotring.ClosedError):
        writer.append(b"x")


def test_a_whole_stream_comes_in_order_and_ends(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        for number in range(20):
            ring.publish(b"x", tag=number)
        ring.end_stream()
        assert [message.tag for message in reader] == list(range(20))
        with pytest.raises(slotring.EndError):
            reader.next()


def test_a_full_ring_says_so(ring: slotring.Ring) -> None:
    # The reader of another handle: in a process with one thread nobody waits for a reader of its own.
    with slotring.open(ring.name, mode="attach") as other, other.reader():
        for _ in range(64):
            ring.publish(b"x")
        with pytest.raises(slotring.FullError):
            ring.publish(b"x", timeout=0)
        with pytest.raises(slotring.TimedOutError):
            ring.allocate(1, timeout=0.001)
        assert "64 messages behind" in ring.in_the_way()
        assert [(b.why, b.messages) for b in ring.blockers()] == [("lag", 64)]


def test_time_stamps_and_checksums(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=1 << 18, time_stamps="monotonic", checksums=True) as ring:
        with ring.reader(verify=True) as reader:
            ticket = ring.publish(b"x")
            assert reader.next().time_ns > 0
        ring.acquire(ticket).verify()
        assert ring.info().checksums and ring.info().time_stamps == "monotonic"
