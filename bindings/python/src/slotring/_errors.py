# SPDX-License-Identifier: Apache-2.0
"""An exception class for each code of the C library. Where Python has a class for the same thing, it is a base."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Optional

if TYPE_CHECKING:
    from ._native import Message, Reader
    from ._values import Mark, Participant


class Error(OSError):
    """What the C library refuses. `code` and `code_name` are its; `errno` is the system's, or None. From a writer's append_batch(),
    `appended` is the number of messages that were written before; from mark_ready_batch() `published` is that of the slots.
    From wait_many(), `reader` is the reader that it is about."""

    code: ClassVar[int] = 0
    code_name: ClassVar[str] = ""
    appended: Optional[int] = None
    published: Optional[int] = None
    reader: Optional[Reader] = None

    def __str__(self) -> str:
        return self.strerror or self.code_name


class InvalidError(Error, ValueError):
    """An argument that the library does not take."""

    code = -1
    code_name = "SLOTRING_E_INVALID"


class RingNameError(Error, ValueError):
    """Not a valid name of a ring."""

    code = -2
    code_name = "SLOTRING_E_NAME"


class SizeError(Error, ValueError):
    """A size that is out of range."""

    code = -3
    code_name = "SLOTRING_E_SIZE"


class TooLargeError(Error, ValueError):
    """The message is larger than a slot, or than the ring."""

    code = -4
    code_name = "SLOTRING_E_TOO_LARGE"


class FullError(Error):
    """No slot is free, and none may be reclaimed."""

    code = -5
    code_name = "SLOTRING_E_FULL"


class TimedOutError(Error, TimeoutError):
    """The time is over."""

    code = -6
    code_name = "SLOTRING_E_TIMEOUT"


class EmptyError(Error):
    """There is nothing to read yet."""

    code = -7
    code_name = "SLOTRING_E_EMPTY"


class EndError(Error, EOFError):
    """Every producer has ended, and all was read."""

    code = -8
    code_name = "SLOTRING_E_END"


class ProducerDiedError(Error):
    """A producer died; `who` says which one. The next call goes on."""

    code = -9
    code_name = "SLOTRING_E_PRODUCER_DIED"
    who: Optional[Participant] = None


class StaleError(Error, LookupError):
    """The publication is gone."""

    code = -10
    code_name = "SLOTRING_E_STALE"


class ForeignError(Error, LookupError):
    """The ticket is of another ring, or of an earlier one of this name."""

    code = -11
    code_name = "SLOTRING_E_FOREIGN"


class NotReadyError(Error, LookupError):
    """Nothing is published there."""

    code = -12
    code_name = "SLOTRING_E_NOT_READY"


class NotHeldError(Error):
    """Not held: released already, or never acquired."""

    code = -13
    code_name = "SLOTRING_E_NOT_HELD"


class NotOwnerError(Error):
    """It belongs to another handle."""

    code = -14
    code_name = "SLOTRING_E_NOT_OWNER"


class StateError(Error):
    """Not possible in this state."""

    code = -15
    code_name = "SLOTRING_E_STATE"


class ExistsError(Error, FileExistsError):
    """A ring of this name exists."""

    code = -16
    code_name = "SLOTRING_E_EXISTS"


class NotFoundError(Error, FileNotFoundError):
    """There is no ring, reader or group of this name."""

    code = -17
    code_name = "SLOTRING_E_NOT_FOUND"


class GeometryError(Error):
    """The ring has other sizes or settings."""

    code = -18
    code_name = "SLOTRING_E_GEOMETRY"


class VersionError(Error):
    """The ring has another layout version."""

    code = -19
    code_name = "SLOTRING_E_VERSION"


class FeatureError(Error):
    """The ring uses a feature that this version does not know."""

    code = -20
    code_name = "SLOTRING_E_FEATURE"


class EndianError(Error):
    """The ring was made on a machine of the other byte order."""

    code = -21
    code_name = "SLOTRING_E_ENDIAN"


class NotARingError(Error):
    """Not a slotring segment."""

    code = -22
    code_name = "SLOTRING_E_NOT_A_RING"


class CorruptError(Error):
    """The ring's control data is damaged."""

    code = -23
    code_name = "SLOTRING_E_CORRUPT"


class TruncatedError(Error):
    """The segment is shorter than its header says."""

    code = -24
    code_name = "SLOTRING_E_TRUNCATED"


class NoSpaceError(Error):
    """There is not enough shared memory."""

    code = -25
    code_name = "SLOTRING_E_NO_SPACE"


class NoMemoryError(Error, MemoryError):
    """There is not enough memory."""

    code = -26
    code_name = "SLOTRING_E_NO_MEMORY"


class AddressSpaceError(Error):
    """The ring does not fit into this process's address space."""

    code = -27
    code_name = "SLOTRING_E_ADDRESS_SPACE"


class AccessError(Error, PermissionError):
    """Permission denied."""

    code = -28
    code_name = "SLOTRING_E_ACCESS"


