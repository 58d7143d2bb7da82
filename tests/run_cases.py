#!/usr/bin/env python3
"""Runs text cases (tests/pipelines/**/*.test) against the program: files, commands, what they must answer.

    tests/run_cases.py --program build/release/mainstem [--mode tests/modes/one_row.toml] [NAME...]

A case is a text. A line that begins with "== " opens a section, whose body are the lines up to the next:

    == file NAME           write a file into the case's empty folder
    == $ COMMAND           run it with bash in that folder; `mainstem` is the program
    == exit N              its exit status (0 if not said)
    == stdout              what it printed, line by line; "…" stands for anything within a line
    == stdout has          lines that must occur among those printed
    == stderr has          the same on standard error
    == needs postgres      runs only where the service is (a skip that the test script does not let pass)
    == not in MODE...      the case makes no sense in these modes

Run ids are shown as RUN-ID. Text before the first section says what the case is about.
A mode (TOML) reruns all cases another way: `options` are added to every `mainstem run` and `mainstem copy`; with
`kill_at` each of them is first killed at that point and then run again, and only what is left afterwards is compared.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent
RUN_ID = re.compile(r"\b0[0-9A-HJKMNP-TV-Z]{25}\b")
TIMEOUT_SECONDS = 300

# Stands in the path as `mainstem`: puts the mode's options behind the commands that move data.
WRAPPER = """#!/usr/bin/env bash
case "$1" in
  run | copy)
    if [ -n "$MAINSTEM_CASE_KILL_AT" ]; then
      MAINSTEM_KILL_AT=$MAINSTEM_CASE_KILL_AT "$MAINSTEM_CASE_PROGRAM" "$@" $MAINSTEM_CASE_OPTIONS >/dev/null 2>&1
    fi
    exec "$MAINSTEM_CASE_PROGRAM" "$@" $MAINSTEM_CASE_OPTIONS
    ;;
esac
exec "$MAINSTEM_CASE_PROGRAM" "$@"
"""


class Mode:
    def __init__(self, path=None):
        values = tomllib.loads(path.read_text()) if path else {}
        self.name = path.stem if path else "plain"
        self.options = values.get("options", "")
        self.kill_at = values.get("kill_at", "")


class Step:
    """One command and what it must answer."""

    def __init__(self, command, line):
        self.command = command
        self.line = line
        self.exit = 0
        self.stdout = None
        self.stdout_has = []
        self.stderr_has = []


class Case:
    def __init__(self, path):
        self.path = path
        self.actions = []  # ("file", name, text) or Step
        self.needs = []
        self.not_in = []
        self.read(path.read_text())

    def read(self, text):
        head, body, line = None, [], 0
        for number, content in enumerate(text.split("\n"), 1):
            if content.startswith("== "):
                self.section(head, body, line)
                head, body, line = content[3:], [], number
            else:
                body.append(content)
        self.section(head, body, line)

    def section(self, head, body, line):
        if head is None:
            return
        while body and body[-1] == "":
            body.pop()
        if head.startswith("file "):
            self.actions.append(("file", head[5:], "".join(f"{content}\n" for content in body)))
        elif head.startswith("$ "):
            self.actions.append(Step(head[2:] + "".join(f"\n{content}" for content in body), line))
        elif head.startswith("needs "):
            self.needs += head.split()[1:]
        elif head.startswith("not in "):
            self.not_in += head.split()[2:]
        else:
            self.expect(head, body, line)

    def expect(self, head, body, line):
        step = self.actions[-1] if self.actions else None
        if not isinstance(step, Step):
            raise SystemExit(f"{self.path}:{line}: '{head}' stands behind no command")
        if head.startswith("exit "):
            step.exit = int(head[5:])
        elif head == "stdout":
            step.stdout = body
        elif head == "stdout has":
            step.stdout_has = body
        elif head == "stderr has":
            step.stderr_has = body
        else:
            raise SystemExit(f"{self.path}:{line}: unknown section '{head}'")


def fits(pattern, line):
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("…")), line) is not None


def difference(step, result, mode):
    """What is wrong with a command's answer, or None."""
    moves_data = re.search(r"\bmainstem (run|copy)\b", step.command) is not None
    killed = bool(mode.kill_at) and moves_data
    allowed = {step.exit, 99} if killed and step.exit == 0 else {step.exit}
    if result.returncode not in allowed:
        return f"exit status {result.returncode}, not {step.exit}"
    if killed:
        return None
    out = RUN_ID.sub("RUN-ID", result.stdout).rstrip("\n").split("\n")
    err = RUN_ID.sub("RUN-ID", result.stderr).rstrip("\n").split("\n")
    if step.stdout is not None:
        wanted = step.stdout or [""]
        if len(wanted) != len(out) or not all(fits(pattern, line) for pattern, line in zip(wanted, out)):
            return "standard output differs from\n" + "\n".join(f"    {line}" for line in wanted)
    for lines, wanted, name in ((out, step.stdout_has, "output"), (err, step.stderr_has, "error")):
        for pattern in wanted:
            if pattern and not any(fits(f"…{pattern}…", line) for line in lines):
                return f"standard {name} lacks\n    {pattern}"
    return None


