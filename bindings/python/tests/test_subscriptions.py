# SPDX-License-Identifier: Apache-2.0
"""The properties of a subscription."""

from __future__ import annotations

from multiprocessing import connection

import pytest

import slotring
from conftest import SLOTS


def publish(ring: slotring.Ring, count: int) -> list[slotring.Ticket]:
    return [ring.publish(b"%d" % number, tag=number) for number in range(count)]


def tags(reader: slotring.Reader) -> list[int]:
    """Of all messages that are there."""
    taken = []
    while True:
        try:
            taken.append(reader.next(0).tag)
        except slotring.EmptyError:
            return taken


def test_a_lossy_reader_counts_what_it_missed(ring: slotring.Ring) -> None:
    with ring.reader(mode="lossy") as reader:
        publish(ring, 3 * SLOTS)
        assert reader.next().tag > 0
        info = reader.info()
        assert info.missed > 0 and info.delivered + info.missed == info.cursor - info.start


def test_a_reader_gets_what_it_wants(ring: slotring.Ring) -> None:
    every, tagged = ring.reader(every=3), ring.reader(tag=2, tag_mask=3)
    latest = ring.reader(mode="lossy", wanted="latest")
    publish(ring, 9)
    assert tags(every) == [0, 3, 6] and tags(tagged) == [2, 6] and tags(latest) == [8]
    assert every.info().passed_over == 6


def test_a_reader_starts_in_the_past(ring: slotring.Ring) -> None:
    publish(ring, 9)
    assert tags(ring.reader(start="oldest")) == list(range(9))
    assert tags(ring.reader(last=2)) == [7, 8]
    assert tags(ring.reader(sequence=5)) == [5, 6, 7, 8]
    assert tags(ring.reader()) == []


@pytest.mark.parametrize("slots", [4, 16])
@pytest.mark.parametrize("mode", ["lossy", "budgeted"])
def test_a_reader_that_counts_itself_is_not_in_its_own_way(name: str, slots: int, mode: str) -> None:
    """In a small ring a participant may hold one slot or two, and such a reader holds what it was given."""
    with slotring.open(name, slot_size=4096, total_size=slots * 4096) as ring:
        with ring.reader(mode=mode) as reader:  # type: ignore[arg-type]
            for number in range(3 * slots):
                ring.publish(b"x", tag=number)
                assert [reader.next(0).tag, len(reader.batch(0))] == [number, 0]
            assert ring.stats().slots_held == 0


def test_a_past_that_is_longer_than_what_may_be_held_comes_whole(ring: slotring.Ring) -> None:
    publish(ring, SLOTS)
    last = None
    for last in ring.reader(start="oldest").batch(SLOTS):
        assert last.tobytes() == b"%d" % last.tag
    assert last is not None and last.tag == SLOTS - 1


def test_what_does_not_go_together_is_refused(ring: slotring.Ring) -> None:
    for wrong in ({"wanted": "latest"}, {"durable": True}, {"wake_messages": 3}, {"tries": 2}):
        with pytest.raises(slotring.InvalidError):
            ring.reader(**wrong)


def test_a_durable_reader_goes_on_where_it_stopped(ring: slotring.Ring) -> None:
    reader = ring.reader(durable=True, name="disk")
    publish(ring, 5)
    assert [reader.next().tag, reader.next().tag] == [0, 1]  # the first one is acknowledged by the second call
    message = reader.next()
    message.acknowledge()
    message.acknowledge()
    assert reader.next().tag == 3
    with pytest.raises(slotring.StateError, match="acknowledge"):
        reader.wait()
    reader.close()
    with ring.reader(durable=True, name="disk") as reader:
        assert tags(reader) == [3, 4]
        with pytest.raises(slotring.SubscribedError):
            ring.reader(durable=True, name="disk")
    ring.forget("disk")
    assert ring.readers() == []


