"""Figures as Markdown."""

import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess

HEAD = """# Benchmarks

Written by `benchmarks/run --write-docs`; do not edit. Each route runs beside its floor, the barest way to do the same
on the same machine: runs of both alternate, figures are medians with the least and the greatest in brackets, and no
time counts before the destination has the right number of rows, the right sums and the right checksum of all rows. The
ratio is Mainstem's time to the floor's, or milliseconds where the bar is a time. Processor seconds are those of the
program with its children, and of the PostgreSQL server. A bar that was missed is shown like any other.

The data is made by `benchmarks/generate.cpp`: lines of orders, sixteen columns (4 integers, 4 decimals, 3 dates, 5
texts), seeded, so that anybody has the same. The server is that of `tests/services/postgres.sh` (no fsync). Other
products are not run here.
"""


def first_match(path, pattern):
    match = re.search(pattern, pathlib.Path(path).read_text())
    return match[1].strip() if match else "unknown"


def machine():
    memory = int(first_match("/proc/meminfo", r"MemTotal:\s+(\d+)")) / (1 << 20)
    system = first_match("/etc/os-release", r'PRETTY_NAME="(.*)"')
    return (f"{first_match('/proc/cpuinfo', r'model name.*: (.*)')}, {os.cpu_count()} processors, {memory:.0f} GiB; "
            f"{system}, Linux {platform.release()}")


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False,
                          cwd=pathlib.Path(__file__).parent)
    return done.stdout.strip() or "unknown"


def without_folders(text):
    """Of what a failure said: the document names no path of the machine that measured."""
    return re.sub(r"(?<![:/])/(?:[^\s/]+/)+", "", text)


def failure(name, problem):
    return f"\n## {name}\n\n**Failed**: {without_folders(str(problem)).splitlines()[0]}"


def spread(values, unit=1.0, digits=2):
    values = [value * unit for value in values]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def times(case, costs):
    seconds = [cost.seconds for cost in costs]
    return spread(seconds, 1000, 0) + " ms" if case.absolute else spread(seconds) + " s"


def judged(case, measured):
    """What is held against the bar: a ratio, or seconds."""
    mine = statistics.median(cost.seconds for cost in measured["mainstem"])
    if case.absolute:
        return mine
    return mine / statistics.median(cost.seconds for cost in measured[case.contenders[0].name])


def processor_ratio(case, measured):
    def total(name):
        return statistics.median(cost.cpu + cost.server for cost in measured[name])
    floor = total(case.contenders[0].name)
    return total("mainstem") / floor if floor else 0


def verdict(case, measured):
    value = judged(case, measured)
    shown = f"{value * 1000:.0f} ms, bar {case.bar * 1000:.0f} ms" if case.absolute else f"{value:.2f}, bar {case.bar:.2f}"
    return f"{shown}: {'met' if value <= case.bar else 'MISSED'}"


def route_table(case, measured, load):
    lines = [f"\n## {case.title}\n", f"**{verdict(case, measured)}.**"]
    if not case.absolute:
        lines[-1] += f" Processor seconds: {processor_ratio(case, measured):.2f} times the floor's."
    if case.rows:
        lines[-1] += f" {case.rows:,} rows."
    lines[-1] += f" Load of the machine meanwhile: {load:.1f}."
    lines += ["", "| | time | rows/s | CPU s, program + server | peak memory | note |", "|---|---|---|---|---|---|"]
    for contender in case.contenders:
        costs = measured[contender.name]
        seconds = statistics.median(cost.seconds for cost in costs)
        rate = f"{case.rows / seconds / 1000:,.0f} k" if case.rows > 1000 else "–"
        lines.append(f"| {contender.name} | {times(case, costs)} | {rate} | "
                     f"{statistics.median(cost.cpu for cost in costs):.2f} + "
                     f"{statistics.median(cost.server for cost in costs):.2f} | "
                     f"{statistics.median(cost.peak for cost in costs) / (1 << 20):.0f} MiB | {contender.note} |")
    return "\n".join(lines)


def memory_table(memory):
    lines = [f"\n## {memory['gigabytes']:.1f} GB of CSV in 512 MiB\n",
             f"`mainstem copy --memory 256MiB` of {memory['rows']:,} rows, allowed 512 MiB. Peak memory counts pages of "
             "the program's and its libraries' files.", "",
             "| to | time | CPU s | peak memory | limit by | outcome |", "|---|---|---|---|---|---|"]
    for result in memory["results"]:
        lines.append(f"| {result['target']} | {result['seconds']:.0f} s | {result['cpu']:.0f} | "
                     f"{result['peak'] / (1 << 20):.0f} MiB | {result['limit']} | "
                     f"{without_folders(result['outcome'])} |")
    return "\n".join(lines)


def document(tables, runs):
    day = datetime.date.today().isoformat()
    return f"{HEAD}\n{day}, commit {commit()}, {runs} runs each. {machine()}.\n" + "\n".join(tables) + "\n"
