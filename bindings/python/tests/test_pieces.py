# SPDX-License-Identifier: Apache-2.0
"""A message of several slots is read and written in place, piece by piece, and parts of a message are copied."""

from __future__ import annotations

import gc
import io
import os
import pickle
from pathlib import Path

import numpy
import pytest

import slotring
from conftest import SLOT_SIZE

LARGE = numpy.random.default_rng(3).bytes(3 * SLOT_SIZE + 5)


def test_the_pieces_are_the_message(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(LARGE)
        pieces = reader.next().in_pieces()  # they keep the message
        assert [len(piece) for piece in pieces] == [SLOT_SIZE, SLOT_SIZE, SLOT_SIZE, 5]
        assert [piece.position for piece in pieces] == [number * SLOT_SIZE for number in range(4)]
        assert len({piece.index for piece in pieces}) == 4 and pieces[3].nbytes == 5
        assert b"".join(pieces) == LARGE
        assert all(memoryview(piece).readonly for piece in pieces)
        assert "5 bytes from 12288 on" in repr(pieces[3])


@pytest.mark.skipif(not hasattr(os, "writev"), reason="this system has no writev()")
def test_pieces_go_into_a_file_with_one_call(ring: slotring.Ring, tmp_path: Path) -> None:
    with ring.reader() as reader, open(tmp_path / "file", "wb") as file:
        ring.publish(LARGE)
        assert os.writev(file.fileno(), reader.next().in_pieces()) == len(LARGE)
    assert (tmp_path / "file").read_bytes() == LARGE


def test_a_slot_of_several_pieces_is_filled_in_place(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slot = ring.allocate(len(LARGE))
        pieces = slot.in_pieces()
        assert [len(piece) for piece in pieces] == [SLOT_SIZE, SLOT_SIZE, SLOT_SIZE, 5]  # as many as were asked for
        for piece in pieces:
            with memoryview(piece) as view:
                view[:] = LARGE[piece.position : piece.position + len(piece)]
        slot.mark_ready()
        assert reader.next().tobytes() == LARGE
        with pytest.raises(ValueError, match="given back"):
            memoryview(pieces[0])
        with pytest.raises(ValueError, match="given back"):
            slot.in_pieces()


def test_a_reservation_has_pieces(ring: slotring.Ring) -> None:
    with ring.reader() as reader, ring.writer() as writer:
        slot = writer.reserve(len(LARGE))
        assert io.BytesIO(LARGE).readinto(slot.in_pieces()[0]) == SLOT_SIZE
        for piece in slot.in_pieces()[1:]:
            numpy.frombuffer(piece, dtype="uint8")[:] = numpy.frombuffer(LARGE, dtype="uint8")[
                piece.position : piece.position + len(piece)
            ]
        slot.mark_ready()
        del slot, piece
        assert reader.next().tobytes() == LARGE


def test_a_small_message_has_one_piece(ring: slotring.Ring) -> None:
    with ring.reader() as reader, ring.writer() as writer:
        ring.publish(b"slot")
        writer.append(b"record")
        ring.publish(b"")
        ring.free(ring.publish(b"copy"))
        for data in (b"slot", b"", b"copy", b"record"):
            message = reader.next()
            (piece,) = message.in_pieces()
            assert bytes(piece) == data and (piece.position, piece.index) == (0, message.index)
        slot = ring.allocate(10)
        (piece,) = slot.in_pieces()
        with memoryview(piece) as view:
            view[:] = b"0123456789"
        slot.mark_ready()
        assert reader.next().tobytes() == b"0123456789"


def test_a_message_that_was_withdrawn_has_one_piece_also_if_it_was_large(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.free(ring.publish(LARGE))
        message = reader.next()
        (piece,) = message.in_pieces()
        assert message.copied and bytes(piece) == LARGE and memoryview(message) == LARGE


def test_a_view_of_a_piece_keeps_the_whole_message(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(LARGE)
        message = reader.next()
        view = memoryview(message.in_pieces()[2])
        message.release()
        assert ring.stats().slots_held == 4 and view == LARGE[2 * SLOT_SIZE : 3 * SLOT_SIZE]
        with pytest.raises(BufferError, match="1 views"):
            ring.close()
        for _ in range(200):  # the ring goes round three times
            ring.publish(b"later")
            reader.next()
        assert view == LARGE[2 * SLOT_SIZE : 3 * SLOT_SIZE]
        view.release()
        assert ring.stats().slots_held == 0
        with pytest.raises(ValueError, match="given back"):
            message.in_pieces()


def test_a_slot_is_not_published_under_a_view_of_a_piece(ring: slotring.Ring) -> None:
    slot = ring.allocate(len(LARGE))
    view = memoryview(slot.in_pieces()[1])
    for call in (slot.mark_ready, slot.abort):
        with pytest.raises(BufferError, match="in use"):
            call()
    view.release()
    slot.mark_ready()


def test_an_array_that_keeps_no_export_of_a_piece_keeps_the_message(ring: slotring.Ring) -> None:
    """numpy.ndarray(buffer=...) gives the export back at once and keeps the address, and the object."""
    with ring.reader() as reader:
        ring.publish(LARGE)
        message = reader.next()
        array = numpy.ndarray(5, dtype="uint8", buffer=message.in_pieces()[3])
        message.release()
        del message
        gc.collect()
        for _ in range(200):
            ring.publish(b"later")
            reader.next()
        assert array.tobytes() == LARGE[-5:] and ring.stats().slots_held == 4
        del array
        assert ring.stats().slots_held == 0


def test_pieces_end_with_their_ring(name: str) -> None:
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=16 * SLOT_SIZE) as ring, ring.reader() as reader:
        ring.publish(LARGE)
        message = reader.next()
        pieces = message.in_pieces()
    with pytest.raises(slotring.ClosedError):
        memoryview(pieces[0])
    with pytest.raises(slotring.ClosedError):
        message.in_pieces()
    with pytest.raises(TypeError):
        pickle.dumps(pieces[0])


def test_a_part_of_a_message_is_copied(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(LARGE)
        ring.publish(b"0123456789")
        ring.free(ring.publish(b"abcdefghij"))
        for data in (LARGE, b"0123456789", b"abcdefghij"):
            message = reader.next()
            for offset, nbytes in ((0, 4), (3, 5), (len(data) - 2, 2), (SLOT_SIZE - 1, 3), (len(data), 0)):
                if offset <= len(data):
                    buffer = bytearray(len(data))
                    wanted = data[offset : offset + nbytes]
                    assert message.copy_into(buffer, offset, nbytes) == len(wanted)
                    assert buffer[: len(wanted)] == wanted and not any(buffer[len(wanted) :])
            rest = bytearray(len(data) - 1)
            assert message.copy_into(rest, offset=1) == len(data) - 1 and rest == data[1:]
            assert message.copy_into(bytearray(8), offset=len(data) - 1, nbytes=8) == 1
            with pytest.raises(ValueError, match="offset"):
                message.copy_into(rest, offset=len(data) + 1)
            with pytest.raises(ValueError, match="only 3"):
                message.copy_into(bytearray(3), nbytes=4)
            for wrong in (-1, 1 << 64):
                with pytest.raises(ValueError):
                    message.copy_into(rest, wrong)
                with pytest.raises(ValueError):
                    message.copy_into(rest, 0, wrong)
