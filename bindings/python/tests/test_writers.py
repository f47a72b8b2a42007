# SPDX-License-Identifier: Apache-2.0
"""Writers: many messages with one call, room to fill in place, numbers that go on."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import pytest

import slotring
from conftest import SLOT_SIZE, SLOTS


def texts(reader: slotring.Reader, count: int) -> list[tuple[int, bytes]]:
    return [(message.tag, message.tobytes()) for message in (reader.next(0) for _ in range(count))]


# ---- Many messages with one call --------------------------------------------------------------------------------


def test_a_batch_has_all_messages_in_order(ring: slotring.Ring) -> None:
    wanted = [bytes([number]) * number for number in range(200)]
    with ring.reader() as reader, ring.writer() as writer:
        writer.append_batch(iter(wanted), tags=range(200))
        writer.append_batch([])
        assert texts(reader, 200) == list(enumerate(wanted))
        assert writer.number == 200


def test_a_batch_larger_than_the_ring_waits_for_its_reader(ring: slotring.Ring) -> None:
    wanted = [bytes([number % 256]) * 3000 for number in range(3 * SLOTS)]
    with ring.reader() as reader, ring.writer() as writer:
        thread = threading.Thread(target=writer.append_batch, args=(wanted,))
        thread.start()
        assert [reader.next(10).tobytes() for _ in wanted] == wanted
        thread.join()


def test_a_batch_that_ends_early_says_how_far_it_came(ring: slotring.Ring) -> None:
    wanted = [bytes([number % 256]) * 3000 for number in range(3 * SLOTS)]
    with ring.reader() as reader, ring.writer() as writer:
        with pytest.raises(slotring.FullError) as full:
            writer.append_batch(wanted, timeout=0)
        done = full.value.appended
        assert done is not None and 0 < done < len(wanted) and writer.number == done
        assert [reader.next(0).tobytes() for _ in range(done)] == wanted[:done]
        writer.append_batch(wanted[done : done + 1], timeout=0)
        assert reader.next(0).tobytes() == wanted[done]


def test_a_batch_of_wrong_things_writes_nothing(ring: slotring.Ring) -> None:
    with ring.reader() as reader, ring.writer() as writer:
        wrong: list[tuple[Callable[[], object], type[Exception]]] = [
            (lambda: writer.append_batch(5), TypeError),  # type: ignore[arg-type]
            (lambda: writer.append_batch([b"a", 5]), TypeError),  # type: ignore[list-item]
            (lambda: writer.append_batch(b"abc"), TypeError),  # type: ignore[arg-type]
            (lambda: writer.append_batch([b"a"], tags=[1, 2]), ValueError),
            (lambda: writer.append_batch([b"a"], tags=[-1]), ValueError),
            (lambda: writer.append_batch([b"a"], tags=["x"]), TypeError),  # type: ignore[list-item]
            (lambda: writer.append_batch([b"a"], timeout=-1), ValueError),
        ]
        for call, error in wrong:
            with pytest.raises(error):
                call()
        with pytest.raises(slotring.EmptyError):
            reader.next(0)
        with pytest.raises(slotring.TooLargeError) as large:
            writer.append_batch([b"a", bytes(2 * SLOTS * SLOT_SIZE)])
        assert large.value.appended == 1 and reader.next(0).tobytes() == b"a"


# ---- Room to fill in place --------------------------------------------------------------------------------------


def test_a_reservation_is_filled_in_place(ring: slotring.Ring) -> None:
    with ring.reader() as reader, ring.writer() as writer:
        writer.append(b"first")
        slot = writer.reserve(100)
        assert (len(slot), slot.number, slot.pieces) == (100, 1, 1) and slot.capacity >= 100
        with memoryview(slot) as view:
            view[:5] = b"hello"
        assert reader.next(0).tobytes() == b"first"
        with pytest.raises(slotring.EmptyError):
            reader.next(0)
        ticket = slot.mark_ready(5, tag=7)
        message = reader.next(0)
        assert (message.tag, message.number, message.tobytes()) == (7, 1, b"hello")
        assert message.ticket == ticket and ring.copy(ticket).tobytes() == b"hello"
        with pytest.raises(ValueError):
            slot.mark_ready()
        with pytest.raises(ValueError):
            memoryview(slot)


def test_a_reservation_of_several_slots(ring: slotring.Ring) -> None:
    data = bytes(range(256)) * 40
    with ring.reader() as reader, ring.writer() as writer:
        slot = writer.reserve(len(data))
        assert slot.pieces == 3
        with pytest.raises(BufferError):
            memoryview(slot)
        slot.write(data)
        slot.mark_ready()
        assert reader.next(0).tobytes() == data


def test_one_reservation_at_a_time(ring: slotring.Ring) -> None:
    with ring.reader() as reader, ring.writer() as writer:
        with writer.reserve(10):
            for call in (lambda: writer.append(b"x"), lambda: writer.reserve(1), lambda: writer.skip(1)):
                with pytest.raises(slotring.StateError):
                    call()
        writer.reserve(10).abort()
        writer.reserve(10)  # nobody keeps it
        gc.collect()
        writer.append(b"x")
        assert (reader.next(0).number, writer.number) == (0, 1)


def test_what_a_reservation_refuses(ring: slotring.Ring) -> None:
    with ring.writer() as writer:
        for size, error in ((-1, ValueError), ("x", TypeError), (2 * SLOTS * SLOT_SIZE, slotring.TooLargeError)):
            with pytest.raises(error):
                writer.reserve(size)  # type: ignore[arg-type]
        slot = writer.reserve(10)
        with pytest.raises(slotring.InvalidError, match="hold"):
            slot.mark_ready(keep=True)
        with pytest.raises(slotring.TooLargeError):
            slot.mark_ready(1 << 40)
        slot.mark_ready(0)


def test_a_writer_is_not_closed_under_a_view_of_its_reservation(ring: slotring.Ring) -> None:
    reader, writer = ring.reader(), ring.writer()
    slot = writer.reserve(10)
    view = memoryview(slot)
    for call in (slot.mark_ready, slot.abort, writer.close, ring.close):
        with pytest.raises(BufferError, match="views"):
            call()
    with writer:
        pass  # the end of `with` does not raise
    assert writer.closed and ring.stats().writers == 1
    view[:] = b"0123456789"
    with pytest.raises(ValueError):
        slot.mark_ready()
    with pytest.raises(slotring.ClosedError):
        writer.append(b"x")
    with pytest.raises(slotring.ClosedError):
        print(writer.number)
    view.release()
    assert ring.stats().writers == 0
    with pytest.raises(slotring.EmptyError):
        reader.next(0)


def test_a_reservation_goes_with_its_writer(ring: slotring.Ring) -> None:
    writer = ring.writer()
    slot = writer.reserve(10)
    writer.close()
    assert ring.stats().writers == 0
    for call in (slot.mark_ready, slot.abort, lambda: memoryview(slot)):
        with pytest.raises(ValueError):
            call()
    assert ring.stats().slots_free == SLOTS


def test_a_ring_whose_close_was_put_off_ends_with_the_view_of_a_reservation(name: str) -> None:
    with pytest.warns(ResourceWarning):
        with slotring.open(name, slot_size=SLOT_SIZE, total_size=SLOTS * SLOT_SIZE) as ring:
            view = memoryview(ring.writer().reserve(10))
    assert ring.closed
    view[:] = b"0123456789"
    with slotring.open(name, mode="observe") as eyes:
        assert eyes.stats().writers == 1
        view.release()
        assert eyes.stats().writers == 0 and eyes.stats().producers_died == 0


def test_a_reservation_that_goes_while_a_thread_uses_its_writer(ring: slotring.Ring) -> None:
    """The thread cancels it on its way out."""
    writer = ring.writer()
    kept = [writer.reserve(10)]
    errors: list[str] = []
    stop = threading.Event()

    def use() -> None:
        while not stop.is_set():
            time.sleep(0)  # outside of the writer, so that the other thread has its turn there
            try:
                writer.append(bytes(1 << 17), timeout=0)
            except (slotring.StateError, slotring.FullError) as error:
                errors.append(type(error).__name__)

    thread = threading.Thread(target=use)
    thread.start()
    for _ in range(200):
        kept.clear()
        while not kept:
            try:
                kept.append(writer.reserve(10, 0))
            except (slotring.StateError, slotring.FullError):
                pass
    stop.set()
    thread.join()
    kept.clear()
    writer.reserve(10).abort()  # the last one was cancelled
    writer.close()
    assert ring.stats().writers == 0 and errors


# ---- Numbers ----------------------------------------------------------------------------------------------------


def test_numbers_that_are_skipped_are_missed(ring: slotring.Ring) -> None:
    with ring.reader() as reader, ring.writer() as writer:
        writer.append(b"a")
        writer.skip(10)
        writer.skip(0)
        assert writer.number == 11
        writer.append(b"b")
        assert [reader.next(0).number for _ in range(2)] == [0, 11]
        assert reader.info().records_missed == 10
        with pytest.raises(slotring.InvalidError):
            writer.skip(1 << 63)


def test_a_copy_has_the_row_and_the_numbers_of_the_original(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        with ring.writer(row=3, first_number=1000) as writer:
            assert writer.number == 1000
            writer.append(b"x")
            with pytest.raises(slotring.WritersError):
                ring.writer(row=3)
        with ring.writer(row=3, first_number=0) as writer:
            writer.append(b"y")
        assert [(m.writer, m.number) for m in (reader.next(0), reader.next(0))] == [(3, 1000), (3, 1001)]
    for wrong in ({"row": 1 << 20}, {"first_number": 5}):
        with pytest.raises(slotring.InvalidError):
            ring.writer(**wrong)
    with pytest.raises(ValueError):
        ring.writer(row=-1)
