# SPDX-License-Identifier: Apache-2.0
"""Reads the lines of slotring_bridge_bench from standard input, and prints docs/performance/bridge.md."""

import json
import statistics
import sys

NAMES = {"tcp": "plain TCP", "bare": "the bare engine", "bridge": "the bridge"}
SIZES = {64: "64 B", 65536: "64 KiB", 1048576: "1 MiB", 10485760: "10 MiB"}
WANTED = {64: 0.8, 65536: 0.9, 1048576: 0.9}


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} … {max(values):.2f})"


def of(rows, way, size):
    return [row for row in rows if row["way"] == way and row["size"] == size]


def rate(row):
    """Bytes of messages in a second, in MB."""
    return row["size"] * row["messages"] / row["seconds"] / 1e6


def cost(row, key="processor"):
    """Seconds of a processor for a GB."""
    return row[key] / (row["size"] * row["messages"] / 1e9)


def throughput(rows, size):
    bare = of(rows, "bare", size)
    for way, name in NAMES.items():
        mine = of(rows, way, size)
        if not mine:
            continue
        ratios = [rate(row) / rate(other) for row, other in zip(mine, bare)]
        costs = [cost(row) / cost(other) for row, other in zip(mine, bare)]
        messages = statistics.median(row["messages"] / row["seconds"] for row in mine)
        server = statistics.median(cost(row, "of_server") for row in mine)
        print(
            f"| {SIZES[size]} | {name} | {statistics.median(map(rate, mine)):,.1f} | {messages:,.0f} | {spread(ratios)} "
            f"| {statistics.median(map(cost, mine)):.2f} | {server:.2f} | {spread(costs)} |"
        )


def verdicts(rows):
    for size, wanted in WANTED.items():
        pairs = list(zip(of(rows, "bridge", size), of(rows, "bare", size)))
        if not pairs:
            continue
        got = statistics.median(rate(a) / rate(b) for a, b in pairs)
        print(f"| {SIZES[size]} | {wanted} | {got:.2f} | {'reached' if got >= wanted else 'not yet'} |")


def latencies(rows):
    for row in rows:
        pack = f"{row['pack_us'] / 1000:g} ms" if row["way"] == "bridge" else ""
        if row["way"] == "bridge" or row["pack_us"] > 1:
            print(f"| {SIZES[row['size']]} | {NAMES[row['way']]} | {pack} | {row['p50_us']:,.0f} | {row['p99_us']:,.0f} |")


def main():
    rows = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    fast = [row for row in rows if "p50_us" not in row]
    print("| message | way | MB/s | messages/s | times the bare engine's | processor, s/GB | of that the server | times the bare engine's |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        throughput(fast, size)
    print("\n| message | wanted, of the bare engine's rate | here | |\n| --- | --- | --- | --- |")
    verdicts(fast)
    print("\n## How long a message takes\n\nOne each 5 ms, alone, from before it is written until the reader has it.\n")
    print("| message | way | waits for others | median, µs | 99 %, µs |\n| --- | --- | --- | --- | --- |")
    latencies([row for row in rows if "p50_us" in row])


main()