def environment(folder, program, mode, wrappers):
    # What a killed program leaves behind goes with the case.
    temporary = folder.parent / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)
    return {
        **os.environ,
        "PATH": f"{wrappers}:{os.environ['PATH']}",
        "MAINSTEM_CASE_PROGRAM": str(program),
        "MAINSTEM_CASE_OPTIONS": mode.options,
        "MAINSTEM_CASE_KILL_AT": mode.kill_at,
        "MAINSTEM_EXAMPLES": str(ROOT.parent / "examples"),
        "TMPDIR": str(temporary),
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def run_step(step, folder, env):
    command = ["bash", "-c", step.command]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_SECONDS,
        stdin=subprocess.DEVNULL, check=False,
    )


def run_case(case, program, mode, wrappers):
    """None if the case passed, else what went wrong."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="mainstem-case-"))
    folder = root / "case"
    try:
        folder.mkdir()
        root.chmod(0o755)
        env = environment(folder, program, mode, wrappers)
        for action in case.actions:
            if not isinstance(action, Step):
                path = folder / action[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(action[2])
                continue
            result = run_step(action, folder, env)
            wrong = difference(action, result, mode)
            if wrong:
                told = "".join(f"    | {line}\n" for line in (result.stdout + result.stderr).split("\n")[:60])
                return f"{case.path}:{action.line}: $ {action.command}\n  {wrong}\n  it said\n{told}"
    except subprocess.TimeoutExpired as error:
        return f"{case.path}: {error}"
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return None


def run_all(cases, program, mode, wrappers):
    """What went wrong in those that failed."""
    # Once and before any case runs: a file that another thread's new process still holds open cannot be executed.
    wrappers.chmod(0o755)
    wrapper = wrappers / "mainstem"
    wrapper.write_text(WRAPPER)
    wrapper.chmod(0o755)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [text for text in pool.map(lambda case: run_case(case, program, mode, wrappers), cases) if text]


def missing_services(case):
    return [name for name in case.needs if f"MAINSTEM_TEST_{name.upper()}" not in os.environ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", required=True, type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--mode", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    mode = Mode(arguments.mode)
    cases = [Case(path) for path in sorted((ROOT / "pipelines").rglob("*.test"))]
    cases = [case for case in cases if mode.name not in case.not_in]
    if arguments.names:
        cases = [case for case in cases if any(name in str(case.path) for name in arguments.names)]
    skipped = [case for case in cases if missing_services(case)]
    for case in skipped:
        print(f"[  SKIPPED ] {case.path.name} needs {', '.join(missing_services(case))} (0 ms)")
    cases = [case for case in cases if case not in skipped]
    with tempfile.TemporaryDirectory(prefix="mainstem-cases-") as wrappers:
        failures = run_all(cases, arguments.program, mode, pathlib.Path(wrappers))
    for text in failures:
        print(text)
    print(f"{mode.name}: {len(cases) - len(failures)} passed, {len(failures)} failed, {len(skipped)} skipped")
    return 1 if failures or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
