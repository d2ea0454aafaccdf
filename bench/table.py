#!/usr/bin/env python3
"""bench/table.py [--smoke] [--json FILE] RESULT...: one table of all repetitions in Google Benchmark's JSON files.

A row's figure is the median of its repetitions; the spread is half the distance between the quartiles. Repetitions in
which a thread had its processor for less than 95 % of the time do not count where at least three others do. Of what
was measured in pairs each system has a row; that of weir tells how many times as long it takes as the other: the median
of the repetitions' ratios, with its interval, of 95 % or what few repetitions give.
"""
import argparse
import collections
import json
import math
import os
import platform
import re
import statistics
import sys

NEAR, FAR = 75, 140  # nanoseconds for a line from one processor to the other, below and above
OWN_PROCESSOR = 0.95
ENOUGH = 9  # pairs that a bar is judged by
BARS = {"resharded-text": 1.3, "resharded-prepared": 1.3, "resharded-handle": 1.3}  # of paired rows: the longest
COLUMNS = ["topic", "size", "variant", "ns/record", "M/s", "GB/s", "spread", "near", "far", "clock", "key", "hasher",
           "shards", "notes"]
LEFT = {"topic", "variant", "clock", "key", "hasher", "notes"}


def read(files):
    """The context of the first file, and all repetitions by row, in the order in which the rows first appear."""
    context, rows = {}, collections.OrderedDict()
    for file in files:
        try:
            with open(file, encoding="utf-8") as text:
                result = json.load(text)
        except (OSError, ValueError):
            continue  # a filter that leaves nothing of a program leaves no file either
        context = context or result["context"]
        listed = sorted(result["benchmarks"], key=lambda entry: entry["family_index"])
        for entry in listed:
            if entry.get("run_type") == "iteration":
                name = re.sub(r"/(iterations|repeats|manual_time)(:\d+)?(?=/|$)", "", entry["run_name"])
                rows.setdefault(name, []).append(entry)
    return context, rows


def state_of(entry):
    """Whether the two processors were near each other, far, or changed; nothing for rows of one thread."""
    if "floor_before" not in entry:
        return None
    floors = entry["floor_before"], entry["floor_after"]
    return "near" if max(floors) < NEAR else "far" if min(floors) > FAR else "between"


def interval(values):
    """Median, low and high end: the pair of order statistics that holds the median with 95 % if there is one."""
    values, count, end = sorted(values), len(values), 1
    while end < count // 2 and sum(math.comb(count, i) for i in range(end + 1)) / 2**count <= 0.025:
        end += 1
    return statistics.median(values), values[end - 1], values[-end]


def spread_of(values):
    if len(values) < 3:
        return 0.0
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    return (quartiles[2] - quartiles[0]) / 2 / statistics.median(values)


def systems_of(entries):
    """What was measured in pairs, weir first; of any other row nothing."""
    found = {key[3:] for entry in entries for key in entry if key.startswith("ns:")}
    return sorted(found, key=lambda system: (not system.startswith("weir"), system))


def counted_of(entries):
    """The repetitions that count, of those without a wrong answer."""
    good = [entry for entry in entries if not entry.get("error_occurred")]
    own = [entry for entry in good if entry["share"] >= OWN_PROCESSOR]
    return own if len(own) >= min(3, len(good)) else good


def summaries(name, entries):
    """The rows of a benchmark: one, or one for each system that it measured side by side."""
    systems = systems_of(entries)
    rows = [summary(name, entries, system) for system in systems] or [summary(name, entries)]
    if len(systems) == 2:
        ours, other = (f"ns:{system}" for system in systems)
        ratios = [entry[ours] / entry[other] for entry in counted_of(entries)]
        ratio, low, high = interval(ratios)
        rows[0]["times_as_long"] = {"as": systems[1], "ratio": ratio, "low": low, "high": high, "pairs": len(ratios),
                                    "bar": BARS.get(rows[0]["topic"])}
    return rows


def summary(name, entries, system=None):
    """What the table and the JSON file say of a row."""
    time = "ns" if system is None else f"ns:{system}"
    head, _, tail = name.partition(" ")
    topic, size, variant = head.split("/", 2)
    terms = dict(word.partition("=")[::2] for word in tail.split())
    failures = sorted({entry["error_message"] for entry in entries if entry.get("error_occurred")})
    good = [entry for entry in entries if not entry.get("error_occurred")]
    counted = counted_of(entries)
    row = {"topic": topic, "bytes": int(size[:-1]), "variant": system or variant,
           **{key: value or True for key, value in terms.items()},
           "repetitions": len(entries), "disturbed": sum(entry["share"] < OWN_PROCESSOR for entry in good),
           "failures": failures}
    if counted:
        times = [entry[time] for entry in counted]
        ns = statistics.median(times)
        row |= {"ns_per_record": ns, "records_per_second": 1e9 / ns, "bytes_per_second": 1e9 / ns * row["bytes"],
                "spread": spread_of(times), "least_ns": min(times), "most_ns": max(times)}
        for state in ("near", "far"):
            here = [entry[time] for entry in counted if state_of(entry) == state]
            if here:
                row[state] = {"ns_per_record": statistics.median(here), "repetitions": len(here)}
        for figure in ("put_rate", "read_rate", "missed"):
            if figure in counted[0]:
                row[figure] = statistics.median(entry[figure] for entry in counted)
    return row


