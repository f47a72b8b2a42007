# SPDX-License-Identifier: Apache-2.0
import slotring

with slotring.open("hello-python", slot_size=1 << 20, total_size=16 << 20) as ring, ring.reader() as reader:
    slot = ring.allocate(5)
    with memoryview(slot) as place:
        place[:] = b"Hello"  # fill the slot in place
    slot.mark_ready()  # publish it
    with reader.next() as message:  # any number of processes may read it in place
        print(f"message {message.sequence}: {message.tobytes().decode()}")
    slotring.unlink("hello-python", "when_unused")
