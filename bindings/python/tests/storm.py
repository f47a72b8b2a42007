# SPDX-License-Identifier: Apache-2.0
"""A storm of kills: producers and consumers of all kinds, of which one after the other is killed and started again. At the end each
lossless consumer must have had each message that any of them had, each that a producer knows to be published, and no other.

    python storm.py [KILLS [SEED]]       # 1000 by hand

A consumer notes each message in a file before it acknowledges it, and a producer each message after it was published. The bytes of a
message follow from its producer and its number, so a wrong one is noticed.
"""

from __future__ import annotations

import os
import random
import signal
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Optional

import slotring

SLOTS, SLOT_SIZE = 64, 512
HEADER = struct.Struct("<QQII")  # producer, number, bytes behind it, their CRC-32
NOTE = struct.Struct("<QQ")  # producer, number
LIMIT = 120  # seconds without a new note: something hangs

Identity = tuple[int, int]

# ---- Messages -------------------------------------------------------------------------------------------------------


def message_of(producer: int, number: int, size: int) -> bytes:
    body = random.Random(producer * 1_000_003 + number).randbytes(size)
    return HEADER.pack(producer, number, size, zlib.crc32(body)) + body


def identity_of(data: bytes) -> Identity:
    producer, number, size, crc = HEADER.unpack_from(data)
    body = data[HEADER.size :]
    assert len(body) == size and zlib.crc32(body) == crc, "the bytes of a message are not those that were published"
    assert data == message_of(producer, number, size), "the bytes of a message are those of another one"
    return producer, number


def note(file: int, identities: list[Identity]) -> None:
    os.write(file, b"".join(NOTE.pack(*identity) for identity in identities))


