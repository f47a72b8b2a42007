# SPDX-License-Identifier: Apache-2.0
"""What calls tell, as frozen classes. The extension makes them: src/ext/value_fields.c has the same fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Optional

if TYPE_CHECKING:
    from ._native import Ring, Ticket


@dataclass(frozen=True)
class Info:
    """Sizes and settings of a ring. Times are in seconds, sizes in bytes, `created_ns` on the clock of messages."""

    name: str
    ring_id: bytes
    slot_count: int
    slot_size: int
    slot_stride: int
    total_size: int
    segment_size: int
    payload_offset: int
    payload_size: int
    bytes_per_slot: int
    order_length: int
    max_participants: int
    max_readers: int
    max_writers: int
    max_groups: int
    max_holds: int
    when_full: str
    time_stamps: str
    access: str
    layout_version: int
    granted: int
    capabilities: int
    participant: Optional[int]
    removed: bool
    backend: str
    remove_when_unused: bool
    numa_node: Optional[int]
    memory_node: Optional[int]
    description_size: int
    checksums: bool
    hot_slots: bool
    lossless_for: str
    lossless_group: int
    budget_messages: int
    budget: float
    lineage_id: bytes
    first_sequence: int
    absence: float
    owner: int
    created_ns: int


@dataclass(frozen=True)
class Stats:
    """Statistics of a whole ring, since it was made. Times are in seconds, sizes in bytes."""

    published: int
    bytes_written: int
    bytes_read: int
    overwritten: int
    recycled: int
    full: int
    stale: int
    missed: int
    aborted: int
    freed: int
    repaired: int
    waits: int
    waited: float
    slots_free: int
    slots_writing: int
    slots_ready: int
    slots_held: int
    participants: int
    readers: int
    producers: int
    producers_started: int
    producers_ended: int
    producers_died: int
    oldest: int
    records: int
    records_missed: int
    writers: int
    revocations: int
    blocked: int
    blocked_for: float
    idle_for: float


@dataclass(frozen=True)
class Participant:
    """Who is attached to a ring. Times are in seconds, sizes in bytes."""

    index: int
    incarnation: int
    name: str
    pid: int
    uid: int
    life: str
    producing: bool
    readers: int
    writers: int
    slots_writing: Optional[int]
    slots_held: Optional[int]
    bytes_written: int
    bytes_read: int
    full: int
    last_sequence: Optional[int]
    waits: int
    waited: float
    blocked_for: float
    proxy: bool
    origin_pid: int
    origin_incarnation: int


@dataclass(frozen=True)
class ReaderInfo:
    """A subscription. delivered + missed + passed_over + pending = cursor - start. Times are in seconds."""

    row: int
    participant: Optional[int]
    name: str
    pid: int
    mode: str
    life: str
    start: int
    cursor: int
    delivered: int
    missed: int
    passed_over: int
    pending: int
    lag: int
    bytes_read: int
    records: int
    records_missed: int
    records_passed_over: int
    tag_mask: int
    tag_match: int
    every: int
    wanted: str
    budget_messages: int
    budget: float
    revoked: str
    revoked_for: float
    lost: int
    durable: bool
    left_for: float
    gap: Optional[int]
    group: int
    members: int
    redelivered: int
    dead_lettered: int
    letters_lost: int
    tries: int
    letters: int
    flags: int
    window: int


@dataclass(frozen=True)
class WriterInfo:
    """A writer of records that is open."""

    row: int
    participant: int
    name: str
    pid: int
    state: str
    life: str
    number: int
    slot: Optional[int]
    records: int
    bytes_used: int


@dataclass(frozen=True)
class Blocker:
    """A reader or participant that makes producers wait, or would do so in a full ring. Times are in seconds."""

    why: str
    participant: Optional[int]
    row: Optional[int]
    life: str
    pid: int
    slots: int
    name: str
    budget_left: float
    mode: str
    messages: int
    left_for: float


@dataclass(frozen=True)
class Recovery:
    """What one recover() repaired."""

    participants: int
    slots_freed: int
    published: int
    holds: int
    readers: int


@dataclass(frozen=True)
class Mark:
    """A mark beside the messages: of a run, of the user, or of a gap."""

    number: int
    place: Optional[int]
    kind: str
    bytes: bytes
    run: int
    value: int
    time_ns: int
    gap: int
    offset: int
    not_told: int
    participant: int
    incarnation: int


@dataclass(frozen=True)
class Letter:
    """A dead letter of a group: a message that as many members had as `tries` says, and that none acknowledged."""

    ticket: Ticket
    sequence: int
    length: int
    tag: int
    time_ns: int
    number: Optional[int]
    producer_incarnation: int
    producer: int
    writer: Optional[int]
    kind: str
    tries: int


@dataclass(frozen=True)
class RingEntry:
    """A ring of this host. `status` is 0, or the code that says why nobody can read or join it."""

    name: str
    status: int
    participants: Optional[int]
    slot_count: int
    slot_size: int
    segment_size: int
    owner: int
    published: int
    records: int
    backend: str
    remove_when_unused: bool
    lock_file: str
    durable: int
    durable_left: int
    created_ns: int


@dataclass(frozen=True)
class RingDescriptor:
    """What another process needs to open a ring: it can be pickled, and sent to a child."""

    name: str
    directory: Optional[str] = None
    backend: Optional[str] = None
    trusted_owner: Optional[str] = None

    def open(self, *, mode: Literal["attach", "observe"] = "attach", **options: Any) -> Ring:
        """Opens the ring in this process. The keywords are those of slotring.open()."""
        from . import _native

        return _native.open(
            self.name,
            mode=mode,
            directory=self.directory,
            backend=self.backend,
            trusted_owner=self.trusted_owner,
            **options,
        )


def array_of(loan: Any, arguments: tuple[Any, ...], keywords: Optional[dict[str, Any]]) -> Any:
    """message.array() and slot.array(): the bytes as a NumPy array. It keeps the memory as long as it lives."""
    return _array(loan, *arguments, **(keywords or {}))


def _array(loan: Any, dtype: Any = "uint8", shape: Any = None) -> Any:
    import numpy

    array = numpy.frombuffer(memoryview(loan), dtype=dtype)
    return array if shape is None else array.reshape(shape)
