# SPDX-License-Identifier: Apache-2.0
"""What the project wants to reach, next to what this run gave. A figure that was not measured is said to be so."""

import plan
import single


def _entry(results, work, peer):
    entry = results["summary"].get(work, {}).get(peer, {})
    return None if not entry or "none" in entry else entry


def _median(spread):
    return spread["median"] if spread else None


def _own(results, key):
    for entry in results["own"]:
        if entry.get("key") == key:
            return _median(entry["value"])
    return None


def _line_times(results, work, peer=plan.SLOTRING):
    entry = _entry(results, work, peer)
    return _median(entry["line_times"]) if entry else None


def _percentile_in_line_times(results, work, percentile):
    entry = _entry(results, work, plan.SLOTRING)
    if not entry or not entry["line_times"]:
        return None
    line = entry["percentiles"]["50"]["median"] / entry["line_times"]["median"]
    return entry["percentiles"][percentile]["median"] / line


def _against_best_peer(results, work, times="slotring_times"):
    """The bare limit is no peer: it has no library and no safety."""
    ratios = [_median(entry[times]) for peer, entry in results["summary"].get(work, {}).items()
              if peer not in (*plan.OWN, plan.LIMIT) and entry.get(times)]
    return min(ratios) if ratios else None


def _records_against_best_peer(results, work):
    return _against_best_peer(results, work, "records_times")


def _of_limit(results, work, peer=plan.SLOTRING):
    entry = _entry(results, work, peer)
    return _median(entry["of_limit"]) if entry else None


def _hot_against_best_peer(results, work):
    """Of the medians: the ratios of a round are those of the plain ring."""
    hot = _entry(results, work, plan.HOT)
    peers = [_median(entry["value"]) for peer, entry in results["summary"].get(work, {}).items()
             if peer not in (*plan.OWN, plan.LIMIT) and "none" not in entry]
    return _ratio(_median(hot["value"]) if hot else None, max(peers, default=None))


def _few(size, buffers):
    return (f"{size} untouched, {buffers} slots, against iceoryx2",
            lambda r: _against_best_peer(r, f"few_{FEW_KEYS[size]}_{buffers}"), "times as many", ">=", 1)


def _eight_of_64(size):
    """In messages per line time, since the two were not measured in the same minutes."""
    key = FEW_KEYS[size]
    return (f"{size} untouched, 8 slots",
            lambda r: _ratio(_line_times(r, f"few_{key}_8"), _line_times(r, f"few_{key}_64")), "times as many as with 64 slots",
            ">=", 0.5)


def _ratio(a, b):
    return a / b if a and b else None


def _untouched(results, small):
    """1 MiB against `small`, in messages per line time each, since the two were not measured in the same minutes."""
    return _ratio(_line_times(results, "stream_1m_untouched"), _line_times(results, small))


FEW_KEYS = {title: key for key, title, _ in plan.FEW_SIZES}

