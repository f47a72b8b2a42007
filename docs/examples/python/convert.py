# SPDX-License-Identifier: Apache-2.0
"""Converts the waveforms of a ring to HDF5, Arrow or ROOT, until every digitizer has ended; or those of a recording that slotring record
made. The suffix of the file says which.

    python convert.py RING | RECORDING.mcap FILE.h5 | FILE.arrow | FILE.root
"""

import argparse
import pathlib
from collections.abc import Iterator

import numpy as np
import slotring
from waveform import SAMPLES, WAVEFORM

CHUNK = 100  # waveforms that are written at a time


def chunks(reader: slotring.Reader) -> Iterator[np.ndarray]:
    """Copies, CHUNK at a time. A slot is the ring's again as soon as it is copied."""
    chunk = np.empty(CHUNK, WAVEFORM)
    used = 0
    for message in reader:
        with message:
            message.copy_into(memoryview(chunk[used : used + 1]).cast("B"))
        used += 1
        if used == CHUNK:
            yield chunk
            used = 0
    if used:
        yield chunk[:used]


def recorded(path: str) -> Iterator[np.ndarray]:
    """The same from a recording, whose checksums are compared."""
    from mcap.reader import make_reader

    chunk = np.empty(CHUNK, WAVEFORM)
    used = 0
    with open(path, "rb") as file:
        for _, channel, message in make_reader(file, validate_crcs=True).iter_messages():
            if channel.metadata.get("role") != "messages":
                continue  # the order of the messages, and events
            chunk[used] = np.frombuffer(message.data, WAVEFORM)[0]
            used += 1
            if used == CHUNK:
                yield chunk
                used = 0
    if used:
        yield chunk[:used]


def to_hdf5(path: str, source: Iterator[np.ndarray]) -> int:
    import h5py

    with h5py.File(path, "w") as file:
        table = file.create_dataset("waveforms", (0,), WAVEFORM, maxshape=(None,), chunks=(CHUNK,))
        for chunk in source:
            table.resize(len(table) + len(chunk), axis=0)
            table[-len(chunk) :] = chunk
        return len(table)


def to_arrow(path: str, source: Iterator[np.ndarray]) -> int:
    import pyarrow as pa

    samples = pa.list_(pa.int16(), SAMPLES)
    schema = pa.schema([("event", pa.uint64()), ("board", pa.uint32()), ("trigger", pa.uint32()), ("samples", samples)])
    count = 0
    with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, schema) as out:
        for chunk in source:
            columns = [pa.array(np.ascontiguousarray(chunk[name])) for name in ("event", "board", "trigger")]
            values = pa.array(np.ascontiguousarray(chunk["samples"]).ravel())
            out.write_batch(pa.record_batch([*columns, pa.FixedSizeListArray.from_arrays(values, SAMPLES)], schema))
            count += len(chunk)
    return count


def to_root(path: str, source: Iterator[np.ndarray]) -> int:
    import uproot

    count = 0
    with uproot.recreate(path) as file:
        branches = {"event": "uint64", "board": "uint32", "trigger": "uint32", "samples": (np.int16, (SAMPLES,))}
        tree = file.mktree("waveforms", branches)
        for chunk in source:
            tree.extend({name: np.ascontiguousarray(chunk[name]) for name in branches})
            count += len(chunk)
    return count


WRITERS = {".h5": to_hdf5, ".arrow": to_arrow, ".root": to_root}


def main() -> None:
    arguments = argparse.ArgumentParser(description="Converts the waveforms of a ring or a recording.")
    arguments.add_argument("source", help="a ring, or a file that ends in .mcap")
    arguments.add_argument("file")
    given = arguments.parse_args()
    suffix = pathlib.Path(given.file).suffix
    if suffix not in WRITERS:
        arguments.error(f"{given.file} has the suffix {suffix!r}; it can be one of {', '.join(WRITERS)}")
    if given.source.endswith(".mcap"):
        print(f"{given.file}: {WRITERS[suffix](given.file, recorded(given.source))} waveforms")
        return
    with slotring.open(given.source, mode="attach") as ring, ring.reader() as reader:  # lossless
        print(f"{given.file}: {WRITERS[suffix](given.file, chunks(reader))} waveforms")


main()
