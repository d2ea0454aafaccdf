#!/usr/bin/env python3
"""bench/peers.py [--quick] [--json FILE] [--markdown FILE] RESULT...: weir beside its peers, from Google Benchmark's JSON files.

A repetition measured every system of a case, one right after another, in one state of the machine. So a ratio is the
median of the ratios of the repetitions in one state, and its interval that of the median by order statistics, of 95 %
or what few repetitions give; more than 1 means that weir is better. The best peer of a state is the one with the least
median there, in whichever form it does best: polled by its reader as most people do, or with the reader's back-off of
weir. --quick: ratios without bars.
"""
import argparse
import collections
import json
import statistics
import sys

sys.dont_write_bytecode = True
import table  # noqa: E402

STATES = ("near", "far", "all")
ENOUGH = 9  # repetitions of a state; fewer are shown and not judged
OUTSIDE = "("  # a peer with a remark does less, or is no way to do it: it is shown, and not the best

# Topic and bytes of a row, which of ours, what is promised while the processors are near and far.
TARGETS = [
    ("1-to-1", 8, "weir handle", 1.0, 2.5),
    ("1-to-1", 8, "weir put", 0.8, 2.0),
    ("1-to-1", 64, "weir handle", 1.1, 1.0),
    ("1-to-1-batches", 8, "weir in place", 1.8, 1.3),
    ("1-to-1-batches", 8, "weir handle", 1.0, 1.1),
    ("1-to-1-batches", 64, "weir in place", 1.0, 0.95),
    ("1-to-1-many", 8, "weir handle", 1.3, 1.8),
    ("1-to-1-batches-many", 8, "weir handle", 2.0, 1.8),
    ("2-to-1", 8, "weir handle", 3.0, 3.0),
    ("2-to-1-batches", 8, "weir handle", 3.0, 3.0),
    ("overwrite", 8, "weir handle", 0.8, 2.0),
    ("round-trip", 8, "weir handle", 0.9, 1.0),
    ("latency-1M", 8, "weir handle", 0.9, 0.9),  # of both percentiles
    ("latency-10M", 8, "weir handle", 0.9, 0.9),
    ("latency-50M", 8, "weir handle", 0.9, 0.9),
    ("second-reader", 8, "weir two readers", 0.8, 0.8),
    ("second-reader-gated", 8, "weir two readers", 0.8, 0.8),
    ("strings", 200, "weir prepared key", 8.0, 6.0),
    ("strings-2-to-1", 200, "weir prepared key", 2.5, 1.8),
    ("route", 8, "weir put with a string key", 1 / 1.15, None),  # of one thread: one bar
    ("replay-column", 64, "weir gated", 1.5, None),
    ("replay-column", 64, "weir overwrite", 1.0, None),
    ("replay-segment", 64, "weir gated", 3.0, None),
    ("replay-segment", 64, "weir overwrite", 1.5, None),
]
# Bars beside those: against one peer, whatever the others do.
AGAINST = [("1-to-1", 8, "weir handle", "disruptor", 1.5), ("1-to-1-batches", 8, "weir handle", "disruptor", 1.5),
           ("1-to-1-many", 8, "weir handle", "disruptor", 1.5),
           ("1-to-1-batches-many", 8, "weir handle", "disruptor", 1.5)]
SUMS = {"route": ("put with a prepared key", "md5 of the key")}  # systems that only together do the task


def disturbed(entry):
    return entry["share"] < table.OWN_PROCESSOR


def by_state(entries):
    """The repetitions that count, by the machine's state."""
    states = collections.defaultdict(list)
    for entry in entries:
        if not entry.get("error_occurred") and not disturbed(entry):
            states[table.state_of(entry) or "all"].append(entry)
    return {state: states[state] for state in STATES if states[state]}


def systems_of(entries):
    """By figure (`ns` is the time a record), the systems that report it."""
    figures = collections.defaultdict(dict)
    for entry in entries:
        for key in entry:
            figure, colon, system = key.partition(":")
            if colon:
                figures[figure][system] = True
    return {figure: list(systems) for figure, systems in figures.items()}


def rows_of(case, entries):
    rows = []
    for figure, systems in systems_of(entries).items():
        for state, here in by_state(entries).items():
            for system in systems:
                values = [entry[f"{figure}:{system}"] for entry in here if f"{figure}:{system}" in entry]
                if values:
                    rows.append({"case": case if figure == "ns" else f"{case}/{figure}", "system": system,
                                 "state": state, "unit": "share" if figure == "delivered" else "ns",
                                 "median": statistics.median(values), "min": min(values), "max": max(values),
                                 "repetitions": len(values)})
    return rows


def comparisons(case, topic, size, entries, quick):
    """One of each promise, and one without a bar of each of our systems that has none."""
    found = []
    for figure, systems in systems_of(entries).items():
        if figure == "delivered":
            continue
        peers = [system for system in systems if not system.startswith("weir") and OUTSIDE not in system]
        for ours in (system for system in systems if system.startswith("weir")):
            bars = next((target[3:] for target in TARGETS if target[:3] == (topic, size, ours)), None)
            for state, here in by_state(entries).items():
                if not peers:
                    continue
                value = lambda entry, system: entry[f"{figure}:{system}"]
                best = min(peers, key=lambda peer: statistics.median(value(entry, peer) for entry in here))
                held = {peer: bar for *what, peer, bar in AGAINST
                        if what == [topic, size, ours] and figure == "ns" and peer in peers}
                bar = None if bars is None else bars[state == "far"]
                held[best] = max((each for each in (held.get(best), bar) if each is not None), default=None)
                for peer, bar in held.items():
                    ratio, low, high = table.interval([value(entry, peer) / value(entry, ours) for entry in here])
                    found.append({"case": case if figure == "ns" else f"{case}/{figure}", "system": ours,
                                  "state": state, "best_peer": peer, "ratio": ratio, "low": low, "high": high,
                                  "target": None if quick or len(here) < ENOUGH else bar, "repetitions": len(here)})
    return found


