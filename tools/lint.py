#!/usr/bin/env python3
"""Runs clang-tidy with the checks of .clang-tidy over our sources; exits 1 if it finds something.

    tools/lint.py [--build build/clang] [FILE...]    all of src but its tests, or only these

Most of a run goes into looking through the headers of Arrow and of the standard library, so the files of a folder are
linted as one, which costs a fifth. Files that do not compile together, because each has a name of its own that the other
has too, are halved until they do.

The build folder is one that was configured with clang and has its precompiled header (`--target mainstem_pch`).
"""

import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import tree

CLANG_TIDY = "clang-tidy-19"
# Beyond this the two processors would wait for the one that has the largest folder.
BUNDLE_FILES = 12
DOES_NOT_COMPILE = "[clang-diagnostic-error]"


def read_commands(build):
    """The command and the folder to start it in, of each source that is ours, by path."""
    entries = json.loads((build / "compile_commands.json").read_text())
    return {os.path.relpath(entry["file"], tree.ROOT): entry for entry in entries}


def bundles_of(paths):
    """Paths of one folder, which are compiled alike, in lists of limited length, longest first."""
    folders = defaultdict(list)
    for path in paths:
        folders[os.path.dirname(path)].append(path)
    bundles = []
    for folder in folders.values():
        count = -(-len(folder) // BUNDLE_FILES)
        bundles += [folder[start::count] for start in range(count)]
    return sorted(bundles, key=len, reverse=True)


class Linter:
    """Lints bundles, from several threads at once."""

    def __init__(self, build):
        self.commands = read_commands(build)
        self.folder = build / "lint"

    def lint(self, bundle):
        """What clang-tidy has to say of these files; empty if nothing."""
        folder = self.folder / re.sub(r"\W", "_", f"{bundle[0]}_{len(bundle)}")
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / "bundle.cpp"
        source.write_text("".join(f'#include "{tree.ROOT / path}"\n' for path in bundle))
        model = self.commands[bundle[0]]
        command = model["command"].replace(model["file"], str(source))
        entry = {"directory": model["directory"], "file": str(source), "command": command}
        (folder / "compile_commands.json").write_text(json.dumps([entry]))
        run = subprocess.run(
            [CLANG_TIDY, "-p", str(folder), "--quiet", str(source)], cwd=tree.ROOT, capture_output=True, text=True
        )
        if DOES_NOT_COMPILE in run.stdout and len(bundle) > 1:
            return self.lint(bundle[::2]) + self.lint(bundle[1::2])
        return "" if run.returncode == 0 else run.stdout + run.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/clang", help="configured with clang; default %(default)s")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()

    linter = Linter(Path(options.build).resolve())
    wanted = [os.path.relpath(path, tree.ROOT) for path in options.files] or tree.cpp_files(tree.ROOT)
    paths = [path for path in wanted if path.endswith(".cpp") and path.startswith("src/") and "/tests/" not in path]
    unknown = [path for path in paths if path not in linter.commands]
    for path in unknown:
        print(f"{path}: is in no target of {options.build}; configure it again")
    paths = [path for path in paths if path not in unknown]
    failed = bool(unknown)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(linter.lint, bundles_of(paths)):
            failed |= bool(found)
            print(found, end="", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
