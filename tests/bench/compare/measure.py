# SPDX-License-Identifier: Apache-2.0
"""Runs the programs of the comparison, in rounds, so that what is compared was measured next to each other."""

import json
import os
import signal
import subprocess
import sys

import plan


def _end_group(process):
    """First in a way that lets it remove what it has created."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=3)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass


def run(command, limit_seconds, environment=None):
    """The JSON object that the command prints, or one that says why there is none."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True, env=environment)
    try:
        output, errors = process.communicate(timeout=limit_seconds)
    except subprocess.TimeoutExpired:
        _end_group(process)
        process.communicate()
        return {"failed": f"did not end within {limit_seconds:.0f} s"}
    except BaseException:
        _end_group(process)
        raise
    if process.returncode != 0:
        lines = [line for line in errors.strip().splitlines() if line.strip()]
        return {"failed": lines[0] if lines else f"ended with status {process.returncode}"}
    return json.loads(output[output.index("{"):])


class Programs:
    """Where the programs are; those that are not there are skipped, with what to do about it."""

    def __init__(self, folder):
        self.folder = folder

    def command(self, peer):
        path = os.path.join(self.folder, "peer_" + peer)
        return path if os.access(path, os.X_OK) else None

    def missing(self):
        return {peer: "not there: " + plan.HOW_TO_GET.get(peer, "it was not built")
                for peer in plan.PEERS if not self.command(peer)}


def _arguments(work, effort):
    slow = "1000" in work.arguments or "500" in work.arguments
    return (*work.arguments, "--seconds", str(effort.wake_seconds if slow else effort.seconds))


def _one_round(work, effort, programs, number, tell):
    """Each peer once. The order moves on by one from round to round, so that nobody always follows the same."""
    there = [peer for peer in work.peers if programs.command(peer)]
    shift = number % len(there)
    results = {}
    for peer in there[shift:] + there[:shift]:
        command = [programs.command(peer), *_arguments(work, effort)]
        results[peer] = run(command, 30 + 10 * effort.seconds)
        if "failed" in results[peer]:
            tell(f"  {peer}: FAILED: {results[peer]['failed']}")
    return results


def all_work(effort, programs, wanted, tell):
    """{work key: {peer: [one result per round]}}. A peer that cannot do a piece of work is asked once."""
    everything = {}
    for work in wanted:
        tell(work.title)
        rounds = {}
        cannot = set()
        for number in range(effort.rounds):
            those = plan.Work(work.key, work.title, work.arguments, work.unit,
                              peers=tuple(peer for peer in work.peers if peer not in cannot))
            for peer, result in _one_round(those, effort, programs, number, tell).items():
                rounds.setdefault(peer, []).append(result)
                if "skipped" in result:
                    cannot.add(peer)
        everything[work.key] = rounds
    return everything


def tell(text):
    print(text, file=sys.stderr, flush=True)
