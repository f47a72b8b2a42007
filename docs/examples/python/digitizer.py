# SPDX-License-Identifier: Apache-2.0
"""A digitizer: fills waveforms in place, with NumPy, in the memory that others read. Its pulses are simulated.

    python digitizer.py RING [--events N] [--readers N]
"""

import argparse

import numpy as np
import slotring
from waveform import SAMPLES, WAVEFORM

COSMIC, MUON = 1, 4  # triggers; a reader can ask for those of one kind by the tag


def main() -> None:
    arguments = argparse.ArgumentParser(description="Fills waveforms in place.")
    arguments.add_argument("ring")
    arguments.add_argument("--events", type=int, default=1000)
    arguments.add_argument("--board", type=int, default=0)
    arguments.add_argument("--readers", type=int, default=0, help="wait for so many lossless readers first")
    given = arguments.parse_args()

    random = np.random.default_rng(given.board)
    times = np.arange(SAMPLES)
    with slotring.open(given.ring, slot_size=WAVEFORM.itemsize, total_size=256 * WAVEFORM.itemsize) as ring:
        ring.wait_readers(given.readers)
        for event in range(given.events):
            trigger = COSMIC | (MUON if event % 4 == 0 else 0)
            slot = ring.allocate(WAVEFORM.itemsize)  # waits while lossless readers need all slots
            waveform = slot.array(WAVEFORM)[0:1]
            waveform["event"], waveform["board"], waveform["trigger"] = event, given.board, trigger
            pulse = (2000 if trigger & MUON else 300) * np.exp(-((times - 400) ** 2) / 800)
            waveform["samples"][0] = pulse + random.normal(0, 10, SAMPLES)
            del waveform  # nobody may write there any more
            slot.mark_ready(tag=trigger)


main()
