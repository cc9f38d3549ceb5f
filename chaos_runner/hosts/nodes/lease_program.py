"""Renew leases of a zone's hosts, on its execution node.

The text of this file is sent to the node and run there by its Python, so it imports nothing but the
standard library, and nothing newer than Python 3.8. Messages come line by line on standard input,
each a JSON object; reports go to standard output in the same way.

A root shell to each host is opened before there is a fault. While the control node is heard, its
word counts. While it is silent (a cut) each fault is kept for the time that was planned for it and
then taken back. Where the connection ends (the control node died) nothing is renewed any more, and
the hosts' own leases end the faults.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

SILENCE = 5.0
"""Seconds after which a control node that says something each second counts as silent."""
LOOK = 0.25
"""Seconds between two looks at what is to be done for a host."""
OPENED_AT_A_TIME = 50
OPENING_LIMIT = 30.0
REVERT_LIMIT = 60.0
MOST_SAID = 1_048_576
MOST_COMPLAINED = 2000
PLACE = "@TOKEN@"
"""Where the token goes in the questions to host guards."""


class Reports:
    """Standard output, which may stand still for as long as a cut lasts: lines are dropped then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rest = b""
        os.set_blocking(1, False)

    def tell(self, **report: object) -> None:
        """Say one line, or drop it."""
        with self._lock:
            try:
                if self._rest:
                    self._rest = self._rest[os.write(1, self._rest) :]
                if not self._rest:
                    line = json.dumps(report).encode() + b"\n"
                    self._rest = line[os.write(1, line) :]
            except OSError:
                pass  # full, or nobody there: the host's lease and its fault's time count


class Shell:
    """A shell of root on one host, by the node's own ssh."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._input = self._output = -1
        self._errors = os.memfd_create("errors")

    def ask(self, words: str, limit: float) -> str:
        """Return what a command prints; RuntimeError says why it gave none."""
        if self._process is None or self._process.poll() is not None:
            self._open()
        end = secrets.token_hex(16)
        text = f"({words}) </dev/null 2>/dev/null\nprintf '\\n%s%s\\n' {end[:9]} {end[9:]}\n"
        try:
            os.write(self._input, text.encode())
            return self._read(b"\n" + end.encode() + b"\n", limit)
        except (OSError, RuntimeError) as error:
            why = f"{error} {self._complaint()}"
            self.close()
            raise RuntimeError(why) from error

    def close(self) -> None:
        """End the connection."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for descriptor in (self._input, self._output):
                os.close(descriptor)
        self._process = None

    def _open(self) -> None:
        self.close()
        theirs, self._input = os.pipe()
        self._output, output = os.pipe()
        os.truncate(self._errors, 0)
        try:
            self._process = subprocess.Popen(
                self._command, stdin=theirs, stdout=output, stderr=self._errors
            )
        finally:
            os.close(theirs)
            os.close(output)

    def _read(self, end: bytes, limit: float) -> str:
        deadline = time.monotonic() + limit
        said = b""
        looking = select.poll()
        looking.register(self._output, select.POLLIN)
        while end not in said:
            left = deadline - time.monotonic()
            if left <= 0 or not looking.poll(left * 1000):
                raise RuntimeError("no answer in time")
            data = os.read(self._output, 65536)
            said += data
            if not data or len(said) > MOST_SAID:
                raise RuntimeError("the connection ended" if not data else "it says too much")
        return said.decode("utf-8", "replace")

    def _complaint(self) -> str:
        return os.pread(self._errors, MOST_COMPLAINED, 0).decode("utf-8", "replace").strip()


