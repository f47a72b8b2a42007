# SPDX-License-Identifier: Apache-2.0
"""Medians with their spread, and ratios that are taken round by round before their median is."""

import statistics

import plan


def spread(values):
    """None where there is nothing."""
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "count": len(values)}


def is_good(result):
    return "failed" not in result and "skipped" not in result


def reason(results):
    """Why a peer has no figure."""
    for result in results:
        for key in ("skipped", "failed"):
            if key in result:
                return f"{key}: {result[key]}"
    return "skipped: not measured"


def figure(work, result):
    """Messages a second, or nanoseconds."""
    return result["latency_ns"]["50"] if work.is_latency else result["rate"]


def line_ns(result):
    """Mean of the two looks at the bare line around a measurement; None where there was none."""
    looks = [look for look in result.get("line_ns", []) if look > 0]
    return statistics.mean(looks) if looks else None


def in_line_times(work, result):
    """Messages per line time, or line times per message."""
    line = line_ns(result)
    if not line:
        return None
    value = figure(work, result)
    return value / line if work.is_latency else value * line * 1e-9


def paired(work, mine, theirs, value=figure):
    """Ratio of the two, each of the same round; rounds that one of them lacks are left out."""
    ratios = [value(work, a) / value(work, b) for a, b in zip(mine, theirs) if is_good(a) and is_good(b)]
    return spread(ratios)


def summary(work, rounds):
    """{peer: figures} of one piece of work."""
    table = {}
    own = rounds.get(plan.SLOTRING, [])
    records = rounds.get(plan.RECORDS, [])
    limit = rounds.get(plan.LIMIT, [])
    for peer, results in rounds.items():
        good = [result for result in results if is_good(result)]
        if not good:
            table[peer] = {"name": results[0].get("peer", peer), "none": reason(results)}
            continue
        entry = {
            "name": good[0]["peer"], "version": good[0]["version"], "setting": good[0]["setting"],
            "in_place": good[0].get("in_place", False),
            "value": spread([figure(work, result) for result in good]),
            "line_times": spread([value for value in (in_line_times(work, result) for result in good) if value]),
            # How many times as good slotring is: more messages, or less time.
            "slotring_times": paired(work, results, own) if work.is_latency else paired(work, own, results),
            "records_times": paired(work, results, records) if work.is_latency else paired(work, records, results),
            "of_limit": paired(work, results, limit),
            "failed": len(results) - len(good),
        }
        if work.is_latency:
            entry["percentiles"] = {
                percentile: spread([result["latency_ns"][percentile] for result in good])
                for percentile in good[0]["latency_ns"]}
        else:
            entry["mean_rate"] = spread([result["mean_rate"] for result in good])
        table[peer] = entry
    return table
