# SPDX-License-Identifier: Apache-2.0
"""A monitor that can never stop the run: it looks at the newest waveform, and passes over what it had no time for.

    python monitor.py RING [--muons]
"""

import argparse

import slotring
from waveform import WAVEFORM

MUON = 4


def main() -> None:
    arguments = argparse.ArgumentParser(description="Looks at the newest waveform.")
    arguments.add_argument("ring")
    arguments.add_argument("--muons", action="store_true", help="only those with the muon trigger")
    given = arguments.parse_args()

    tag = {"tag": MUON, "tag_mask": MUON} if given.muons else {}
    looked_at = 0
    highest = 0
    with slotring.open(given.ring, mode="attach") as ring:
        with ring.reader(mode="lossy", wanted="latest", **tag) as reader:
            for message in reader:  # ends when every digitizer has ended
                waveform = message.array(WAVEFORM)[0]  # in place: no copy
                highest = max(highest, int(waveform["samples"].max()))
                looked_at += 1
            info = reader.info()
    passed = info.missed + info.passed_over
    print(f"looked at {looked_at} waveforms, had no time for {passed} more; highest sample {highest}")


main()
