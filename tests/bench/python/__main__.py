# SPDX-License-Identifier: Apache-2.0
"""Measures the Python package beside C, and beside what else Python programs use to send large data between processes.

    python tests/bench/python --library build/release/libslotring.a    # with the package installed
    python tests/bench/python --library … --quick                      # a look, half a minute

Each row runs once in each round, and ratios are taken within a round, so a machine that others use disturbs both sides. pyzmq and
iceoryx2 are measured where they are installed. `--module FILE` adds a row with another module that has the names of the older one.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Optional

import calls
import others
import ways
from pair import Cost, Way, measure

SIZES = {1024: 4000, 1 << 20: 400, 10 << 20: 60}  # bytes: messages
WAYS: list[type[Way]] = [*ways.WAYS, *others.WAYS]


def words(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"


def given(path: str) -> type[Way]:
    """A way with the module in a file."""
    spec = importlib.util.spec_from_file_location("given", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["given"] = module
    spec.loader.exec_module(module)

    class Given(ways.OlderPrograms):
        name = f"{Path(path).name}, handles through multiprocessing.Queue"

        def __init__(self, size: int) -> None:
            super().__init__(size, module)

    return Given


def print_calls(program: Path, quick: bool) -> None:
    results = calls.measure(program, rounds=15 if quick else 60, count=9600)
    print("| calls, 64 B, one process | processor time of a message, ns | times the four calls in C |\n| --- | --- | --- |")
    for what, times, ratios in results:
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} … {max(ratios):.2f})"
        print(f"| {what} | {statistics.median(times):.0f} | {spread} |", flush=True)


def measured(way: type[Way], size: int, count: int) -> Optional[Cost]:
    try:
        return measure(way(size), count)
    except (ImportError, TimeoutError) as failed:
        print(f"{way.name}: {failed}", file=sys.stderr)
        return None


def rows(size: int, rounds: int, count: int) -> dict[str, list[Cost]]:
    """Of each way: what it cost in each round."""
    costs: dict[str, list[Cost]] = {way.name: [] for way in WAYS}
    left_out = set()
    for turn in range(rounds):
        for way in WAYS[turn % len(WAYS) :] + WAYS[: turn % len(WAYS)]:
            cost = measured(way, size, count) if way not in left_out else None
            if cost is None:
                left_out.add(way)
            else:
                costs[way.name].append(cost)
    return costs


def median_ratio(above: list[Cost], below: list[Cost]) -> str:
    ratios = [a.processor / b.processor for a, b in zip(above, below)]
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} … {max(ratios):.3f})"


def print_rows(size: int, costs: dict[str, list[Cost]], base: str) -> None:
    print(f"\n| {words(size)}, from process to process | processor time, µs | wall, µs | processor time, as a part of the first row's |")
    print("| --- | --- | --- | --- |")
    for name in [base] + [name for name in costs if name != base]:
        if not costs[name]:
            print(f"| {name} | not installed, or it hung | | |")
            continue
        processor, wall = (statistics.median(getattr(cost, what) for cost in costs[name]) for what in ("processor", "wall"))
        print(f"| {name} | {processor:.1f} | {wall:.1f} | {median_ratio(costs[name], costs[base])} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True, help="the static library, built with optimisation")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--module", help="a file with another module to compare with")
    parser.add_argument("--only", choices=["calls", "messages"])
    arguments: Any = parser.parse_args()
    base = others.OlderWay.name
    if arguments.module:
        WAYS.append(given(arguments.module))
        base = WAYS[-1].name
    if arguments.only != "messages":
        with tempfile.TemporaryDirectory() as folder:
            print_calls(calls.build(Path(folder), arguments.library), arguments.quick)
    if arguments.only != "calls":
        for size, count in SIZES.items():
            quick = arguments.quick
            print_rows(size, rows(size, 3 if quick else 5, max(count // 10, 20) if quick else count), base)


if __name__ == "__main__":
    main()
