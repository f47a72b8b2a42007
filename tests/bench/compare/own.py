# SPDX-License-Identifier: Apache-2.0
"""What is measured of slotring alone, and the limits of the machine: by the programs slotring_own and limits, each
of which prints {"figures": [{"key", "title", "unit", "value"}]} once per call."""

import os

import figures
import measure as runner


def _rounds(command, rounds):
    collected, order = {}, []
    for _ in range(rounds):
        result = runner.run(command, 300)
        if "failed" in result:
            runner.tell(f"  {os.path.basename(command[0])}: FAILED: {result['failed']}")
            return [{"title": os.path.basename(command[0]), "none": "failed: " + result["failed"]}]
        for entry in result["figures"]:
            if entry["key"] not in collected:
                order.append(entry)
            collected.setdefault(entry["key"], []).append(entry["value"])
    return [{"key": entry["key"], "title": entry["title"], "unit": entry["unit"], "digits": 2,
             "value": figures.spread(collected[entry["key"]])} for entry in order]


def measure(build, effort):
    found = []
    for name in ("limits", "slotring_own"):
        path = os.path.join(build, "peers", name)
        if not os.access(path, os.X_OK):
            found.append({"title": name, "none": "skipped: it was not built"})
            continue
        runner.tell(name)
        found += _rounds([path, "--scale", str(effort.own_scale)], effort.own_rounds)
    return found
