# SPDX-License-Identifier: Apache-2.0
"""A live plot of waveforms: draws the newest one again and again. With a file, it draws one picture there instead.

    python plot.py RING [PICTURE.png]
"""

import argparse

import matplotlib
import slotring
from waveform import WAVEFORM


def draw(axes: "matplotlib.axes.Axes", message: slotring.Message) -> None:
    waveform = message.array(WAVEFORM)[0]
    axes.clear()
    axes.plot(waveform["samples"], linewidth=0.8)
    axes.set(title=f"event {waveform['event']}, board {waveform['board']}", xlabel="sample", ylabel="ADC counts")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Draws the newest waveform.")
    arguments.add_argument("ring")
    arguments.add_argument("picture", nargs="?")
    given = arguments.parse_args()
    if given.picture:
        matplotlib.use("agg")  # no screen
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    with slotring.open(given.ring, mode="attach") as ring, ring.reader(mode="lossy", wanted="latest") as reader:
        for message in reader:
            with message:
                draw(axes, message)
            if given.picture:
                figure.savefig(given.picture)
                return
            plt.pause(0.05)  # draws, and answers the mouse; the waveforms of this time are passed over
            if not plt.fignum_exists(figure.number):
                return
    if given.picture:
        raise SystemExit("no waveform came")


main()
