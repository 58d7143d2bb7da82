#!/usr/bin/env python3
"""Files, functions and folders stay small. Exceptions, with their reasons, are in tools/size_exceptions.toml."""

import tomllib
from collections import Counter
from pathlib import PurePosixPath

import cpp_functions
import tree

HEADER_LINES = 250
SOURCE_LINES = 500
FUNCTION = {"lines": 60, "parameters": 5, "nesting": 3}
FOLDER_FILES = 30
TOP = ("src", "tests", "benchmarks")
EXCEPTIONS = "tools/size_exceptions.toml"
UNITS = {"lines": "lines", "parameters": "parameters", "nesting": "control blocks inside one another", "files": "files"}


class Limits:
    """The limits, and those who may exceed them."""

    def __init__(self, entries):
        self.entries = {}
        self.used = set()
        self.problems = []
        for entry in entries:
            if set(entry) != {"path", "what", "limit", "measure", "reason"} or not str(entry["reason"]).strip():
                text = f"an exception has path, what, limit, measure and reason; this has {sorted(entry)}"
                self.problems.append(tree.Problem(EXCEPTIONS, 0, text))
                continue
            self.entries[entry["path"], entry["what"], entry["measure"]] = entry["limit"]

    def judge(self, path, what, size, measure, limit, line=0):
        if size <= limit:
            return
        key = (path, what, measure)
        if key in self.entries:
            self.used.add(key)
            limit = self.entries[key]
        if size > limit:
            text = f"{what} has {size} {UNITS[measure]}, more than {limit}"
            self.problems.append(tree.Problem(path, line, text))

    def unused(self):
        for path, what, measure in sorted(set(self.entries) - self.used):
            text = f"exception without need: {path} {what} {measure}"
            self.problems.append(tree.Problem(EXCEPTIONS, 0, text))


def check_file(limits, path, source):
    limit = HEADER_LINES if path.endswith(".h") else SOURCE_LINES
    limits.judge(path, "file", source.count("\n"), "lines", limit)
    scanned = cpp_functions.scan(source)
    for line in scanned.puzzles:
        text = "braces that tools/cpp_functions.py cannot make out; write it plainer or teach it"
        limits.problems.append(tree.Problem(path, line, text))
    for function in scanned.functions:
        for measure, most in FUNCTION.items():
            limits.judge(path, function.name, getattr(function, measure), measure, most, function.line)


def check_folders(limits, paths):
    for folder, count in sorted(Counter(str(PurePosixPath(path).parent) for path in paths).items()):
        limits.judge(folder, "folder", count, "files", FOLDER_FILES)


def check(root):
    exceptions = root / EXCEPTIONS
    entries = tomllib.loads(exceptions.read_text()).get("exception", []) if exceptions.exists() else []
    limits = Limits(entries)
    for path in tree.cpp_files(root, TOP):
        check_file(limits, path, (root / path).read_text())
    data = ("testdata", "golden", "corpus")
    ours = [path for path in tree.files(root) if path.split("/")[0] in TOP and not set(path.split("/")) & set(data)]
    check_folders(limits, ours)
    limits.unused()
    return limits.problems


if __name__ == "__main__":
    tree.main(check)
