# SPDX-License-Identifier: Apache-2.0
"""An Arrow table goes from a producer to a consumer in another process. The consumer's columns are the memory of the ring: nothing is
copied, and the slot stays as it is as long as the table lives."""

import multiprocessing
import os

import pyarrow as pa
import slotring

ROWS = 10_000
NAME = f"arrow-{os.getpid()}"


def stream_size(table: pa.Table) -> int:
    sink = pa.MockOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.size()


def produce(descriptor: slotring.RingDescriptor) -> None:
    with descriptor.open() as ring:
        table = pa.table({"channel": pa.array(range(ROWS), pa.int32()), "charge": pa.array([0.5] * ROWS, pa.float64())})
        slot = ring.allocate(stream_size(table))
        sink = pa.FixedSizeBufferWriter(pa.py_buffer(memoryview(slot)))  # Arrow writes into the slot
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        sink.close()
        del sink, stream
        slot.mark_ready()


def main() -> None:
    with slotring.open(NAME, mode="create", slot_size=1 << 20, total_size=16 << 20) as ring:
        with ring.reader() as reader:
            producer = multiprocessing.get_context("spawn").Process(target=produce, args=(ring.descriptor(),))
            producer.start()
            message = reader.next()
            buffer = pa.py_buffer(message)
            table = pa.ipc.open_stream(buffer).read_all()
            message.release()  # the table still has it
            charges = table["charge"].chunk(0).buffers()[1]
            is_in_the_ring = buffer.address <= charges.address < buffer.address + buffer.size
            print(f"{table.num_rows} rows, {'in the ring' if is_in_the_ring else 'copied'}; {ring.stats().slots_held} slot is held")
            del charges, table, buffer
            print(f"without the table: {ring.stats().slots_held}")
            producer.join()
        slotring.unlink(NAME, "when_unused")


if __name__ == "__main__":
    main()