def notes_in(path: str) -> list[Identity]:
    if not os.path.exists(path):
        return []
    with open(path, "rb") as file:
        data = file.read()
    return list(NOTE.iter_unpack(data[: len(data) // NOTE.size * NOTE.size]))


# ---- Producers: each publishes messages and says how many ---------------------------------------------------------------


def by_publish(ring: slotring.Ring, make: Callable[[int], bytes]) -> Iterator[int]:
    while True:
        ring.publish(make(random.randrange(SLOT_SIZE - HEADER.size)))
        yield 1


def by_spans(ring: slotring.Ring, make: Callable[[int], bytes]) -> Iterator[int]:
    while True:
        data = make(random.randrange(5 * SLOT_SIZE))
        slot = ring.allocate(len(data))
        for piece in slot.in_pieces():
            with memoryview(piece) as view:
                view[:] = data[piece.position : piece.position + len(piece)]
        slot.mark_ready()
        yield 1


def by_batches(ring: slotring.Ring, make: Callable[[int], bytes]) -> Iterator[int]:
    while True:
        slots = ring.allocate_batch(random.randrange(1, 8))
        sizes = []
        for slot in slots:
            data = make(random.randrange(SLOT_SIZE - HEADER.size))
            slot.write(data)
            sizes.append(len(data))
        ring.mark_ready_batch(slots, nbytes=sizes)
        yield len(slots)


def by_writer(ring: slotring.Ring, make: Callable[[int], bytes]) -> Iterator[int]:
    with ring.writer() as writer:
        while True:
            count = random.randrange(1, 6)
            writer.append_batch([make(random.randrange(60)) for _ in range(count)])
            yield count


def produce(name: str, folder: str, producer: int, way: Callable[..., Iterator[int]]) -> None:
    file = os.open(f"{folder}/published", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    made = published = 0

    def make(size: int) -> bytes:
        nonlocal made
        made += 1
        return message_of(producer, made - 1, size)

    for count in way(slotring.open(name, mode="attach"), make):
        note(file, [(producer, number) for number in range(published, published + count)])
        published += count


# ---- Consumers: each notes what it had, and then acknowledges it ----------------------------------------------------------


def one_by_one(reader: slotring.Reader, had: Callable[[list[slotring.Message]], None]) -> None:
    message = reader.next()
    had([message])
    message.acknowledge()


def many(reader: slotring.Reader, had: Callable[[list[slotring.Message]], None]) -> None:
    messages = reader.batch(random.randrange(1, 8))
    had(messages)
    messages[-1].acknowledge_up_to()


def asking_for_more(reader: slotring.Reader, had: Callable[[list[slotring.Message]], None]) -> None:
    had(reader.batch(random.randrange(1, 8)))


CONSUMERS: dict[str, tuple[dict[str, Any], Callable[..., None]]] = {
    "one-by-one": ({"durable": True}, one_by_one),
    "together": ({"durable": True}, many),
    "asking": ({"durable": True}, asking_for_more),
    "window": ({"durable": True, "window": 32}, many),
    "group": ({"group": True}, one_by_one),
    "group-together": ({"group": True}, many),
}


def consume(name: str, folder: str, kind: str) -> None:
    options, step = CONSUMERS[kind]
    file = os.open(f"{folder}/had-{kind}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def had(messages: list[slotring.Message]) -> None:
        note(file, [identity_of(message.tobytes()) for message in messages])

    with slotring.open(name, mode="attach") as ring, ring.reader(name=kind, **options) as reader:
        while True:
            try:
                step(reader, had)
            except slotring.ProducerDiedError:
                pass
            except slotring.EndError:
                if os.path.exists(f"{folder}/over"):
                    return
                reader.wait(0.01)


# ---- The storm ------------------------------------------------------------------------------------------------------------

WAYS = [by_publish, by_spans, by_batches, by_writer]


class Storm:
    def __init__(self, name: str, folder: str) -> None:
        self.name, self.folder = name, folder
        self.producers = 0
        self.children: dict[int, tuple[str, int]] = {}  # pid: what it is, and which

    def start(self, what: str, which: int) -> None:
        if what == "producer":
            self.producers += 1
        pid = os.fork()
        if pid != 0:
            self.children[pid] = (what, which)
            return
        code = 1
        try:
            random.seed()
            if what == "producer":
                produce(self.name, self.folder, self.producers, WAYS[which])
            else:
                consume(self.name, self.folder, what)
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)

    def end(self, pid: int, kills: bool) -> tuple[str, int]:
        if kills:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        what = self.children.pop(pid)
        assert code == (-signal.SIGKILL if kills else 0), f"{what} ended with {code}"
        return what

    def notes(self) -> int:
        return sum(os.path.getsize(f"{self.folder}/{file}") for file in os.listdir(self.folder))


def must_go_on(storm: Storm, seen: tuple[int, float]) -> tuple[int, float]:
    """Somebody noted something since the last look, or not so long ago."""
    notes, now = storm.notes(), time.monotonic()
    assert notes > seen[0] or now - seen[1] < LIMIT, "nobody gets on: " + repr(storm.children)
    return (notes, now) if notes > seen[0] else seen


def blow(storm: Storm, kills: int, chance: random.Random) -> None:
    seen = (0, time.monotonic())
    for _ in range(kills):
        time.sleep(chance.expovariate(100))  # where the kill hits is up to the machine: no order of events depends on it
        what, which = storm.end(chance.choice(list(storm.children)), kills=True)
        storm.start(what, which)
        seen = must_go_on(storm, seen)
    for pid in [pid for pid, (what, _) in storm.children.items() if what == "producer"]:
        storm.end(pid, kills=True)
    open(f"{storm.folder}/over", "w").close()
    for pid in list(storm.children):
        storm.end(pid, kills=False)


def judge(folder: str) -> int:
    """How many messages there were. Fails if one is missing somewhere."""
    published = set(notes_in(f"{folder}/published"))
    had = {kind: notes_in(f"{folder}/had-{kind}") for kind in CONSUMERS}
    accounts = {kind: set(notes) for kind, notes in had.items()}
    everything = published.union(*accounts.values())
    for kind, account in accounts.items():
        missing = everything - account
        assert not missing, f"{kind} never had {len(missing)} messages of {len(everything)}: {sorted(missing)[:5]}"
    for kind in ("one-by-one", "together", "asking", "window"):
        last: dict[int, int] = {}
        for producer, number in dict.fromkeys(had[kind]):
            assert number > last.get(producer, -1), f"{kind} had message {number} of producer {producer} too late"
            last[producer] = number
    return len(everything)


def run(name: str, kills: int, seed: int) -> tuple[int, int]:
    """Gives how many messages there were, and how many producers."""
    options: dict[str, Any] = {"slot_size": SLOT_SIZE, "total_size": SLOTS * SLOT_SIZE, "max_groups": 2}
    with tempfile.TemporaryDirectory() as folder:
        with slotring.open(name, mode="create", max_holds=SLOTS, absence=600.0, max_participants=256, **options) as ring:
            for kind, (properties, _) in CONSUMERS.items():  # they are owed everything from the beginning on
                ring.reader(name=kind, **properties).close()
            storm = Storm(name, folder)
            try:
                for kind in CONSUMERS:
                    storm.start(kind, 0)
                    if "group" in kind:
                        storm.start(kind, 0)
                for which in range(len(WAYS)):
                    storm.start("producer", which)
                blow(storm, kills, random.Random(seed))
            finally:
                for pid in list(storm.children):
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
            ring.recover()
            assert ring.check() == [], ring.check()
            stats = ring.stats()
            assert (stats.slots_writing, stats.slots_held, stats.participants) == (0, 0, 1)
            return judge(folder), storm.producers


def main(kills: int = 1000, seed: Optional[int] = None) -> None:
    name, chosen = f"storm-{os.getpid()}", seed if seed is not None else random.randrange(1 << 32)
    print(f"{kills} kills, seed {chosen}", flush=True)
    try:
        messages, producers = run(name, kills, chosen)
    finally:
        slotring.unlink(name, "force")
    print(f"{kills} kills, {producers} producers, {messages} messages: each of {len(CONSUMERS)} consumers had all of them")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
