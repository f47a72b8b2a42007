# SPDX-License-Identifier: Apache-2.0
"""What slotring_bench measures of slotring alone: allocation at few and at many slots in each pattern, next to a bare
walk over as much memory; atomics, lines and time of the operations; tickets; spans beside slots of their size; the wake of who waits
for several rings. Its own text is shown as it is."""

import os
import re
import subprocess

import measure as runner

SUBJECTS = ("allocate", "count", "ticket", "spans", "many")


def _run(path, subject, effort_scale):
    command = [path, "--only", subject, "--repeats", "5", "--scale", str(effort_scale), "--slots", "1048576"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "failed: did not end within 300 s"
    if done.returncode != 0:
        return "failed: " + (done.stderr.strip() or f"status {done.returncode}")
    # The machine is described once for the whole page.
    sections = done.stdout.strip().split("\n\n")
    return "\n\n".join(section for section in sections if not section.startswith(("Machine", "All targets")))


def measure(build, counted_build):
    """{subject: text}. Counted is a build whose calls are calls: optimised at link time they are not."""
    texts = {}
    for subject in SUBJECTS:
        path = os.path.join(counted_build if subject == "count" else build, "tests", "bench", "slotring_bench")
        runner.tell("slotring_bench " + subject)
        texts[subject] = _run(path, subject, 0.5) if os.access(path, os.X_OK) else "skipped: it was not built"
    return texts


def worst_allocate(texts):
    """Of all patterns: the time at many slots, over the time at few and what the bare walk takes more. None: not measured."""
    found = re.findall(r"many slots / \(few \+ bare walk's more\) +(-?[0-9.]+)", texts.get("allocate", ""))
    return max(map(float, found)) if found else None


def more_counted(texts):
    """Of all patterns: instructions and atomics that allocate executes more at many slots, in the median."""
    found = re.findall(r"target: more \w+ at many slots +(-?[0-9.]+)", texts.get("count", ""))
    return max(map(float, found)) if found else None


def span(texts):
    """The rate of a span of ten slots, of that of one slot as large as all of them. None: not measured."""
    found = re.search(r"the span's rate, of the slot's +([0-9.]+)", texts.get("spans", ""))
    return float(found[1]) if found else None


def wake_of_eight(texts):
    """The wake of who waits for eight rings, over that of who waits for one. None: not measured."""
    found = re.search(r"slotring_wait_many, eight rings +([0-9.]+) times", texts.get("many", ""))
    return float(found[1]) if found else None