def test_the_messages_of_a_window_are_acknowledged_in_any_order(ring: slotring.Ring) -> None:
    with ring.reader(durable=True, name="disk", window=8) as reader:
        publish(ring, 6)
        messages = reader.batch(6)
        for number in (1, 0, 4):
            messages[number].acknowledge()
        assert reader.info().cursor == 2
    with ring.reader(durable=True, name="disk", window=8) as reader:
        again = reader.batch(6)
        assert [message.tag for message in again] == [2, 3, 5]
        again[1].acknowledge_up_to()
        assert reader.info().cursor == 5


def test_a_group_shares_and_redelivers(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=64 * 4096, max_groups=1) as ring:
        first, second = ring.reader(group=True, name="workers"), ring.reader(group=True, name="workers")
        publish(ring, 3)
        given = [first.next().tag, second.next().tag]
        assert sorted(given) == [0, 1]
        first.close()  # what it did not acknowledge goes to the other
        redelivered = [second.next(), second.next()]
        assert sorted((m.tag, m.deliveries) for m in redelivered) == sorted([(given[0], 1), (2, 0)])


def test_other_messages_need_no_acknowledgement(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        publish(ring, 1)
        with pytest.raises(slotring.StateError):
            reader.next().acknowledge()


def test_a_budgeted_reader_is_told_what_it_lost(name: str) -> None:
    with slotring.open(name, slot_size=4096, total_size=16 * 4096) as ring:
        with ring.reader(mode="budgeted", budget_messages=1, budget=0.001) as reader:
            publish(ring, 40)  # waits for the reader, and then not any more
            with pytest.raises(slotring.RevokedError) as caught:
                reader.next()
            assert caught.value.lost == reader.info().lost > 0
            assert reader.info().revoked == "by_budget"
            while reader.wait(0):
                reader.next(0)
            reader.rearm()
            assert reader.info().revoked == "no"


def test_a_reader_takes_tickets_that_come_by_a_queue(ring: slotring.Ring) -> None:
    with ring.reader(mode="budgeted", by_ticket=True, window=4) as reader:
        tickets = publish(ring, 4)
        assert [reader.acquire(ticket).tag for ticket in reversed(tickets)] == [3, 2, 1, 0]
        assert reader.info().delivered == 4


def test_marks_are_told_at_their_place(ring: slotring.Ring) -> None:
    with ring.reader(marks=True) as reader:
        ring.publish(b"before")
        made = ring.mark("run_begin", run=7, value=3, data=b"cosmics")
        ring.publish(b"after")
        assert reader.next().tobytes() == b"before"
        with pytest.raises(slotring.MarkError) as caught:
            reader.next()
        assert caught.value.mark == made == reader.mark() == ring.run()
        assert (made.kind, made.run, made.value, made.bytes) == ("run_begin", 7, 3, b"cosmics")
        assert reader.next().tobytes() == b"after"


def test_a_batch_tells_later_what_comes_after_its_messages(ring: slotring.Ring) -> None:
    with ring.reader(marks=True) as reader:
        ring.publish(b"before")
        ring.mark("user")
        ring.publish(b"after")
        assert [m.tobytes() for m in reader.batch()] == [b"before"]
        assert reader.wait(0)
        with pytest.raises(slotring.MarkError):
            reader.batch()
        assert [m.tobytes() for m in reader.batch()] == [b"after"]


def test_a_descriptor_is_readable_while_there_is_something(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        descriptor = reader.fileno()
        with pytest.raises(slotring.EmptyError):
            reader.next(0)
        ring.publish(b"x")
        assert connection.wait([descriptor]) == [descriptor]  # for ever, if it were not so
        assert reader.next(0).tobytes() == b"x"


def test_drain_and_wait_readers(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        assert ring.wait_readers(1) == 1
        publish(ring, 2)
        with pytest.raises(slotring.TimedOutError):
            ring.drain(timeout=0)
        assert tags(reader) == [0, 1]
        ring.drain()