def comparison(pair):
    said = f"{pair['ratio']:.2f} ({pair['low']:.2f} to {pair['high']:.2f}) times as long as {pair['as']}"
    if pair["bar"] is None or pair["pairs"] < ENOUGH:
        return said
    return f"{said}, bar {pair['bar']:.2f} " + ("met" if pair["high"] <= pair["bar"] else "MISSED")


def notes(row, smoke):
    said = [f"{key}={row[key]}" if row[key] is not True else key
            for key in ("ring", "wait", "readers", "quick-start") if key in row]
    if not smoke:
        if "put_rate" in row:
            said.append(f"put {row['put_rate'] / 1e6:.0f} M/s")
        if "read_rate" in row:
            said.append(f"read {row['read_rate'] / 1e6:.0f} M/s")
        if "missed" in row:
            said.append(f"missed {row['missed'] * 100:.1f} %")
        if "times_as_long" in row:
            said.append(comparison(row["times_as_long"]))
    if row["disturbed"] and not smoke:
        said.append(f"{row['disturbed']} of {row['repetitions']} disturbed")
    return ", ".join(said)


def significant(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cells(row, smoke):
    if "ns_per_record" not in row:
        return {"topic": row["topic"], "size": f"{row['bytes']} B", "variant": row["variant"],
                "notes": "FAILED: " + "; ".join(row["failures"])}
    of_state = {state: f"{significant(row[state]['ns_per_record'])} ({row[state]['repetitions']})"
                for state in ("near", "far") if state in row}
    return {"topic": row["topic"], "size": f"{row['bytes']} B", "variant": row["variant"],
            "ns/record": significant(row["ns_per_record"]), "M/s": significant(row["records_per_second"] / 1e6),
            "GB/s": significant(row["bytes_per_second"] / 1e9), "spread": f"{row['spread'] * 100:.0f} %", **of_state,
            **{key: row.get(key, "") for key in ("clock", "key", "hasher", "shards")}, "notes": notes(row, smoke)}


def print_table(rows, smoke):
    lines = [cells(row, smoke) for row in rows]
    widths = {column: max([len(column)] + [len(line.get(column, "")) for line in lines]) for column in COLUMNS}

    def show(line):
        text = "  ".join(line.get(column, "").ljust(widths[column]) if column in LEFT
                         else line.get(column, "").rjust(widths[column]) for column in COLUMNS)
        print(text.rstrip())

    show({column: column for column in COLUMNS})
    topic = None
    for row, line in zip(rows, lines):
        if row["topic"] != topic:
            print()
            topic = row["topic"]
        show(line)


def floor_of(rows):
    """The machine's own floor, from every repetition of two threads, in the order in which they ran."""
    floors, states = {"near": [], "far": [], "between": []}, []
    for entries in rows.values():
        for entry in entries:
            if state_of(entry):
                floors[state_of(entry)].append((entry["floor_before"] + entry["floor_after"]) / 2)
                states.append(state_of(entry))
    return {state: {"one_way_ns": statistics.median(values), "repetitions": len(values)}
            for state, values in floors.items() if values}


def machine():
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as text:
            model = re.search(r"^model name\s*:\s*(.+)$", text.read(), re.MULTILINE)[1]
    except (OSError, TypeError):
        pass
    return {"processor": model, "allowed_processors": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "architecture": platform.machine()}


def print_head(report):
    where = report["machine"]
    print(f"{where['processor']}, {where['allowed_processors']} processors, Linux {where['kernel']}, GCC "
          f"{report['compiler']} -O3, load {', '.join(f'{load:.1f}' for load in report['load'])} at the beginning")
    for state, floor in report["floor"].items():
        print(f"floor: a bare line takes {floor['one_way_ns']:.0f} ns one way while the processors are {state} "
              f"({floor['repetitions']} repetitions)")
    print("medians; spread is half the distance between the quartiles; near and far: medians of the repetitions in "
          "that state, and how many\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--smoke", action="store_true")
    arguments.add_argument("--json", metavar="FILE")
    arguments.add_argument("results", nargs="+")
    arguments = arguments.parse_args()
    context, repetitions = read(arguments.results)
    if not repetitions:
        print("no benchmark matches", file=sys.stderr)
        return 1
    rows = [row for name, entries in repetitions.items() for row in summaries(name, entries)]
    report = {"machine": machine(), "compiler": context["compiler"], "date": context["date"],
              "load": context["load_avg"], "floor": floor_of(repetitions), "rows": rows}
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(report, out, indent=1)
            out.write("\n")
    print_head(report)
    print_table(rows, arguments.smoke)
    failed = [row for row in rows if row["failures"]]
    measured = f"{len(rows)} rows, {sum(row['repetitions'] for row in rows)} repetitions"
    print(f"\n{measured}, {len(failed)} rows with a wrong answer")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
