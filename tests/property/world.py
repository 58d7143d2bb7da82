"""What the property and kill tests share: projects in empty folders, runs of the program, and a look at what they left.

PostgreSQL stands at MAINSTEM_TEST_POSTGRES; without it `services()` tells which tests are skipped.
"""

import argparse
import csv
import io
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

RUN_ID = re.compile(r"0[0-9A-HJKMNP-TV-Z]{25}")
TIMEOUT_SECONDS = 120


def postgres_url():
    return os.environ.get("MAINSTEM_TEST_POSTGRES", "")


def psql(sql):
    """Rows of a query as lists of texts."""
    done = subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-F", "\x1f", "-R", "\x1e", postgres_url(), "-c", sql],
        capture_output=True, text=True, check=True,
    )
    text = done.stdout.rstrip("\n")
    return [row.split("\x1f") for row in text.split("\x1e")] if text else []


class World:
    """One empty folder, one schema of PostgreSQL, one program; all gone at the end."""

    def __init__(self, program):
        self.program = program
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="mainstem-world-"))
        self.folder = self.root / "project"
        self.folder.mkdir()
        self.told = []  # what a test did, for its message
        self.schema = self.root.name.replace("-", "_").lower()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        shutil.rmtree(self.root, ignore_errors=True)
        if postgres_url():
            self.drop_schema()

    def beside(self):
        """A second folder, which is not part of the project."""
        return pathlib.Path(tempfile.mkdtemp(dir=self.root))

    def drop_schema(self):
        psql(f'set client_min_messages = error; drop schema if exists "{self.schema}" cascade; '
             f'drop schema if exists "{self.schema}_state" cascade')

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def start(self, *arguments, kill_at="", prefix=(), **options):
        environment = {**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": str(self.folder / "tmp")}
        if kill_at:
            environment["MAINSTEM_KILL_AT"] = kill_at
        (self.folder / "tmp").mkdir(exist_ok=True)
        return subprocess.Popen(
            [*prefix, str(self.program), *arguments], cwd=self.folder, env=environment, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )

    def run(self, *arguments, exits=(0,), kill_at="", prefix=()):
        """Runs a command; its exit status must be among `exits`. Gives status, standard output, standard error."""
        process = self.start(*arguments, kill_at=kill_at, prefix=prefix)
        out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        if exits is not None and process.returncode not in exits:
            raise AssertionError(f"mainstem {' '.join(arguments)}: exit status {process.returncode}, not {exits}\n{out}{err}")
        return process.returncode, out, err

    def result(self, *arguments, exits=(0,)):
        """The result document of a command."""
        _, out, _ = self.run(*arguments, "--json", exits=exits)
        return json.loads(out.strip().split("\n")[-1])

    def rows(self, address, order="1"):
        """All rows of a table as lists of texts, null and empty text told apart; None if there is no such table."""
        status, out, err = self.run(
            "query", f"select * from t order by {order}", "--table", f"t={address}", "--format", "json", exits=None)
        if status != 0:
            if re.search(r"no such file|there is no|no file|is no table|not found|has no|does not exist", err):
                return None
            raise AssertionError(f"reading {address}: {err}")
        return [json.loads(line) for line in out.split("\n") if line]

    def files(self):
        """Every file and folder below; what a run puts into names is left out."""
        names = []
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            names.append(re.sub(r"mainstem-[A-Za-z0-9]{6}\b", "mainstem-X", re.sub(r"RUN-\d{6}-\d{5}", "RUN-N", RUN_ID.sub("RUN", name))))
        return sorted(names)


def tables_of_sqlite(path):
    if not path.exists():
        return []
    with sqlite3.connect(path) as database:
        return sorted(row[0] for row in database.execute("select name from sqlite_master where type = 'table'"))


def parse_csv(text):
    return list(csv.reader(io.StringIO(text)))


def main(description, tests, extra=None):
    """Runs tests, functions of (world, random), each in a world of its own; prints the seed that repeats a failure."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--program", required=True, type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("names", nargs="*")
    if extra:
        extra(parser)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 31)
    failed = 0
    for number in range(arguments.rounds):
        for name, needs_postgres, test in tests(arguments):
            if arguments.names and not any(wanted in name for wanted in arguments.names):
                continue
            if needs_postgres and not postgres_url():
                print(f"[  SKIPPED ] {name} needs postgres (0 ms)")
                continue
            with World(arguments.program) as world:
                try:
                    test(world, random.Random(f"{seed + number}/{name}"))
                except (AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
                    failed += 1
                    print(f"FAILED {name} --seed {seed + number}\n  {type(error).__name__}: {error}", flush=True)
    print(f"{failed} failed; --seed {seed}")
    return 1 if failed else 0
