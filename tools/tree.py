"""The files of the source tree, and problems found in them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED_FOLDERS = {".git", "build", "__pycache__", ".cache", ".mainstem"}


@dataclass(frozen=True)
class Problem:
    """Something to be put right; `line` 0 = the whole file."""

    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}" if self.line else f"{self.path}: {self.text}"


def files(root):
    """Paths below `root` with /, sorted: what Git tracks or would track, or all of a tree without Git."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        return sorted({path for path in listed if path and (root / path).is_file()})
    found = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in SKIPPED_FOLDERS]
        found += [(Path(folder) / name).relative_to(root).as_posix() for name in names]
    return sorted(found)


def cpp_files(root, top=("src",)):
    """Our own headers and sources below the folders `top`."""
    return [path for path in files(root) if path.endswith((".h", ".cpp")) and path.split("/")[0] in top]


def read(root, path):
    """The file's text, or None if it is not text."""
    data = (root / path).read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def main(check):
    """Runs one checker as a program: prints its problems, exits 1 if there are any."""
    problems = check(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
