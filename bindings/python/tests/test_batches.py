# SPDX-License-Identifier: Apache-2.0
"""Many slots with one call, and messages that are acknowledged together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import slotring
from conftest import KILL, KILLED, SLOT_SIZE, SLOTS, needs_dev_shm

# ---- Slots ----------------------------------------------------------------------------------------------------


def test_many_slots_are_allocated_and_published(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slots = ring.allocate_batch(20, 100)
        assert len(slots) == 20 and {len(slot) for slot in slots} == {100} and ring.stats().slots_writing == 20
        for number, slot in enumerate(slots):
            with memoryview(slot) as view:
                view[:2] = b"%02d" % number
        tickets = ring.mark_ready_batch(iter(slots), nbytes=20 * [2], tags=range(20))
        assert [ticket.sequence for ticket in tickets] == list(range(20))
        for number in range(20):
            message = reader.next()
            assert (message.tobytes(), message.tag, message.ticket) == (b"%02d" % number, number, tickets[number])
        with pytest.raises(ValueError, match="given back"):
            slots[0].mark_ready()


def test_a_batch_has_as_many_slots_as_there_are(ring: slotring.Ring) -> None:
    with ring.reader() as reader:
        slots = ring.allocate_batch(1 << 32 - 1)
        assert len(slots) == SLOTS and len(slots[0]) == SLOT_SIZE
        with pytest.raises(slotring.FullError):
            ring.allocate_batch(1, timeout=0)
        with pytest.raises(slotring.TimedOutError):
            ring.allocate_batch(1, timeout=0.001)
        assert len(ring.mark_ready_batch(slots[:3])) == 3
        del slots
        assert ring.stats().slots_writing == 0 and ring.stats().aborted == SLOTS - 3
        assert [len(reader.next()) for _ in range(3)] == 3 * [SLOT_SIZE]
        assert ring.mark_ready_batch([]) == []


def test_the_slots_of_a_batch_go_their_own_ways(ring: slotring.Ring) -> None:
    first, second, third = ring.allocate_batch(3, 1)
    second.mark_ready(tag=2)
    first.abort()
    ring.mark_ready_batch([third])
    assert (ring.stats().published, ring.stats().slots_writing) == (2, 0)


def test_what_a_batch_of_slots_refuses(ring: slotring.Ring, name: str) -> None:
    slots = ring.allocate_batch(4, 8)
    with slotring.open(name, mode="attach") as other, ring.writer() as writer:
        theirs, reserved = other.allocate(1), writer.reserve(1)
        view = memoryview(slots[1])
        wrong: list[tuple[Callable[[], object], type[Exception]]] = [
            (lambda: ring.allocate_batch(0), slotring.InvalidError),
            (lambda: ring.allocate_batch(-1), ValueError),
            (lambda: ring.allocate_batch(None), TypeError),  # type: ignore[arg-type]
            (lambda: ring.allocate_batch("x"), TypeError),  # type: ignore[arg-type]
            (lambda: ring.allocate_batch(1, SLOT_SIZE + 1), slotring.TooLargeError),
            (lambda: ring.mark_ready_batch(5), TypeError),  # type: ignore[arg-type]
            (lambda: ring.mark_ready_batch([slots[0], 5]), TypeError),  # type: ignore[list-item]
            (lambda: ring.mark_ready_batch([slots[0]], tags=[1, 2]), ValueError),
            (lambda: ring.mark_ready_batch([slots[0]], tags=[-1]), ValueError),
            (lambda: ring.mark_ready_batch([slots[0]], tags=[None]), TypeError),  # type: ignore[list-item]
            (lambda: ring.mark_ready_batch([slots[0]], nbytes=["x"]), TypeError),  # type: ignore[list-item]
            (lambda: ring.mark_ready_batch(slots), BufferError),
            (lambda: ring.mark_ready_batch([slots[0], theirs]), slotring.NotOwnerError),
            (lambda: ring.mark_ready_batch([slots[0], reserved]), slotring.NotOwnerError),
        ]
        for call, error in wrong:
            with pytest.raises(error):
                call()
        view.release()
        assert ring.stats().published == 0
        reserved.abort()


def test_a_batch_that_ends_early_says_how_far_it_came(ring: slotring.Ring) -> None:
    first, second, third = ring.allocate_batch(3, 8)
    with pytest.raises(slotring.TooLargeError) as large:
        ring.mark_ready_batch([first, second, third], nbytes=[1, SLOT_SIZE + 1, 1])
    assert large.value.published == 1 and ring.stats().slots_writing == 2
    with pytest.raises(slotring.StateError) as twice:
        ring.mark_ready_batch([second, second, third])
    assert twice.value.published == 1
    third.mark_ready()
    assert ring.stats().published == 3
    for slot in (first, second):
        with pytest.raises(ValueError, match="given back"):
            slot.mark_ready()


def test_a_slot_that_an_argument_publishes_is_not_published_twice(ring: slotring.Ring) -> None:
    slots = ring.allocate_batch(2, 1)

    class Number:
        def __index__(self) -> int:
            slots[0].mark_ready()
            return 1

    with pytest.raises(ValueError, match="given back"):
        ring.mark_ready_batch(slots, tags=[1, Number()])
    assert ring.stats().published == 1


# ---- Messages -------------------------------------------------------------------------------------------------


def durable(ring: slotring.Ring, **options: Any) -> slotring.Reader:
    return ring.reader(durable=True, name="disk", **options)


def member(ring: slotring.Ring, **options: Any) -> slotring.Reader:
    return ring.reader(group=True, name="workers", **options)


@pytest.fixture
def grouped(name: str) -> Any:
    """A ring with a group, that lends all of its slots."""
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=SLOTS * SLOT_SIZE, max_groups=1, max_holds=SLOTS) as ring:
        yield ring


def publish(ring: slotring.Ring, count: int) -> None:
    for number in range(count):
        ring.publish(b"%d" % number, tag=number)


def tags(messages: list[slotring.Message]) -> list[int]:
    return [message.tag for message in messages]


KINDS = [durable, member]


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_acknowledged_with_its_last_message(grouped: slotring.Ring, kind: Any) -> None:
    with kind(grouped) as reader:
        publish(grouped, 6)
        messages = reader.batch(4)
        assert tags(messages) == [0, 1, 2, 3]
        for number in (2, 0, 2, 3):
            messages[number].acknowledge()
    with kind(grouped) as reader:  # one was missing: all come again
        messages = reader.batch(4)
        assert tags(messages) == [0, 1, 2, 3]
        for message in reversed(messages):
            message.acknowledge()
        assert reader.wait(0) and tags(reader.batch(4)) == [4, 5]
        with pytest.raises(slotring.EmptyError):
            reader.batch(4, 0)
    with kind(grouped) as reader:
        assert not reader.wait(0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_message_of_a_batch_acknowledges_all(grouped: slotring.Ring, kind: Any) -> None:
    with kind(grouped) as reader:
        publish(grouped, 5)
        messages = reader.batch(3)
        messages[1].acknowledge_up_to()
        with pytest.raises(slotring.StateError, match="acknowledge"):
            reader.wait(0)
        messages[2].acknowledge_up_to()
        assert reader.wait(0)
    with kind(grouped) as reader:
        assert tags(reader.batch()) == [3, 4]


@pytest.mark.parametrize("kind", KINDS)
def test_asking_for_more_acknowledges_the_batch(grouped: slotring.Ring, kind: Any) -> None:
    with kind(grouped) as reader:
        publish(grouped, 5)
        first = reader.batch(2)
        assert (tags(first), tags(reader.batch(2))) == ([0, 1], [2, 3])
        first[0].acknowledge()  # it is, and the second batch is not
    with kind(grouped) as reader:
        assert (reader.next().tag, reader.next().tag, tags(reader.batch())) == (2, 3, [4])


@pytest.mark.parametrize("kind", KINDS)
def test_the_rest_of_a_batch_comes_when_the_ring_lends_again(name: str, kind: Any) -> None:
    with slotring.open(name, slot_size=SLOT_SIZE, total_size=SLOTS * SLOT_SIZE, max_groups=1) as ring:
        with kind(ring) as reader:
            publish(ring, 20)
            messages = reader.batch(20)
            assert tags(messages) == list(range(8))  # an eighth of the slots
            assert reader.wait(0) and slotring.wait_many([reader], 0) == [reader]
            with pytest.raises(slotring.HoldsError):
                reader.next()
            for message in messages:
                message.acknowledge()
            del message
            messages.clear()
            rest: list[int] = []
            while len(rest) < 12:
                rest.append(reader.next().tag)
            assert rest == list(range(8, 20))
        with kind(ring) as reader:  # the last one was not acknowledged, and all were given together
            assert len(reader.batch(4)) == 4


WHO_IS_KILLED = """
import os, slotring, sys
kind = {"durable": True, "name": "disk"} if sys.argv[2] == "durable" else {"group": True, "name": "workers"}
reader = slotring.open(sys.argv[1], mode="attach").reader(**kind)
for message in reader.batch(3):
    message.acknowledge()
