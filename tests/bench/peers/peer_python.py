#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Python's multiprocessing.shared_memory, used as a data-acquisition program in Python commonly does: a segment cut
into slots, a shared array with the state of each slot, a search for a free one, and a lock around each change. A
receiver looks for the next slot to become ready. The same works and arguments as main.c of the other peers."""

import argparse
import ctypes
import json
import multiprocessing
import os
import platform
import statistics
import struct
import sys
import time
from multiprocessing.shared_memory import SharedMemory
from multiprocessing.sharedctypes import RawArray

FREE, WRITING, READY = 0, 1, 2
LAST = 1 << 63
WARM_UP = 0.2
STRETCHES_MIN = 4
PERCENTILES = (50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100)
CONTEXT = multiprocessing.get_context("fork")


class Ring:
    """Slots in one segment; made before the processes are forked."""

    def __init__(self, slots, size):
        self.slots, self.size = slots, size
        self.memory = SharedMemory(create=True, size=slots * size)
        self.states = RawArray(ctypes.c_int, slots)
        self.lock = CONTEXT.Lock()
        self.write_index = self.read_index = 0

    def allocate(self):
        """A free slot, round robin; waits for it. (Overwriting instead would lose messages.)"""
        while True:
            for i in range(self.slots):
                slot = (self.write_index + i) % self.slots
                if self.states[slot] == FREE:
                    with self.lock:
                        if self.states[slot] == FREE:
                            self.states[slot] = WRITING
                            self.write_index = (slot + 1) % self.slots
                            return slot
                break  # in order: the next one, or none

    def view(self, slot):
        return self.memory.buf[slot * self.size:(slot + 1) * self.size]

    def mark_ready(self, slot):
        self.states[slot] = READY

    def acquire(self):
        """The next slot in order; waits until it is ready."""
        slot = self.read_index
        while self.states[slot] != READY:
            pass
        with self.lock:
            self.states[slot] += 1
        self.read_index = (slot + 1) % self.slots
        return slot

    def release(self, slot):
        with self.lock:
            self.states[slot] = FREE

    def close(self, unlink):
        self.memory.close()
        if unlink:
            self.memory.unlink()


class Messages:
    """Writes and checks messages; touched means that all of it is copied in, and out."""

    def __init__(self, size, touched):
        self.size, self.touched = size, touched
        self.body = bytes(i & 255 for i in range(size - 16)) if touched else b""

    def send(self, ring, number, last, stamp=0):
        slot = ring.allocate()
        with ring.view(slot) as view:
            struct.pack_into("<QQ", view, 0, number | (LAST if last else 0), stamp)
            if self.touched:
                view[16:] = self.body
        ring.mark_ready(slot)

    def receive(self, ring, number):
        slot = ring.acquire()
        with ring.view(slot) as view:
            header, stamp = struct.unpack_from("<QQ", view, 0)
            if header & ~LAST != number or (self.touched and bytes(view[16:]) != self.body):
                raise RuntimeError(f"message {number} was lost or damaged")
        ring.release(slot)
        return bool(header & LAST), stamp


def pin(number):
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[number % len(cpus)]})


def percentile_of(ordered, percent):
    return float(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))])


def latencies(values):
    ordered = sorted(values)
    return {"latency_ns": {f"{percent:g}": percentile_of(ordered, percent) for percent in PERCENTILES},
            "messages": len(ordered)}


def send_all(options, rings, messages, stretch):
    warm = time.monotonic() + options.seconds * WARM_UP
    number, last, least = 0, False, None
    while not last:
        now = time.monotonic()
        if least is None and now >= warm:
            least = number + STRETCHES_MIN * stretch
        last = least is not None and number >= least and now >= warm + options.seconds
        messages.send(rings[0], number, last)
        number += 1


def receive_all(options, rings, messages, stretch):
    warm = before = time.monotonic() + options.seconds * WARM_UP
    rates, first, number, last = [], None, 0, False
    while not last:
        last, _ = messages.receive(rings[0], number)
        number += 1
        if number % stretch == 0:
            now = time.monotonic()
            if first is not None:
                rates.append(stretch / (now - before))
            elif now >= warm:
                first = now
            before = now
    return {"rate": statistics.median(rates), "mean_rate": len(rates) * stretch / (before - first),
            "messages": len(rates) * stretch}


def ping(options, rings, messages, _stretch):
    before = time.monotonic_ns()
    warm = before + options.seconds * WARM_UP * 1e9
    end = warm + options.seconds * 1e9
    values, number, last = [], 0, False
    while not last:
        last = before >= end
        messages.send(rings[0], number, last)
        messages.receive(rings[1], number)
        now = time.monotonic_ns()
        if now >= warm:
            values.append((now - before) / 2)
        before = now
        number += 1
    return latencies(values)


def pong(_options, rings, messages, _stretch):
    number, last = 0, False
    while not last:
        last, _ = messages.receive(rings[0], number)
        messages.send(rings[1], number, last)
        number += 1


def send_paced(options, rings, messages, _stretch):
    count = int(options.seconds * (1 + WARM_UP) * options.rate) + 1
    start = time.monotonic_ns()
    for number in range(count):
        due = start + int(number * 1e9 / options.rate)
        while time.monotonic_ns() < due:
            pass
        messages.send(rings[0], number, number + 1 == count, due)


def receive_paced(options, rings, messages, _stretch):
    warm = time.monotonic_ns() + options.seconds * WARM_UP * 1e9
    values, number, last = [], 0, False
    while not last:
        last, due = messages.receive(rings[0], number)
        now = time.monotonic_ns()
        if now >= warm:
            values.append(max(1, now - due))
        number += 1
    return dict(latencies(values), mean_rate=len(values) * 1e9 / (now - warm))


WORK = {"stream": (send_all, receive_all), "pingpong": (ping, pong), "paced": (send_paced, receive_paced)}


def obstacle(options):
    if options.blocking:
        return "it has no way to sleep until a slot is ready"
    if options.senders > 1 or options.receivers > 1:
        return "one sender and one receiver only: its search and its lock know no more"
    if options.batch > 1:
        return "no batches"
    if len(os.sched_getaffinity(0)) < 2:
        return "spinning needs two processors"
    return None


def member(number, work, arguments, answers, barrier):
    pin(number)
    barrier.wait()
    answers.put(work(*arguments))


def measure(options):
    buffers = max(8, min(1024, (64 << 20) // options.size))
    stretch = buffers * 8 if options.size <= 1024 else buffers
    rings = [Ring(buffers, options.size) for _ in range(2 if options.work == "pingpong" else 1)]
    answers, barrier = CONTEXT.SimpleQueue(), CONTEXT.Barrier(2)
    arguments = (options, rings, Messages(options.size, not options.untouched), stretch)
    members = [CONTEXT.Process(target=member, args=(number, work, arguments, answers, barrier))
               for number, work in enumerate(WORK[options.work])]
    try:
        for process in members:
            process.start()
        for process in members:
            process.join()
        if any(process.exitcode for process in members):
            sys.exit("peer_python: one of the processes failed")
        return next(answer for answer in (answers.get(), answers.get()) if answer)
    finally:
        for process in members:
            process.kill()
        for ring in rings:
            ring.close(unlink=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", choices=sorted(WORK), required=True)
    for name, kind, usual in (("size", int, 64), ("seconds", float, 0.3), ("rate", float, 10000.0),
                              ("senders", int, 1), ("receivers", int, 1), ("batch", int, 1)):
        parser.add_argument("--" + name, type=kind, default=usual)
    parser.add_argument("--untouched", action="store_true")
    parser.add_argument("--blocking", action="store_true")
    options = parser.parse_args()
    result = {"peer": "Python shared_memory", "version": platform.python_version(),
              "setting": "slots, states and a lock, in Python; spinning", "in_place": True}
    why = obstacle(options)
    result.update({"skipped": why} if why else measure(options))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
