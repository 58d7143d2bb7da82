"""Running one command and what it cost: wall time, processor time of it and of the server, peak memory."""

import os
import pathlib
import re
import subprocess
import time
from dataclasses import dataclass

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    seconds: float
    cpu: float  # of the command and its children
    server: float  # of PostgreSQL meanwhile
    peak: int  # bytes, of the largest process


class Failed(Exception):
    """A command failed, or its result is not what it must be."""


class Server:
    """The processor time of a PostgreSQL cluster: its first process with the children it has buried, and the living."""

    def __init__(self, pid):
        self.pid = pid

    @staticmethod
    def _ticks(pid):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            return 0, 0
        return int(fields[1]), sum(map(int, fields[11:15]))

    def seconds(self):
        total = self._ticks(self.pid)[1]
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                parent, ticks = self._ticks(entry.name)
                total += ticks if parent == self.pid else 0
        return total / TICK

    def settled_seconds(self):
        """The same once its sessions of the last command have ended and nothing of it runs on."""
        before = self.seconds()
        while True:
            time.sleep(0.15)
            now = self.seconds()
            if now - before < 0.02:
                return now
            before = now


class MemoryGroup:
    """A memory cgroup of our own below the one we are in, version 1 or 2; `possible` is false where it may not be made."""

    def __init__(self, limit):
        self.path, self.limit_file, self.peak_file = None, None, None
        for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                self._make(f"/sys/fs/cgroup/memory{path}", "memory.limit_in_bytes", "memory.max_usage_in_bytes", limit)
            elif controllers == "" and self.path is None:
                self._make(f"/sys/fs/cgroup{path}", "memory.max", "memory.peak", limit)

    def _make(self, parent, limit_file, peak_file, limit):
        path = pathlib.Path(parent) / f"mainstem-benchmark-{os.getpid()}"
        try:
            path.mkdir()
        except OSError:
            return
        try:
            (path / limit_file).write_text(str(limit))
        except OSError:
            path.rmdir()
            return
        self.path, self.peak_file = path, peak_file

    @property
    def possible(self):
        return self.path is not None

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def peak(self):
        return int((self.path / self.peak_file).read_text()) if (self.path / self.peak_file).exists() else 0

    def close(self):
        if self.path:
            self.path.rmdir()


def anonymous_memory(pid):
    """Bytes of a living process that no file backs; 0 for one that has ended."""
    try:
        return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024
    except (OSError, TypeError):
        return 0


def run(command, folder, server=None, group=None, anonymous_limit=None):
    """Runs a shell command, or a list of arguments without a shell. Raises Failed with what it said if it fails."""
    before = server.seconds() if server else 0
    arguments = command if isinstance(command, list) else ["bash", "-o", "pipefail", "-c", command]
    log = folder / "command.log"
    with open(log, "wb") as output:
        start = time.monotonic()
        child = subprocess.Popen(arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                 preexec_fn=group.enter if group else None)
        if anonymous_limit:
            watch(child, anonymous_limit)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        said = log.read_text(errors="replace")[-2000:]
        raise Failed(f"exit {child.returncode} of: {command}\n{said}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, server.settled_seconds() - before if server else 0,
                usage.ru_maxrss * 1024)


def watch(child, limit):
    """Stops the child once it holds more memory of its own than `limit`."""
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if anonymous_memory(child.pid) > limit:
            child.kill()
            return
        time.sleep(0.05)


def output_of(command, folder):
    """What a helper prints; Failed if it fails. Nothing is measured."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"exit {done.returncode} of: {' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout.strip()
