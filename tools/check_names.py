#!/usr/bin/env python3
"""Names say where things are: files, namespaces, tests. Also what may not stand in any file: leftovers, machine paths."""

import re
import tomllib
from pathlib import PurePosixPath

import tree
from cpp_text import code_only

BANNED = {"utils", "util", "common", "helpers", "helper", "misc", "core", "manager"}
FILE_NAME = re.compile(r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*\.(?:h|cpp)$")
NAMESPACE = re.compile(r"\bnamespace\s+([A-Za-z_][\w:]*)\s*\{")
# All that a namespace of somebody else may hold: forward declarations and specialisations.
LENT = re.compile(r"^\s*(?:(?:struct|class|enum class)\s+\w+\s*;|template\s*<)")
# Put together here, so that this file does not hold what it looks for.
LEFTOVER = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/$}\-])/(?:tm" + "p|wo" + "rk|ro" + "ot|ho" + r"me)/[\w.\-]")
EXCEPTIONS = "tools/name_exceptions.toml"


def wanted_namespace(path):
    """mainstem::plan for src/plan/x.cpp and src/plan/tests/x_test.cpp; mainstem for src/base."""
    folders = [part for part in PurePosixPath(path).parent.parts[1:] if part != "tests"]
    return "::".join(["mainstem"] + [part for part in folders if part != "base"])


def check_file_name(path):
    name = PurePosixPath(path).name
    if not FILE_NAME.match(name):
        yield 0, "file names are snake_case"
    for part in PurePosixPath(path).with_suffix("").parts:
        for word in sorted(BANNED & ({part} | set(part.split("_")[-1:]))):
            yield 0, f"'{word}' says nothing; name what is in it"
    in_tests = "tests" in PurePosixPath(path).parent.parts
    if path.startswith("src/") and path.endswith(".cpp") and name.endswith("_test.cpp") != in_tests:
        # Beside the tests of a folder there may be what several of them share.
        if not in_tests:
            yield 0, "tests are in tests/"


def check_namespaces(path, source):
    """Namespaces opened in `path` that are not its own."""
    code = code_only(source)
    wanted = wanted_namespace(path)
    own = False
    for match in NAMESPACE.finditer(code):
        name = match[1]
        if name == wanted:
            own = True
        elif not LENT.match(code[match.end():]):
            yield code.count("\n", 0, match.start()) + 1, f"namespace {name}, where the folder is {wanted}"
    if not own and path.endswith(".h"):
        yield 0, f"no namespace {wanted}"


def check_header(source):
    if not re.search(r"^#pragma once$", source, re.MULTILINE):
        yield 0, "#pragma once is missing"
    if re.search(r"^\s*using namespace\b", source, re.MULTILINE):
        yield 0, "a header must not be `using namespace`"


def check_words(source):
    for number, line in enumerate(source.splitlines(), 1):
        if LEFTOVER.search(line):
            yield number, "unfinished business: do it, or open an issue"
        if MACHINE_PATH.search(line):
            yield number, "a path of some machine"


def check_cpp(path, source):
    yield from check_file_name(path)
    if path.endswith(".h"):
        yield from check_header(source)
    if path.startswith("src/") and path != "src/main.cpp":
        yield from check_namespaces(path, source)


def check(root):
    exceptions = root / EXCEPTIONS
    lent = tomllib.loads(exceptions.read_text()).get("namespace", {}) if exceptions.exists() else {}
    used, problems = set(), []
    for path in tree.files(root):
        source = tree.read(root, path)
        if source is None:
            continue
        found = list(check_words(source))
        if path.endswith((".h", ".cpp")) and path.split("/")[0] in ("src", "tests", "benchmarks"):
            found += check_cpp(path, source)
        for line, text in found:
            if path in lent and "namespace" in text:
                used.add(path)
            else:
                problems.append(tree.Problem(path, line, text))
    problems += [tree.Problem(EXCEPTIONS, 0, f"exception without need: {path}") for path in sorted(set(lent) - used)]
    return problems


if __name__ == "__main__":
    tree.main(check)
