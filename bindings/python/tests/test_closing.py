# SPDX-License-Identifier: Apache-2.0
"""A ring is not unmapped under what points into it."""

from __future__ import annotations

import gc
import io
import threading

import pytest

import slotring
from conftest import participants


def test_close_is_refused_while_memory_is_in_use(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"hello")
        view = memoryview(reader.next())
        with pytest.raises(BufferError, match="1 views.*message 0"):
            ring.close()
        assert not ring.closed and view == b"hello"
        ring.publish(b"more")  # nothing has changed
        assert reader.next().tobytes() == b"more"
        view.release()
    ring.close()
    assert ring.closed and participants(ring.name) == 0
    ring.close()


def test_the_end_of_with_waits_for_the_last_view_and_warns(name: str) -> None:
    with pytest.warns(ResourceWarning, match="message 0"):
        with slotring.open(name, slot_size=4096, total_size=1 << 18) as ring, ring.reader() as reader:
            ring.publish(b"hello")
            view = memoryview(reader.next())
    assert ring.closed and participants(name) == 1 and view == b"hello"
    with pytest.raises(slotring.ClosedError):
        ring.publish(b"x")
    view.release()
    assert participants(name) == 0


def test_messages_without_views_do_not_keep_a_ring(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=1 << 18) as ring, ring.reader() as reader:
        ring.publish(b"hello")
        for message in (reader.next(),):
            assert bytes(message) == b"hello"
    assert participants(name) == 0
    for call in (message.tobytes, lambda: memoryview(message)):
        with pytest.raises(slotring.ClosedError):
            call()
    message.release()


def test_everything_of_a_closed_ring_says_so(ring: slotring.Ring) -> None:
    reader, writer, slot = ring.reader(), ring.writer(), ring.allocate(1)
    ring.close()
    for call in (
        ring.stats,
        ring.reader,
        reader.next,
        reader.info,
        reader.stop,
        lambda: writer.append(b"x"),
        slot.mark_ready,
        lambda: memoryview(slot),
        ring.__enter__,
    ):
        with pytest.raises(slotring.ClosedError):
            call()
    assert reader.closed and writer.closed
    assert all("closed" in repr(thing) for thing in (ring, reader, writer))
    reader.close()
    writer.close()


def test_a_ring_that_nobody_refers_to_is_closed(name: str) -> None:
    ring = slotring.open(name, slot_size=4096, total_size=1 << 18)
    reader = ring.reader()
    del ring
    assert participants(name) == 1
    del reader
    gc.collect()
    assert participants(name) == 0


def test_a_closed_reader_leaves_its_messages(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"x")
        message = reader.next()
    assert message.tobytes() == b"x"
    with pytest.raises(slotring.ClosedError):
        reader.next()


def test_a_ring_that_is_closed_later_lets_go_of_all_but_the_views(name: str) -> None:
    """A thread gives its message and its reader back while the ring is closing; another reader was left open, and a writer."""
    has_taken = threading.Event()

    def run(reader: slotring.Reader) -> None:
        with reader:
            reader.next()
            message = reader.next()
            has_taken.set()
            try:
                reader.next()
            except (slotring.StoppedError, slotring.ClosedError):
                assert message.sequence == 1

    with slotring.open(name, slot_size=4096, total_size=1 << 18) as other:
        with pytest.warns(ResourceWarning), slotring.open(name, mode="attach") as ring:
            left, read, writer = ring.reader(), ring.reader(), ring.writer()
            ring.publish(b"first")
            ring.publish(b"second")
            view = memoryview(left.next())
            thread = threading.Thread(target=run, args=(read,))
            thread.start()
            has_taken.wait()
        thread.join()
        stats = other.stats()
        assert (stats.readers, stats.slots_held, stats.writers) == (0, 1, 0)
        assert stats.producers_ended == 1 and left.closed and writer.closed
        view.release()
        assert other.stats().participants == 1


def test_an_address_that_was_kept_of_a_slot_pins_the_ring(ring: slotring.Ring) -> None:
    """What was read into a slot may have kept its address: the package cannot know, so the slot object pins the ring."""
    slot = ring.allocate(3)
    assert io.BytesIO(b"abc").readinto(slot) == 3
    slot.mark_ready()
    with pytest.raises(BufferError):
        ring.close()
    del slot
    ring.close()
    assert ring.closed
