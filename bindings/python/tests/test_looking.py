# SPDX-License-Identifier: Apache-2.0
"""Tickets, and what a ring tells of itself."""

from __future__ import annotations

import dataclasses
import os
import pickle

import pytest

import slotring
from conftest import SLOT_SIZE, SLOTS


def test_a_ticket_is_a_value(ring: slotring.Ring) -> None:
    ticket = ring.publish(b"x")
    assert pickle.loads(pickle.dumps(ticket)) == ticket == slotring.Ticket(str(ticket))
    assert hash(ticket) == hash(slotring.Ticket(str(ticket))) and ticket != ring.publish(b"y")
    assert ticket.ring_id == ring.info().ring_id and (ticket.sequence, ticket.flags) == (0, 0)
    assert eval(repr(ticket)) == ticket
    with pytest.raises(slotring.InvalidError):
        slotring.Ticket("not a ticket")
    with pytest.raises(TypeError):
        ticket < ticket


def test_a_message_is_acquired_held_and_freed_by_its_ticket(ring: slotring.Ring) -> None:
    ticket = ring.publish(b"hello")
    assert ring.ticket_at(ticket.slot) == ticket
    with pytest.raises(slotring.NotReadyError):
        ring.ticket_of_writer(0)
    with ring.acquire(ticket) as message:
        assert memoryview(message) == b"hello"
    copy = ring.copy(ticket)
    assert copy.copied and copy.tobytes() == b"hello"
    ring.hold(ticket)
    assert ring.stats().slots_held == 1
    ring.release_ticket(ticket)
    with pytest.raises(slotring.NotHeldError):
        ring.release_ticket(ticket)
    ring.free(ticket)
    for call in (ring.acquire, ring.copy, ring.free, ring.hold):
        with pytest.raises(slotring.StaleError):
            call(ticket)


def test_a_message_that_is_kept_is_there_until_its_ticket_was_sent(ring: slotring.Ring) -> None:
    ticket = ring.publish(b"first", keep=True)
    for _ in range(3 * SLOTS):
        ring.publish(b"x")
    assert ring.acquire(ticket).tobytes() == b"first"
    ring.release_ticket(ticket)


def test_a_message_keeps_its_own_hold(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(b"first")
        message = reader.next()
        view = memoryview(message)
        with pytest.raises(slotring.NotHeldError):
            ring.release_ticket(message.ticket)
        ring.hold(message.ticket)
        ring.hold(message.ticket)
        ring.release_ticket(message.ticket)
        ring.release_ticket(message.ticket)
        with pytest.raises(slotring.NotHeldError):
            ring.release_ticket(message.ticket)
        for _ in range(2 * SLOTS):
            ring.publish(b"later")
            reader.next()
        assert view == b"first" and ring.stats().slots_held == 1


def test_a_slot_that_is_kept_is_let_go_once(ring: slotring.Ring) -> None:
    slot = ring.allocate(1)
    ticket = slot.mark_ready(keep=True)
    ring.release_ticket(ticket)
    with pytest.raises(slotring.NotHeldError):
        ring.release_ticket(ticket)
    assert ring.stats().slots_held == 0


def test_a_foreign_ticket_is_refused(ring: slotring.Ring, name: str) -> None:
    with slotring.open(f"{name}-other", slot_size=4096, total_size=1 << 18) as other:
        try:
            with pytest.raises(slotring.ForeignError):
                ring.acquire(other.publish(b"x"))
        finally:
            slotring.unlink(f"{name}-other", "force")


def test_what_a_ring_tells_is_frozen_and_right(ring: slotring.Ring) -> None:
    with ring.reader(name="mine", mode="lossy", every=2, tag=3, tag_mask=7) as reader:
        ring.publish(bytes(100), tag=3)
        info, stats = ring.info(), ring.stats()
        assert (info.name, info.slot_size, info.slot_count) == (ring.name, SLOT_SIZE, SLOTS)
        assert (info.when_full, info.time_stamps, info.access, info.numa_node) == ("overwrite", "none", "owner", None)
        assert (stats.published, stats.bytes_written, stats.readers, stats.participants) == (1, 100, 1, 1)
        [participant] = ring.participants()
        assert participant.pid == os.getpid() and participant.producing and participant.life == "running"
        [row] = ring.readers()
        assert row == reader.info()
        assert (row.name, row.mode, row.every, row.tag_mask, row.tag_match) == ("mine", "lossy", 2, 7, 3)
        for value in (info, stats, participant, row):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, "index", 1)


def test_the_bytes_that_a_reader_was_given_count_once(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        ring.publish(bytes(100))
        reader.next()
        assert (ring.stats().bytes_read, reader.info().bytes_read) == (100, 100)


def test_check_recover_list_and_unlink(ring: slotring.Ring) -> None:
    ring.publish(b"x")
    assert ring.check() == []
    assert ring.recover() == slotring.Recovery(participants=0, slots_freed=0, published=0, holds=0, readers=0)
    [entry] = [entry for entry in slotring.list_rings() if entry.name == ring.name]
    assert (entry.status, entry.participants, entry.published) == (0, 1, 1)
    with pytest.raises(slotring.BusyError):
        slotring.unlink(ring.name)
    slotring.unlink(ring.name, "when_unused")
    assert ring.info().remove_when_unused
    ring.close()
    with pytest.raises(slotring.NotFoundError):
        slotring.open(ring.name, mode="attach")
    with pytest.raises(ValueError, match="if_unused"):
        slotring.unlink(ring.name, "now")  # type: ignore[arg-type]


def test_a_ring_has_a_description(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=1 << 18, description=b'{"a": 1}\0') as ring:
        assert ring.description() == b'{"a": 1}\0'


def test_an_existing_ring_with_other_sizes_is_refused(ring: slotring.Ring) -> None:
    with pytest.raises(slotring.GeometryError):
        slotring.open(ring.name, slot_size=2 * SLOT_SIZE)


def test_versions() -> None:
    assert slotring.__version__ == slotring.library_version()
