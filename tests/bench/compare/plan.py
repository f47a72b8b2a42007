# SPDX-License-Identifier: Apache-2.0
"""What is measured: each piece of work, and the programs that do it."""

from dataclasses import dataclass

SLOTRING = "slotring"
RECORDS = "slotring_records"  # the same library: messages that share a slot
HOT = "slotring_hot"  # the same library: a ring with hot slots, for large messages
OWN = (SLOTRING, RECORDS, HOT)
LIMIT = "bare"

# In the order in which they are shown; the name is that of the program, peer_NAME.
PEERS = (SLOTRING, RECORDS, HOT, LIMIT, "libqb", "iceoryx2", "iceoryx", "aeron", "boost", "zeromq", "posix_mq",
         "pipe", "unix_socket", "python")

# What has to be done so that a peer is there.
HOW_TO_GET = {
    "libqb": "install libqb-dev",
    "iceoryx2": "ci/bench --setup (needs cargo)",
    "iceoryx": "install iceoryx, libiceoryx-posh-dev and libiceoryx-binding-c-dev",
    "aeron": "ci/bench --setup (needs a JDK and Maven)",
    "boost": "install g++ and libboost-dev",
    "zeromq": "install libzmq3-dev",
    "python": "install python3",
}


@dataclass(frozen=True)
class Work:
    key: str
    title: str
    arguments: tuple
    unit: str  # what is compared: "rate", or the percentile "p50"
    quick: bool = False  # also in a quick run
    peers: tuple = tuple(peer for peer in PEERS if peer != HOT)

    @property
    def is_latency(self):
        return self.unit != "rate"


def _stream(key, title, *arguments, **more):
    return Work(key, title, ("--work", "stream", *arguments), "rate", **more)


def _latency(key, title, work, *arguments, **more):
    return Work(key, title, ("--work", work, *arguments), "p50", **more)


# Rings of few slots: beside the peer that is made for them, each with as many buffers.
FEW_BUFFERS = (4, 8, 64)
FEW_SIZES = (("64", "64 B", 64), ("1m", "1 MiB", 1 << 20), ("10m", "10 MiB", 10 << 20))


def _few(key, title, size, buffers):
    return _stream(f"few_{key}_{buffers}", f"{title}, 1 to 1, spinning, untouched, {buffers} buffers", "--size", str(size),
                   "--untouched", "--buffers", str(buffers), peers=(SLOTRING, "iceoryx2"))


ALL = (
    _stream("stream_64", "64 B, 1 to 1, spinning", quick=True),
    _stream("stream_64_blocking", "64 B, 1 to 1, blocking", "--blocking"),
    _stream("stream_64_batch", "64 B, 1 to 1, spinning, batches of 16", "--batch", "16", quick=True,
            peers=(SLOTRING,)),
    _stream("stream_16", "16 B, 1 to 1, spinning", "--size", "16"),
    _stream("stream_256", "256 B, 1 to 1, spinning", "--size", "256"),
    _stream("stream_1k", "1 KiB, 1 to 1, spinning, touched", "--size", "1024"),
    _stream("stream_64k", "64 KiB, 1 to 1, spinning, touched", "--size", "65536"),
    _stream("stream_64k_untouched", "64 KiB, 1 to 1, spinning, untouched", "--size", "65536", "--untouched"),
    _stream("stream_1m", "1 MiB, 1 to 1, spinning, touched", "--size", "1048576", quick=True, peers=PEERS),
    _stream("stream_1m_untouched", "1 MiB, 1 to 1, spinning, untouched", "--size", "1048576", "--untouched",
            quick=True),
    _stream("stream_1m_blocking", "1 MiB, 1 to 1, blocking, touched", "--size", "1048576", "--blocking", peers=PEERS),
    _stream("stream_10m", "10 MiB, 1 to 1, spinning, touched", "--size", "10485760", peers=PEERS),
    _stream("stream_10m_untouched", "10 MiB, 1 to 1, spinning, untouched", "--size", "10485760", "--untouched"),
    _stream("fan_in_2", "64 B, 2 senders to 1, blocking", "--senders", "2", "--blocking", quick=True),
    _stream("fan_in_4", "64 B, 4 senders to 1, blocking", "--senders", "4", "--blocking"),
    _stream("fan_out_2", "64 B, 1 to 2 receivers, each gets all, blocking", "--receivers", "2", "--blocking",
            quick=True),
    _stream("fan_out_4", "64 B, 1 to 4 receivers, each gets all, blocking", "--receivers", "4", "--blocking"),
    *(_few(key, title, size, buffers) for key, title, size in FEW_SIZES for buffers in FEW_BUFFERS),
    _latency("pingpong_64", "64 B, half a round trip, spinning", "pingpong", quick=True),
    _latency("pingpong_64k_untouched", "64 KiB, untouched, half a round trip, spinning", "pingpong", "--size",
             "65536", "--untouched"),
    _latency("paced_64", "64 B at 100,000/s, from when it was due, spinning", "paced", "--rate", "100000",
             quick=True),
    _latency("paced_1m", "1 MiB touched at 500/s, from when it was due, spinning", "paced", "--rate", "500",
             "--size", "1048576", peers=PEERS),
    _latency("wake_64", "64 B at 1,000/s to a receiver that sleeps, from when it was due", "paced", "--rate",
             "1000", "--blocking", quick=True),
)


@dataclass(frozen=True)
class Effort:
    rounds: int
    seconds: float  # of each measurement
    wake_seconds: float  # of those with few messages a second
    own_rounds: int
    own_scale: float  # of the measurements of slotring alone


QUICK = Effort(rounds=1, seconds=0.08, wake_seconds=0.15, own_rounds=1, own_scale=0.05)
FULL = Effort(rounds=7, seconds=0.3, wake_seconds=0.6, own_rounds=3, own_scale=1.0)