# What, the figure, its unit, and the bound: at least or at most.
TARGETS = (
    ("64 B, 1 to 1, one by one", lambda r: _line_times(r, "stream_64"), "messages per line time", ">=", 0.57),
    ("the same against the best peer", lambda r: _against_best_peer(r, "stream_64"), "times as many", ">=", 1.5),
    ("64 B in batches of 16", lambda r: _line_times(r, "stream_64_batch"), "messages per line time", ">=", 1.4),
    ("64 B records, against the best peer", lambda r: _records_against_best_peer(r, "stream_64"), "times as many", ">=",
     1.3),
    ("the same, of bare memory", lambda r: _of_limit(r, "stream_64", plan.RECORDS), "of bare memory", ">=", 0.8),
    ("16 B records, against the best peer", lambda r: _records_against_best_peer(r, "stream_16"), "times as many", ">=",
     1),
    ("256 B records, against the best peer", lambda r: _records_against_best_peer(r, "stream_256"), "times as many",
     ">=", 1),
    ("1 KiB records, against the best peer", lambda r: _records_against_best_peer(r, "stream_1k"), "times as many", ">=",
     1),
    ("a 64 B record, half a round trip, p50, against the best peer",
     lambda r: _records_against_best_peer(r, "pingpong_64"), "times as long takes the peer", ">=", 1),
    ("64 B records, 2 senders, blocking, against the best peer",
     lambda r: _records_against_best_peer(r, "fan_in_2"), "times as many", ">=", 1.2),
    ("64 B records, 4 senders, blocking, against the best peer",
     lambda r: _records_against_best_peer(r, "fan_in_4"), "times as many", ">=", 1.2),
    ("64 B records, 2 receivers, blocking, against the best peer",
     lambda r: _records_against_best_peer(r, "fan_out_2"), "times as many", ">=", 1.2),
    ("64 B records, 4 receivers, blocking, against the best peer",
     lambda r: _records_against_best_peer(r, "fan_out_4"), "times as many", ">=", 1.2),
    ("one way, spinning, p50", lambda r: _percentile_in_line_times(r, "pingpong_64", "50"), "line times", "<=", 1.8),
    ("one way, spinning, p99", lambda r: _percentile_in_line_times(r, "pingpong_64", "99"), "line times", "<=", 3),
    ("the same against the best peer, p50", lambda r: _against_best_peer(r, "pingpong_64"),
     "times as long takes the peer", ">=", 1),
    ("woken from sleep, p50", lambda r: _of_limit(r, "wake_64"), "of the bare futex", "<=", 1.1),
    ("1 MiB written and read whole", lambda r: _of_limit(r, "stream_1m"), "of bare memory", ">=", 0.95),
    ("1 MiB written and read whole, hot slots, against the best peer", lambda r: _hot_against_best_peer(r, "stream_1m"),
     "times as many", ">=", 1),
    ("10 MiB written and read whole, hot slots, against the best peer", lambda r: _hot_against_best_peer(r, "stream_10m"),
     "times as many", ">=", 1),
    *(_few(size, buffers) for size in FEW_KEYS for buffers in plan.FEW_BUFFERS),
    *(_eight_of_64(size) for size in FEW_KEYS),
    ("a span of ten slots of 1 MiB", lambda r: single.span(r["single"]), "of one slot of 10 MiB", ">=", 0.9),
    ("1 MiB untouched", lambda r: _untouched(r, "stream_64k_untouched"), "times as many as with 64 KiB", ">=", 0.95),
    ("1 MiB untouched", lambda r: _untouched(r, "stream_64"), "times as many as with 64 B", ">=", 0.95),
    ("allocate, mark_ready, acquire, release, free", lambda r: _ratio(_own(r, "life"), _own(r, "life_atomics")),
     "times their atomics alone", "<=", 1.3),
    ("allocate at many slots, every pattern, counted", lambda r: single.more_counted(r["single"]),
     "instructions or atomics more", "<=", 0),
    ("the same, time", lambda r: single.worst_allocate(r["single"]),
     "times (time at few + what a bare walk adds)", "<=", 1.3),
    ("a slow lossy monitor costs the producer", lambda r: _own(r, "monitor"), "percent", "<=", 5),
    ("the same, of the latest message", lambda r: _own(r, "monitor_latest"), "percent", "<=", 5),
    ("the same, of every 100th message", lambda r: _own(r, "monitor_every"), "percent", "<=", 5),
    ("the same, of one tag of 256", lambda r: _own(r, "monitor_tag"), "percent", "<=", 5),
    ("an event builder of eight rings is awake", lambda r: single.wake_of_eight(r["single"]), "times as late as with one",
     "<=", 1.5),
    ("the same, while idle", lambda r: _own(r, "idle_builder"), "percent of a processor", "<=", 0.5),
    ("repair at 4,096 slots and 64 participants", lambda r: _own(r, "repair_4096_64"), "µs", "<=", 1000),
)


def rows(results):
    """(what, figure, bound, verdict) of each."""
    found = []
    for what, figure, unit, sense, bound in TARGETS:
        value = figure(results)
        wanted = f"{'at least' if sense == '>=' else 'at most'} {bound}"
        if value is None:
            found.append((what, "not measured", wanted, "–"))
            continue
        met = value >= bound if sense == ">=" else value <= bound
        found.append((what, f"{value:.2f} {unit}", wanted, "met" if met else "**missed**"))
    return found