messages = reader.batch(3)
messages[0].acknowledge()
print(*(message.tag for message in messages), flush=True)
os.kill(os.getpid(), int(sys.argv[3]))
"""


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_killed_leaves_the_whole_batch_to_the_next(grouped: slotring.Ring, kind: Any) -> None:
    kind(grouped).close()
    publish(grouped, 8)
    command = [sys.executable, "-c", WHO_IS_KILLED, grouped.name, kind.__name__, str(int(KILL))]
    killed = subprocess.run(command, stdout=subprocess.PIPE)
    assert killed.returncode == KILLED and killed.stdout.split() == [b"3", b"4", b"5"]
    grouped.recover()
    with kind(grouped) as reader:
        assert sorted(tags(reader.batch())) == [3, 4, 5, 6, 7]


@needs_dev_shm
def test_a_damaged_message_ends_a_batch(name: str) -> None:
    options: Any = {"slot_size": SLOT_SIZE, "total_size": 16 * SLOT_SIZE, "checksums": True}
    with slotring.open(name, **options) as ring, durable(ring, verify=True) as reader:
        publish(ring, 2)
        damage(ring, ring.publish(b"abc", tag=2))
        publish(ring, 1)
        assert tags(reader.batch()) == [0, 1]
        with pytest.raises(slotring.ChecksumError) as caught:
            reader.batch()
        assert caught.value.message is not None and caught.value.message.tag == 2
        caught.value.message.acknowledge()
        assert tags(reader.batch()) == [0]


def damage(ring: slotring.Ring, ticket: slotring.Ticket) -> None:
    """Writes into the published message, as a faulty program would."""
    info = ring.info()
    path = f"/dev/shm/{[n for n in os.listdir('/dev/shm') if ring.name in n and 'lock' not in n][0]}"
    with open(path, "r+b") as file:
        file.seek(info.payload_offset + ticket.slot * info.slot_stride)
        file.write(b"?")
