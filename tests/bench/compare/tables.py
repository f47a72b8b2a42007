# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md: a fixed text about the method, with the figures of this run put in."""

import plan
import targets


def rate_text(value):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.2f} {unit}/s"
    return f"{value:.1f} /s"


def time_text(ns):
    for limit, unit in ((1e6, "ms"), (1e3, "µs")):
        if ns >= limit:
            return f"{ns / limit:.2f} {unit}"
    return f"{ns:.0f} ns"


def ratio_text(spread, digits=2):
    if not spread:
        return "–"
    if spread["count"] == 1:
        return f"{spread['median']:.{digits}f}"
    return f"{spread['median']:.{digits}f} ({spread['min']:.{digits}f} – {spread['max']:.{digits}f})"


def value_text(work, spread):
    text = time_text if work.is_latency else rate_text
    if spread["count"] == 1:
        return text(spread["median"])
    return f"{text(spread['median'])} ({text(spread['min'])} – {text(spread['max'])})"


def _row(cells):
    return "| " + " | ".join(cells) + " |"


def _header(cells):
    return [_row(cells), _row(["---"] * len(cells))]


def _note(entry):
    return f" ({entry['failed']} runs failed)" if entry.get("failed") else ""


def stream_table(work, summary):
    lines = _header(["", "messages", "per line time", "slotring is … times as fast", "of bare memory"])
    for peer in plan.PEERS:
        entry = summary.get(peer)
        if entry and "none" not in entry:
            lines.append(_row([entry["name"] + _note(entry), value_text(work, entry["value"]),
                               ratio_text(entry["line_times"], 3), ratio_text(entry["slotring_times"]),
                               ratio_text(entry["of_limit"], 3)]))
    return lines


def latency_table(work, summary):
    lines = _header(["", "p50", "p90", "p99", "p99.9", "max", "p50 in line times", "p50 of slotring × …"])
    for peer in plan.PEERS:
        entry = summary.get(peer)
        if entry and "none" not in entry:
            cells = [time_text(entry["percentiles"][key]["median"]) for key in ("50", "90", "99", "99.9", "100")]
            lines.append(_row([entry["name"] + _note(entry), *cells, ratio_text(entry["line_times"], 1),
                               ratio_text(entry["slotring_times"])]))
    return lines


def work_section(work, summary):
    lines = [f"### {work.title}", ""]
    lines += latency_table(work, summary) if work.is_latency else stream_table(work, summary)
    absent = [f"{entry['name']}: {entry['none']}" for entry in summary.values() if "none" in entry]
    if absent:
        lines += ["", "No figure: " + "; ".join(absent) + "."]
    return lines + [""]


def peers_table(results):
    lines = _header(["peer", "version", "setting", "in place"])
    seen = {}
    for summary in results["summary"].values():
        for peer, entry in summary.items():
            if "version" in entry:
                seen.setdefault(peer, entry)
    for peer in plan.PEERS:
        if peer in seen:
            entry = seen[peer]
            lines.append(_row([entry["name"], entry["version"], entry["setting"],
                               "yes" if entry["in_place"] else "copies"]))
        else:
            lines.append(_row([peer, "–", "**skipped**: " + results["missing"].get(peer, "no figure"), "–"]))
    return lines


def own_table(own):
    lines = _header(["what", "figure"])
    for entry in own:
        if "none" in entry:
            lines.append(_row([entry["title"], entry["none"]]))
        else:
            lines.append(_row([entry["title"], f"{ratio_text(entry['value'], entry['digits'])} {entry['unit']}"]))
    return lines


def single_blocks(texts):
    if not texts:
        return ["Not measured in this run."]
    return [line for text in texts.values() for line in ("```text", text, "```", "")]


def machine_table(results):
    return _header(["machine", ""]) + [_row([key, value]) for key, value in results["machine"].items()]


def page(template, results):
    """The template with {{…}} replaced: {{targets}}, {{machine}}, {{peers}}, {{own}}, {{single}}, {{work}}, {{effort}}."""
    parts = {
        "targets": _header(["what", "this run", "wanted", ""]) + [_row(row) for row in targets.rows(results)],
        "machine": machine_table(results),
        "peers": peers_table(results),
        "own": own_table(results["own"]) + ["", results.get("own_text", "")],
        "single": single_blocks(results["single"]),
        "effort": [results["effort_text"]] + (["", results["again_text"]] if "again_text" in results else []),
        "work": [line for work in plan.ALL if work.key in results["summary"]
                 for line in work_section(work, results["summary"][work.key])],
    }
    for name, lines in parts.items():
        template = template.replace("{{" + name + "}}", "\n".join(lines).rstrip())
    return template


def terminal(results):
    """The same for a terminal: one line per figure."""
    lines = []
    for work in plan.ALL:
        summary = results["summary"].get(work.key)
        if not summary:
            continue
        lines.append(f"\n{work.title}")
        for peer in plan.PEERS:
            entry = summary.get(peer)
            if entry is None:
                continue
            if "none" in entry:
                lines.append(f"  {entry['name']:<20} {entry['none']}")
            else:
                lines.append(f"  {entry['name']:<20} {value_text(work, entry['value']):<44} "
                             f"slotring x {ratio_text(entry['slotring_times'])}{_note(entry)}")
    lines.append("\nslotring alone, and limits")
    for entry in results["own"]:
        text = entry.get("none") or f"{ratio_text(entry['value'], entry['digits'])} {entry['unit']}"
        lines.append(f"  {entry['title']:<58} {text}")
    lines.append("\ntargets")
    for what, figure, wanted, verdict in targets.rows(results):
        lines.append(f"  {what:<46} {figure:<40} {wanted:<16} {verdict.strip('*')}")
    for peer, why in results["missing"].items():
        lines.append(f"SKIP {peer}: {why}")
    return "\n".join(lines)
