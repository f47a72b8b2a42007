# SPDX-License-Identifier: Apache-2.0
"""The comparison: measures, and writes results.json, performance.md and the plots. Started by ci/bench.

What each round gave goes to rounds.json in the folder of the build: the page needs medians and spreads only."""

import argparse
import json
import os
import platform
import shutil
import sys

import compact
import figures
import measure
import own
import plan
import plots
import single
import tables


def machine():
    facts = {"system": f"{platform.system()} {platform.release()} {platform.machine()}",
             "processors": str(len(os.sched_getaffinity(0)))}
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith(("model name", "CPU part"))]
    facts["processor"] = names[0] if names else "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        facts["virtual"] = "yes" if " hypervisor" in file.read() else "not seen"
    facts["load before"] = "%.2f %.2f %.2f" % os.getloadavg()
    facts["Python"] = platform.python_version()
    return facts


def parse():
    parser = argparse.ArgumentParser(prog="ci/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: a minute")
    parser.add_argument("--build", required=True, help="folder of the build")
    parser.add_argument("--counted-build", required=True, help="folder of a build without optimisation at link time")
    parser.add_argument("--page", action="store_true", help="measure nothing: the page and the plots again")
    parser.add_argument("--own", action="store_true",
                        help="measure again slotring alone and the machine's limits; the rest stays")
    parser.add_argument("--again", action="append", metavar="WORK",
                        help="measure this piece of work again, with all peers; the rest stays; may be repeated")
    parser.add_argument("--output", required=True, help="folder for performance.md and performance/")
    parser.add_argument("--only", action="append", metavar="WORK",
                        help="this piece of work only; may be repeated: " + ", ".join(w.key for w in plan.ALL))
    return parser.parse_args()


def chosen(arguments):
    keys = {work.key for work in plan.ALL}
    named = arguments.only or arguments.again or ()
    for key in named:
        if key not in keys:
            sys.exit(f"ci/bench: there is no work \"{key}\"; there are {', '.join(sorted(keys))}")
    if named:
        return [work for work in plan.ALL if work.key in named]
    return [work for work in plan.ALL if work.quick or not arguments.quick]


def write_rounds(arguments, raw):
    path = os.path.join(arguments.build, "rounds.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(raw, file, indent=1, sort_keys=True)
        file.write("\n")
    print(f"round by round: {path}")


def measure_all(arguments):
    effort = plan.QUICK if arguments.quick else plan.FULL
    programs = measure.Programs(os.path.join(arguments.build, "peers"))
    facts = machine()
    work = chosen(arguments)
    raw = measure.all_work(effort, programs, work, measure.tell)
    write_rounds(arguments, raw)
    alone = own.measure(arguments.build, effort) if not arguments.only else []
    one_process = single.measure(arguments.build, arguments.counted_build) if not arguments.only and not arguments.quick else {}
    facts["load after"] = "%.2f %.2f %.2f" % os.getloadavg()
    disturbed = float(facts["load before"].split()[0]) > 0.5
    return {
        "machine": facts,
        "missing": programs.missing(),
        "effort_text": f"{effort.rounds} round{'s' if effort.rounds > 1 else ''} of {effort.seconds} s each"
                       + (" (a quick run: a look, not a measurement)" if arguments.quick else "")
                       + ("; **other programs were running: the load was above 0.5**" if disturbed else ""),
        "summary": {w.key: figures.summary(w, raw[w.key]) for w in work},
        "own": alone,
        "single": one_process,
    }


def measure_again(arguments, results):
    """Pieces of work in the place of what an earlier run gave for them."""
    programs = measure.Programs(os.path.join(arguments.build, "peers"))
    work = chosen(arguments)
    raw = measure.all_work(plan.FULL, programs, work, measure.tell)
    write_rounds(arguments, raw)
    for w in work:
        results["summary"][w.key] = figures.summary(w, raw[w.key])
    again = sorted(set(results.get("again", [])) | {w.key for w in work})
    results["again"] = again
    titles = [w.title for w in plan.ALL if w.key in again]
    results["again_text"] = "Measured again after the rest, by `./ci/bench --again`: " + "; ".join(titles) + "."


def write(arguments, results):
    folder = os.path.join(arguments.output, "performance")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        file.write(compact.text(results))
    template = os.path.join(os.path.dirname(os.path.abspath(__file__)), "performance.md.in")
    with open(template, encoding="utf-8") as file:
        text = tables.page(file.read(), results)
    with open(os.path.join(arguments.output, "performance.md"), "w", encoding="utf-8") as file:
        file.write(text)
    if shutil.which("gnuplot"):
        plots.all_plots(folder, results)
    else:
        print("SKIP plots: gnuplot is not there", file=sys.stderr)


def main():
    arguments = parse()
    if arguments.page or arguments.own or arguments.again:
        path = os.path.join(arguments.output, "performance", "results.json")
        if not os.path.exists(path):
            sys.exit(f"ci/bench: {path} is not there: run ci/bench first")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        if arguments.own:
            results["own"] = own.measure(arguments.build, plan.FULL)
            results["single"] = single.measure(arguments.build, arguments.counted_build)
            results["own_text"] = "Measured again after the rest, by `./ci/bench --own`."
        if arguments.again:
            measure_again(arguments, results)
    else:
        results = measure_all(arguments)
    write(arguments, results)
    print(tables.terminal(results))
    print(f"\nwritten: {arguments.output}/performance.md, {arguments.output}/performance/")
    failed = [f"{key}: {peer}" for key, table in results["summary"].items() for peer, entry in table.items()
              if entry.get("failed", 0) > 0 or entry.get("none", "").startswith("failed")]
    if failed:
        print("FAILED measurements: " + "; ".join(failed))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
