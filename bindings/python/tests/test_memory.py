# SPDX-License-Identifier: Apache-2.0
"""The memory of a slot stays as it is as long as somebody can look at it, and goes back at once afterwards."""

from __future__ import annotations

import gc
import io
import weakref

import pytest

import slotring


def held(ring: slotring.Ring) -> int:
    return ring.stats().slots_held


def test_a_message_holds_its_slot_until_the_last_view_is_gone(ring: slotring.Ring) -> None:
    numpy = pytest.importorskip("numpy")
    with ring.reader() as reader:
        ring.publish(b"first")
        message = reader.next()
        view, array = memoryview(message), numpy.frombuffer(message, dtype="uint8")
        message.release()
        del message
        for number in range(200):  # the ring goes round three times
            ring.publish(b"later", tag=number)
            reader.next()
        assert held(ring) == 1 and view == b"first" and array.tobytes() == b"first"
        view.release()
        assert held(ring) == 1 and array.tobytes() == b"first"
        del array
        assert held(ring) == 0


def test_release_gives_the_slot_back_at_once_if_nothing_points_there(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"x")
        message = reader.next()
        assert held(ring) == 1 and bytes(message) == b"x"
        message.release()
        assert held(ring) == 0 and message.released
        message.release()
        for call in (message.tobytes, lambda: memoryview(message), message.__enter__):
            with pytest.raises(ValueError, match="given back"):
                call()


def test_with_releases(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"x")
        with reader.next() as message:
            assert held(ring) == 1
        assert held(ring) == 0 and message.released


def test_an_array_that_keeps_no_export_keeps_the_slot_all_the_same(ring: slotring.Ring) -> None:
    """numpy.ndarray(buffer=...) gives the export back at once and keeps the address, and the object."""
    numpy = pytest.importorskip("numpy")
    with ring.reader() as reader:
        ring.publish(b"first")
        message = reader.next()
        array = numpy.ndarray(5, dtype="uint8", buffer=message)
        message.release()
        del message
        for _ in range(200):
            ring.publish(b"later")
            reader.next()
        assert array.tobytes() == b"first" and held(ring) == 1
        with pytest.raises(BufferError, match="message 0"):
            ring.close()
        del array
        assert held(ring) == 0


def test_what_only_reads_does_not_keep_the_slot(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"x")
        message = reader.next()
        file = io.BytesIO()
        file.write(message)
        assert bytes(message) == file.getvalue() == b"x"
        message.release()
        assert held(ring) == 0


def test_a_message_is_read_only_and_a_slot_is_not(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slot = ring.allocate(3)
        with memoryview(slot) as view:
            assert not view.readonly
            view[:] = b"abc"
        slot.mark_ready()
        message = reader.next()
        assert memoryview(message).readonly
        with pytest.raises(TypeError, match="read-write"):
            io.BytesIO(b"xyz").readinto(message)


def test_a_slot_is_not_published_while_somebody_can_write_there(ring: slotring.Ring) -> None:
    slot = ring.allocate(3)
    view = memoryview(slot)
    for call in (slot.mark_ready, slot.abort):
        with pytest.raises(BufferError, match="in use"):
            call()
    assert ring.stats().slots_writing == 1
    view.release()
    slot.mark_ready()
    assert ring.stats().published == 1


def test_a_publication_that_was_refused_leaves_no_tag(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slot = ring.allocate(3)
        with memoryview(slot), pytest.raises(BufferError):
            slot.mark_ready(tag=5)
        slot.mark_ready()
        assert reader.next().tag == 0


def test_a_view_that_an_argument_makes_counts(ring: slotring.Ring) -> None:
    slot = ring.allocate(3)
    views: list[memoryview] = []

    class Keep:
        def __bool__(self) -> bool:
            views.append(memoryview(slot))
            return False

    with pytest.raises(BufferError):
        slot.mark_ready(keep=Keep())  # type: ignore[arg-type]
    assert ring.stats().published == 0
    views[0].release()


def test_a_slot_that_is_left_with_a_view_goes_back_with_the_view(ring: slotring.Ring) -> None:
    with ring.allocate(3) as slot:
        view = memoryview(slot)
    assert ring.stats().slots_writing == 1
    view[:] = b"abc"
    view.release()
    assert ring.stats().slots_writing == 0


def test_slots_are_read_into(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slot = ring.allocate(3)
        assert io.BytesIO(b"abcdef").readinto(slot) == 3
        slot.mark_ready()
        del slot  # somebody may have kept its address: the ring would not close
        assert reader.next().tobytes() == b"abc"


def test_any_number_of_messages_lives_at_once_as_far_as_the_ring_grants(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=64 * 4096, max_holds=64) as ring, ring.reader() as reader:
        for number in range(40):
            ring.publish(b"%d" % number)
        messages = reader.batch(40)
        assert [bytes(m) for m in messages] == [b"%d" % n for n in range(40)] and held(ring) == 40
        while messages:
            messages.pop(len(messages) // 2)
        assert held(ring) == 0


def test_a_reader_that_holds_too_much_is_told_and_loses_nothing(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        for number in range(20):
            ring.publish(b"x", tag=number)
        messages = reader.batch(20)
        assert [m.tag for m in messages] == list(range(8))  # an eighth of the slots
        for _ in range(2):
            with pytest.raises(slotring.HoldsError, match="may hold 8"):
                reader.next()
        messages.clear()
        assert [reader.next().tag for _ in range(12)] == list(range(8, 20))
        info = reader.info()
        assert (info.delivered, info.missed) == (20, 0)


def test_a_message_that_was_withdrawn_comes_as_a_copy(ring: slotring.Ring) -> None:
    """A lossless reader still gets what was freed, and no ticket leads there any more."""
    with ring.reader() as reader:
        ring.free(ring.publish(b"gone"))
        message = reader.next()
        assert message.copied and memoryview(message) == b"gone" and message.tobytes() == b"gone"
        message.release()
        assert held(ring) == 0


def test_messages_are_not_leaked(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        for _ in range(1000):
            ring.publish(b"x")
            reader.next()
        assert held(ring) == 0
    reference = weakref.ref(ring)
    assert reference() is ring
    gc.collect()
    assert ring.check() == []