def verdict(comparison):
    if comparison["target"] is None:
        return ""
    met = comparison["low"] >= comparison["target"]
    return f"bar {comparison['target']:.2f} " + ("met" if met else "MISSED")


def markdown(report):
    """The comparisons as a table for a page."""
    medians = {(row["case"], row["system"], row["state"]): row["median"] for row in report if "unit" in row}
    lines = ["| case | state | weir | ns | best peer | ns | ratio | bar |", "|---|---|---|---|---|---|---|---|"]
    for row in report:
        if "ratio" in row and row["repetitions"] >= ENOUGH:
            ours, theirs = (table.significant(medians[row["case"], system, row["state"]])
                            for system in (row["system"], row["best_peer"]))
            bar = "" if row["target"] is None else f"{row['target']:.2f} " + (
                "met" if row["low"] >= row["target"] else "**missed**")
            lines.append(f"| {row['case']} | {row['state']}, {row['repetitions']} | {row['system'].removeprefix('weir ')} "
                         f"| {ours} | {row['best_peer']} | {theirs} | {row['ratio']:.2f} ({row['low']:.2f} to "
                         f"{row['high']:.2f}) | {bar} |")
    return "\n".join(lines) + "\n"


def show(case, rows, found):
    print(f"\n{case}")
    systems = list(dict.fromkeys((row["case"], row["system"]) for row in rows))
    width = max(len(system) + (len(name) - len(case) + 1 if name != case else 0) for name, system in systems)
    for name, system in systems:
        cells = []
        for row in rows:
            if (row["case"], row["system"]) == (name, system):
                cells.append(f"{row['state']} {table.significant(row['median'])} {row['unit']} "
                             f"({table.significant(row['min'])} to {table.significant(row['max'])}, "
                             f"{row['repetitions']})")
        label = system if name == case else f"{name[len(case) + 1:]} {system}"
        print(f"  {label.ljust(width)}  " + "   ".join(cells))
    for comparison in found:
        what = comparison["case"][len(case) + 1:]
        print(f"  {comparison['state']}: {what + ' ' if what else ''}{comparison['system']} is "
              f"{comparison['ratio']:.2f} ({comparison['low']:.2f} to {comparison['high']:.2f}) times as good as "
              f"{comparison['best_peer']}  {verdict(comparison)}".rstrip())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--json", metavar="FILE")
    arguments.add_argument("--markdown", metavar="FILE")
    arguments.add_argument("results", nargs="+")
    arguments = arguments.parse_args()
    context, repetitions = table.read(arguments.results)
    if not repetitions:
        print("no benchmark matches", file=sys.stderr)
        return 1
    table.print_head({"machine": table.machine(), "compiler": context["compiler"], "load": context["load_avg"],
                      "floor": table.floor_of(repetitions)})
    report, failures, bars = [], [], collections.Counter()
    floors = {name: entries for name, entries in repetitions.items() if "ns" in entries[0]}
    if floors:
        print("\nthe machine itself")
    for name, entries in floors.items():
        failures += sorted({f"{name}: {entry['error_message']}" for entry in entries if entry.get("error_occurred")})
        topic, size, variant = name.partition(" ")[0].split("/", 2)
        case = f"floor/{topic}/{size}/{variant.removeprefix('floor/')}"
        for state, here in by_state(entries).items():
            values = [entry["ns"] for entry in here]
            report.append({"case": case, "system": "machine", "state": state, "unit": "ns",
                           "median": statistics.median(values), "min": min(values), "max": max(values),
                           "repetitions": len(values)})
            print(f"  {topic + ' ' + variant.removeprefix('floor/'):42}  {state} {table.significant(statistics.median(values))} "
                  f"ns ({table.significant(min(values))} to {table.significant(max(values))}, {len(values)})")
        del repetitions[name]
    for name, entries in repetitions.items():
        topic, size, _ = name.partition(" ")[0].split("/", 2)
        case = f"{topic}/{size}"
        failures += sorted({f"{case}: {entry['error_message']}" for entry in entries if entry.get("error_occurred")})
        if topic in SUMS:
            for entry in (entry for entry in entries if not entry.get("error_occurred")):
                entry["ns:" + " + ".join(SUMS[topic])] = sum(entry.pop("ns:" + part) for part in SUMS[topic])
        rows = rows_of(case, entries)
        found = comparisons(case, topic, int(size[:-1]), entries, arguments.quick)
        report += rows + found
        bars.update(verdict(comparison).split()[-1] for comparison in found if verdict(comparison))
        if rows:
            show(case, rows, found)
        left = sum(disturbed(entry) for entry in entries if not entry.get("error_occurred"))
        between = sum(table.state_of(entry) == "between" for entry in entries if not entry.get("error_occurred"))
        if left or between:
            print(f"  of {len(entries)} repetitions {left} lost a processor, {between} changed their state: not counted")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(report, out, indent=1)
            out.write("\n")
    if arguments.markdown:
        with open(arguments.markdown, "w", encoding="utf-8") as out:
            out.write(markdown(report))
    for failure in failures:
        print(f"FAILED {failure}")
    if not arguments.quick:
        print(f"\n{bars['met']} bars met, {bars['MISSED']} missed")
    print(f"{len(repetitions)} cases, {sum(len(entries) for entries in repetitions.values())} repetitions, "
          f"{len(failures)} with a wrong answer")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