class Leases:
    """The hosts of the zone, and until when each fault is kept without a word of the control."""

    def __init__(self, setup: dict[str, Any], directory: str) -> None:
        self.setup = setup
        self.reports = Reports()
        self.over = threading.Event()
        self.logins = threading.BoundedSemaphore(OPENED_AT_A_TIME)
        self.heard = time.monotonic()
        self._directory = directory
        self._lock = threading.Lock()
        self._held: dict[str, dict[str, tuple[float, str]]] = {}
        self._threads: dict[str, threading.Thread] = {}

    def take(self, message: dict[str, Any]) -> None:
        """Do what the control node says."""
        self.heard = time.monotonic()
        new = [name for name in message.get("open", []) if name not in self._threads]
        for number, name in enumerate(new):
            # Not all at once, then or later: that would make each of them slow.
            late = self.setup["every"] * number / len(new)
            thread = threading.Thread(target=self._keep, args=[name, late], daemon=True)
            self._threads[name] = thread
            thread.start()
        with self._lock:
            if "hold" in message:
                name, fault, seconds, words = message["hold"]
                self._held.setdefault(name, {})[fault] = (self.heard + seconds, words)
            for fault in message.get("release", []):
                for faults in self._held.values():
                    faults.pop(fault, None)

    def silent(self, now: float) -> bool:
        """Tell whether the control node was not heard for so long that it may be cut off."""
        return now - self.heard > SILENCE

    def wanted(self, name: str, now: float) -> bool:
        """Tell whether a host is to be renewed."""
        with self._lock:
            until = [end for end, _ in self._held.get(name, {}).values()]
        return not self.silent(now) or any(end > now for end in until)

    def due(self, name: str, now: float) -> list[tuple[str, str]]:
        """Return the faults that nobody else can take back any more, with the question for it."""
        if not self.silent(now):
            return []
        with self._lock:
            held = self._held.get(name, {})
            return [(fault, words) for fault, (end, words) in held.items() if end <= now]

    def drop(self, name: str, fault: str) -> None:
        """Keep a fault no longer."""
        with self._lock:
            self._held[name].pop(fault, None)

    def _keep(self, name: str, late: float) -> None:
        shell = Shell(self._command(name))
        with self.logins:
            try:
                said = shell.ask("id -u", OPENING_LIMIT).split()
                why = "" if said[:1] == ["0"] else f"id -u says {said[:1]}"
            except RuntimeError as error:
                why = str(error)
        self.reports.tell(opened=name, why=why)
        following = time.monotonic() + late
        while not self.over.wait(LOOK):
            now = time.monotonic()
            for fault, words in self.due(name, now):
                if self._asked(shell, name, words, REVERT_LIMIT, "reverted"):
                    self.drop(name, fault)
            if now >= following and self.wanted(name, now):
                setup = self.setup
                good = self._asked(shell, name, setup["renew"], setup["limit"], "renewed")
                following = now + (setup["every"] if good else setup["retry"])
        shell.close()

    def _asked(self, shell: Shell, name: str, words: str, limit: float, what: str) -> bool:
        token = secrets.token_hex(16)
        with self._lock:
            held = sorted(self._held.get(name, {}))
        try:
            said = shell.ask(words.replace(PLACE, token), limit)
        except RuntimeError as error:
            self.reports.tell(host=name, what=what, why=str(error))
            return False
        lines = [line.strip() for line in said.splitlines() if token in line]
        line = lines[-1] if lines else ""
        self.reports.tell(host=name, what=what, token=token, line=line, held=held)
        return bool(lines)

    def _command(self, name: str) -> list[str]:
        host = self.setup["hosts"][name]
        options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "ControlMaster=no", "ControlPath=none",
            f"UserKnownHostsFile={self._directory}/known_hosts", "ConnectTimeout=10",
            "ServerAliveInterval=5", "ServerAliveCountMax=3",
        ]  # fmt: skip
        options += [f'User="{host["user"]}"'] if host["user"] else []
        options += [f"Port={host['port']}"] if host["port"] else []
        words = [word for option in options for word in ("-o", option)]
        return ["ssh", "-T", *words, "--", host["address"], host["shell"]]


def main() -> None:
    """Renew until the control node says stop, or its connection ends."""
    for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    setup = json.loads(sys.stdin.buffer.readline())
    directory = tempfile.mkdtemp(prefix="chaos-node-")
    Path(directory, "known_hosts").write_text(setup["host_keys"], encoding="utf-8")
    leases = Leases(setup, directory)
    threading.Thread(target=_tick, args=[leases], daemon=True).start()
    try:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if message.get("stop"):
                break
            leases.take(message)
    finally:
        leases.over.set()
        shutil.rmtree(directory, ignore_errors=True)
        os._exit(0)


def _tick(leases: Leases) -> None:
    while not leases.over.wait(1.0):
        leases.reports.tell(tick=1)


if __name__ == "__main__":
    main()