class OwnerError(Error, PermissionError):
    """Owned by another user who is not trusted."""

    code = -29
    code_name = "SLOTRING_E_OWNER"


class ReadOnlyError(Error):
    """An observer cannot change the ring."""

    code = -30
    code_name = "SLOTRING_E_READ_ONLY"


class ParticipantsError(Error):
    """As many participants are attached as the ring admits."""

    code = -31
    code_name = "SLOTRING_E_PARTICIPANTS"


class ReadersError(Error):
    """As many readers are subscribed as the ring admits."""

    code = -32
    code_name = "SLOTRING_E_READERS"


class ForkedError(Error):
    """The object belongs to the parent process; open the ring in this one."""

    code = -33
    code_name = "SLOTRING_E_FORKED"


class ClosedError(Error, ValueError):
    """The ring, the reader or the writer is closed."""

    code = -34
    code_name = "SLOTRING_E_CLOSED"


class EvictedError(Error):
    """This participant was taken for dead and repaired; close and open again."""

    code = -35
    code_name = "SLOTRING_E_EVICTED"


class BusyError(Error):
    """In use by another process."""

    code = -36
    code_name = "SLOTRING_E_BUSY"


class BackendError(Error):
    """The backend is not there, or the ring was made with another one."""

    code = -37
    code_name = "SLOTRING_E_BACKEND"


class UnsupportedError(Error):
    """Not supported here."""

    code = -38
    code_name = "SLOTRING_E_UNSUPPORTED"


class InterruptError(Error):
    """Interrupted by interrupt()."""

    code = -39
    code_name = "SLOTRING_E_INTERRUPTED"


class SystemRefusedError(Error):
    """The operating system refused."""

    code = -40
    code_name = "SLOTRING_E_OS"


class OtherBootError(Error):
    """Made before the machine was restarted."""

    code = -41
    code_name = "SLOTRING_E_OTHER_BOOT"


class RemovedError(Error):
    """Somebody else removed the ring's files: nobody new can join."""

    code = -42
    code_name = "SLOTRING_E_REMOVED"


class WritersError(Error):
    """As many writers are open as the ring admits."""

    code = -43
    code_name = "SLOTRING_E_WRITERS"


class StoppedError(Error):
    """Stopped: no call waits until resume()."""

    code = -44
    code_name = "SLOTRING_E_STOPPED"


class ChecksumError(Error):
    """The message is not what its producer published. A reader gives it all the same: `message`."""

    code = -45
    code_name = "SLOTRING_E_CHECKSUM"
    message: Optional[Message] = None


class RevokedError(Error):
    """Producers do not wait for this reader any more; it missed `lost` messages by that. The next call goes on, unless the reader ends
    then (when_revoked="ends")."""

    code = -46
    code_name = "SLOTRING_E_REVOKED"
    lost: Optional[int] = None


class MarkError(Error):
    """A mark lies before the next message: `mark`. The next call goes on."""

    code = -47
    code_name = "SLOTRING_E_MARK"
    mark: Optional[Mark] = None


class SubscribedError(Error):
    """A living process has this durable subscription."""

    code = -48
    code_name = "SLOTRING_E_SUBSCRIBED"


class HoldsError(Error):
    """This handle holds as many slots as it may. Release messages, and call again: a lossless reader loses nothing by that."""

    code = -49
    code_name = "SLOTRING_E_HOLDS"


class SourceLostError(Error):
    """The way to a producer elsewhere is lost; `who` says which one. The next call goes on."""

    code = -50
    code_name = "SLOTRING_E_SOURCE_LOST"
    who: Optional[Participant] = None


classes_by_code: dict[int, type[Error]] = {class_.code: class_ for class_ in Error.__subclasses__()}

__all__ = [
    "AccessError",
    "AddressSpaceError",
    "BackendError",
    "BusyError",
    "ChecksumError",
    "ClosedError",
    "CorruptError",
    "EmptyError",
    "EndError",
    "EndianError",
    "Error",
    "EvictedError",
    "ExistsError",
    "FeatureError",
    "ForeignError",
    "ForkedError",
    "FullError",
    "GeometryError",
    "HoldsError",
    "InterruptError",
    "InvalidError",
    "MarkError",
    "NoMemoryError",
    "NoSpaceError",
    "NotARingError",
    "NotFoundError",
    "NotHeldError",
    "NotOwnerError",
    "NotReadyError",
    "OtherBootError",
    "OwnerError",
    "ParticipantsError",
    "ProducerDiedError",
    "ReadOnlyError",
    "ReadersError",
    "RemovedError",
    "RevokedError",
    "RingNameError",
    "SizeError",
    "SourceLostError",
    "StaleError",
    "StateError",
    "StoppedError",
    "SubscribedError",
    "SystemRefusedError",
    "TimedOutError",
    "TooLargeError",
    "TruncatedError",
    "UnsupportedError",
    "VersionError",
    "WritersError",
]
