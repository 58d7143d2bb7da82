#!/usr/bin/env python3
"""Includes in src/ point one way, as tools/layers.toml says; a third-party header is met in one folder only."""

import re
import tomllib

import tree
from cpp_text import without_comments

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]*)"|<([^>]*)>|(.*))', re.MULTILINE)
# <vector>, <cstring>: neither a dot nor a slash.
STANDARD = re.compile(r"^[a-z0-9_]+$")


class Rules:
    """tools/layers.toml."""

    def __init__(self, text):
        table = tomllib.loads(text)
        self.folders = table["folders"]
        self.tests = table["tests"]
        self.everywhere = table["headers"]["everywhere"]
        self.owners = {name: [owner] for name, owner in table["headers"].get("owners", {}).items()}
        self.owners |= table["headers"].get("system", {})

    def entry(self, folder):
        """The key of `folder` in the table, or None: the folder itself, or the pattern that covers it."""
        if folder in self.folders:
            return folder
        pattern = f"{folder.rpartition('/')[0]}/*"
        return pattern if pattern in self.folders else None

    def allows(self, folder, included):
        may = self.folders[self.entry(folder)]["may"]
        return included == folder or included in may or self.entry(included) in may

    def faults(self):
        """Contradictions within the table itself."""
        graph = {}
        for name, rule in self.folders.items():
            graph[name] = rule["may"]
            for other in rule["may"]:
                if other not in self.folders:
                    yield f"{name} may include {other}, which is no folder of the table"
                elif self.folders[other]["layer"] > rule["layer"]:
                    yield f"{name} (layer {rule['layer']}) may include {other} of the higher layer {self.folders[other]['layer']}"
        cycle = find_cycle(graph)
        if cycle:
            yield "a cycle is allowed: " + " → ".join(cycle)


def find_cycle(graph):
    """A path of names whose last is its first, or None."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        path.append(name)
        for other in sorted(graph.get(name, ())):
            found = visit(other)
            if found:
                return found
        path.pop()
        done.add(name)
        return None

    for name in sorted(graph):
        found = visit(name)
        if found:
            return found
    return None


def folder_of(path):
    """The folder of a path relative to src; tests belong to the folder above them."""
    folder = path.rpartition("/")[0]
    return folder.removesuffix("/tests") or "."


def includes(source):
    """(line, own header or None, other header or None) of each #include."""
    code = without_comments(source)
    for match in INCLUDE.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match[1], match[2]


def check_own(rules, root, path, header):
    """Why `path` (relative to src) may not include "header", or None."""
    if ".." in header.split("/") or header.startswith(("/", "./")):
        return f'"{header}": write the path from src'
    if not (root / "src" / header).is_file():
        return f'"{header}" is not below src'
    folder, included = folder_of(path), folder_of(header)
    if rules.entry(included) is None:
        return None
    if "/tests/" in header and "/tests/" not in path:
        return f'"{header}" belongs to tests'
    in_tests = "/tests/" in path
    if rules.allows(folder, included) or (in_tests and included in rules.tests["may"]):
        return None
    return f"{folder} may not include {included} (tools/layers.toml)"


def check_foreign(rules, path, header):
    """Why `path` may not include <header>, or None."""
    if STANDARD.match(header) or header.startswith(tuple(rules.everywhere)):
        return None
    if "/tests/" in path and header.startswith(tuple(rules.tests["headers"])):
        return None
    folder = folder_of(path)
    owners = [folders for prefix, folders in rules.owners.items() if header.startswith(prefix)]
    if not owners:
        return f"<{header}> has no owner in tools/layers.toml"
    if any(folder in folders for folders in owners):
        return None
    return f"<{header}> is for {', '.join(owners[0])} only, not for {folder}"


def check(root):
    rules = Rules((root / "tools/layers.toml").read_text())
    problems = [tree.Problem("tools/layers.toml", 0, text) for text in rules.faults()]
    graph = {}
    for path in tree.cpp_files(root):
        inside = path.removeprefix("src/")
        folder = folder_of(inside)
        if rules.entry(folder) is None:
            problems.append(tree.Problem(path, 0, f"src/{folder} is not in tools/layers.toml"))
            continue
        for line, own, foreign in includes((root / path).read_text()):
            if own is not None:
                text = check_own(rules, root, inside, own)
                if "/tests/" not in inside and folder_of(own) != folder:
                    graph.setdefault(folder, set()).add(folder_of(own))
            elif foreign is not None:
                text = check_foreign(rules, inside, foreign)
            else:
                text = "an include must name its header"
            if text:
                problems.append(tree.Problem(path, line, text))
    cycle = find_cycle(graph)
    if cycle:
        problems.append(tree.Problem("src", 0, "folders include one another: " + " → ".join(cycle)))
    return problems


if __name__ == "__main__":
    tree.main(check)
