# SPDX-License-Identifier: Apache-2.0
"""Plots by gnuplot, those that the page shows."""

import os
import subprocess
import tempfile

import plan

_TERMINAL = "svg size 900,520 dynamic background rgb 'white' font 'sans,13'"


def _entries(summary):
    return [(peer, summary[peer]) for peer in plan.PEERS if peer in summary and "none" not in summary[peer]]


def _quoted(text):
    return '"' + text.replace('"', "'") + '"'


def _gnuplot(target, data, commands):
    """`data` is what the commands read as "data"."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "data"), "w", encoding="utf-8") as file:
            file.write(data)
        script = f"set terminal {_TERMINAL}\nset output {_quoted(os.path.abspath(target) + '.svg')}\n"
        subprocess.run(["gnuplot", "-"], input=script + commands, text=True, cwd=folder, check=True)


def bars(target, title, axis, summary, scale):
    """One bar per peer with its spread, on a logarithmic axis."""
    rows = []
    for at, (_, entry) in enumerate(_entries(summary)):
        value = entry["value"]
        rows.append(f"{at} {value['median'] * scale} {value['min'] * scale} {value['max'] * scale} "
                    f"{_quoted(entry['name'])}")
    values = [entry["value"][key] * scale for _, entry in _entries(summary) for key in ("min", "max")]
    if rows:
        _gnuplot(target, "\n".join(rows) + "\n", f"""
set title {_quoted(title)}
set ylabel {_quoted(axis)}
set logscale y
set style fill solid 0.7
set boxwidth 0.7
set grid ytics
set xtics rotate by -30 noenhanced
set rmargin 16
set yrange [{min(values) / 2}:{max(values) * 2}]
set xrange [-0.7:{len(rows) - 0.3}]
unset key
plot "data" using 1:2:xtic(5) with boxes lc rgb "#4477aa", "" using 1:2:3:4 with yerrorbars lc rgb "black" pt 0
""")


def percentile_curves(target, title, summary):
    """Latency over percentile, the axis stretched towards 100 as HdrHistogram's own plots do it."""
    blocks, names = [], []
    for _, entry in _entries(summary):
        rows = []
        for percentile, spread in entry["percentiles"].items():
            beyond = 1 / (1 - min(float(percentile), 99.999) / 100)
            rows.append(f"{beyond} {spread['median']}")
        blocks.append("\n".join(rows))
        names.append(entry["name"])
    if blocks:
        curves = ", ".join(f'"data" index {at} using 1:2 with linespoints lw 2 title {_quoted(name)} noenhanced'
                           for at, name in enumerate(names))
        _gnuplot(target, "\n\n\n".join(blocks) + "\n", f"""
set title {_quoted(title)}
set xlabel "percentile"
set ylabel "latency, ns"
set logscale xy
set xtics ("50" 2, "75" 4, "90" 10, "95" 20, "99" 100, "99.9" 1000, "99.99" 10000, "max" 100000)
set grid
set key outside right
plot {curves}
""")


def sizes(target, title, results):
    """Bytes a second over the size of a message, touched."""
    steps = (("stream_64", 64), ("stream_1k", 1024), ("stream_64k", 65536), ("stream_1m", 1 << 20),
             ("stream_10m", 10 << 20))
    blocks, names = [], []
    for peer in plan.PEERS:
        rows, name = [], peer
        for key, size in steps:
            entry = results["summary"].get(key, {}).get(peer)
            if entry and "none" not in entry:
                name = entry["name"]
                rows.append(f"{size} {entry['value']['median'] * size / 1e9}")
        if rows:
            blocks.append("\n".join(rows))
            names.append(name)
    if not blocks:
        return
    curves = ", ".join(f'"data" index {at} using 1:2 with linespoints lw 2 title {_quoted(name)} noenhanced'
                       for at, name in enumerate(names))
    _gnuplot(target, "\n\n\n".join(blocks) + "\n", f"""
set title {_quoted(title)}
set xlabel "bytes of a message"
set ylabel "GB/s written and read whole"
set logscale xy
set xtics ("64" 64, "1 Ki" 1024, "64 Ki" 65536, "1 Mi" 1048576, "10 Mi" 10485760)
set grid
set key outside right
plot {curves}
""")


def all_plots(folder, results):
    titles = {work.key: work.title for work in plan.ALL}
    for key, axis, scale in (("stream_64", "million messages/s", 1e-6), ("fan_in_2", "million messages/s", 1e-6)):
        if key in results["summary"]:
            bars(os.path.join(folder, key), titles[key], axis, results["summary"][key], scale)
    for key in ("pingpong_64", "paced_64", "wake_64"):
        if key in results["summary"]:
            percentile_curves(os.path.join(folder, key), titles[key], results["summary"][key])
    sizes(os.path.join(folder, "sizes"), "1 to 1, spinning, touched", results)
