#!/usr/bin/env python3
"""ARCHITECTURE.md's table of folders is that of the tree, and says of each what tools/layers.toml says."""

import re
import tomllib

import tree

PAGE = "ARCHITECTURE.md"
ROW = re.compile(r"^\| *(\d+) *\| *`([a-z_/<>*]+)` *\|(.*)\|$", re.MULTILINE)


def folders_of(paths):
    """Folders below src that hold sources: base, format, format/csv, ..."""
    found = set()
    for path in paths:
        folder = path.removeprefix("src/").rpartition("/")[0]
        if folder and not folder.split("/")[-1] == "tests":
            found.add(folder)
    return found


def listed_as(folder):
    """How a folder may stand in the table: by its name, or as one of a family (`connectors/<name>`)."""
    parent = folder.rpartition("/")[0]
    return {folder, f"{parent}/<name>"} if parent else {folder}


def check(root):
    page = (root / PAGE).read_text()
    layers = tomllib.loads((root / "tools/layers.toml").read_text())["folders"]
    rows = {match[2]: (int(match[1]), match[3].strip()) for match in ROW.finditer(page)}
    folders = folders_of(tree.cpp_files(root))
    problems = []
    for folder in sorted(folders):
        if not listed_as(folder) & set(rows):
            problems.append(tree.Problem(PAGE, 0, f"src/{folder} is not in the table"))
    for name, (layer, sentence) in sorted(rows.items()):
        key = name.replace("<name>", "*")
        if not any(name in listed_as(folder) for folder in folders):
            problems.append(tree.Problem(PAGE, 0, f"`{name}` is in the table and not in src"))
        elif key in layers and layers[key]["layer"] != layer:
            text = f"`{name}` is of layer {layer} here and of {layers[key]['layer']} in tools/layers.toml"
            problems.append(tree.Problem(PAGE, 0, text))
        if not sentence:
            problems.append(tree.Problem(PAGE, 0, f"`{name}` has no sentence"))
    return problems


if __name__ == "__main__":
    tree.main(check)
