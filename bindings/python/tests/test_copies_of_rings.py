# SPDX-License-Identifier: Apache-2.0
"""What a program needs that copies a ring elsewhere: origins, proxies, gaps, and numbers."""

from __future__ import annotations

from typing import Any, Literal

import pytest

import slotring

SIZES: Any = {"slot_size": 4096, "total_size": 64 * 4096}


def test_a_copy_has_the_lineage_and_the_numbers_of_the_original(name: str) -> None:
    lineage = bytes(range(16))
    with slotring.open(name, lineage_id=lineage, first_sequence=1000, **SIZES) as ring:
        assert (ring.info().lineage_id, ring.info().first_sequence) == (lineage, 1000)
        ticket = ring.publish(b"x")
        assert (ring.number_of(ticket.sequence), ring.sequence_of(1000)) == (1000, ticket.sequence)


def test_a_gap_is_told_and_counted(name: str) -> None:
    with slotring.open(name, **SIZES) as ring, ring.reader(marks=True) as reader:
        ring.publish(b"before")
        made = ring.publish_gap(5)
        after = ring.publish(b"after")
        assert (made.kind, made.gap) == ("gap", 5)
        assert reader.next(0).tobytes() == b"before"
        with pytest.raises(slotring.MarkError) as told:
            reader.next(0)
        assert told.value.mark is not None and told.value.mark.gap == 5
        assert reader.next(0).tobytes() == b"after" and reader.info().gap == 5
        assert ring.number_of(after.sequence) == after.sequence + 5
        assert ring.sequence_of(3) == after.sequence  # in the gap: the next one that is there
        assert ring.marks_behind() == 0
        ring.mark("user")
        assert ring.marks_behind() == 1


def test_the_progress_of_a_writer_is_known_without_it(name: str) -> None:
    with slotring.open(name, **SIZES) as ring:
        assert ring.writer_progress(2) == (0, 0)
        with ring.writer(row=2, first_number=7) as writer:
            writer.append(b"x")
            assert ring.writer_progress(2) == (8, 0)
        assert ring.writer_progress(2) == (8, 1)
        with pytest.raises(ValueError):
            ring.writer_progress(-1)


def test_an_observer_finds_what_a_writer_wrote_by_its_number(name: str) -> None:
    with slotring.open(name, **SIZES) as ring, slotring.open(name, mode="observe") as looks:
        with ring.writer(row=2) as writer:
            for text in (b"zero", b"one", b"two"):
                writer.append(text)
            for who in (ring, looks):
                assert who.copy(who.ticket_of_writer(2)).tobytes() == b"two"
                assert who.copy(who.ticket_of_writer(2, 1)).tobytes() == b"one"
        assert looks.ticket_of_writer(2).sequence == 2
        with pytest.raises(slotring.NotReadyError):
            looks.ticket_of_writer(1)
        with pytest.raises(ValueError):
            looks.ticket_of_writer(-1)


def test_a_producer_by_proxy_has_its_name_and_its_time(name: str) -> None:
    with slotring.open(name, time_stamps="monotonic", **SIZES) as ring, ring.reader() as reader:
        proxy = slotring.open(name, proxy=True, client_name="crate", origin_pid=12, origin_incarnation=3)
        proxy.publish(b"x", time_ns=77)
        slot = proxy.allocate(1)
        slot.mark_ready(time_ns=78)
        assert [reader.next(0).time_ns, reader.next(0).time_ns] == [77, 78]
        there = next(one for one in ring.participants() if one.proxy)
        assert (there.name, there.origin_pid, there.origin_incarnation) == ("crate", 12, 3)
        proxy.close()


@pytest.mark.parametrize(
    ("how", "told"), [("producer_died", slotring.ProducerDiedError), ("source_lost", slotring.SourceLostError)]
)
def test_a_proxy_tells_what_became_of_its_producer(name: str, how: Literal["producer_died", "source_lost"], told: type[slotring.Error]) -> None:
    with slotring.open(name, **SIZES) as ring, ring.reader() as reader:
        with slotring.open(name, proxy=True, client_name="crate") as proxy:
            proxy.publish(b"x")
            proxy.end_by_proxy(how)
            assert reader.next(0).tobytes() == b"x"
            with pytest.raises(told) as raised:
                reader.next(0)
            assert raised.value.who.name == "crate"  # type: ignore[attr-defined]
            with pytest.raises(slotring.StateError):
                proxy.publish(b"y")


def test_who_is_no_proxy_has_no_origin(name: str) -> None:
    with pytest.raises(slotring.InvalidError):
        slotring.open(name, origin_pid=12, **SIZES)
    with pytest.raises(ValueError, match="lineage_id has 3 bytes"):
        slotring.open(name, lineage_id=b"abc", **SIZES)
    with slotring.open(name, **SIZES) as ring:
        with pytest.raises(slotring.StateError):
            ring.end_by_proxy("source_lost")
        with pytest.raises(ValueError, match="producer_died"):
            ring.end_by_proxy("gone")  # type: ignore[arg-type]
        with pytest.raises(slotring.InvalidError):
            ring.publish_gap(0)
        for wrong in (None, "1", 1.5):
            with pytest.raises(TypeError):
                ring.publish_gap(wrong)  # type: ignore[arg-type]


def test_a_message_is_copied_by_its_sequence(ring: slotring.Ring) -> None:
    ticket = ring.publish(bytes(3000), tag=4)
    copy = ring.copy_sequence(ticket.sequence)
    assert (copy.tobytes(), copy.tag, copy.copied) == (bytes(3000), 4, True)
    with pytest.raises(slotring.NotReadyError):
        ring.copy_sequence(ticket.sequence + 1)
