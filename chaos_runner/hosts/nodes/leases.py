"""The leases of one zone, renewed from its execution node; this side of lease_program.py."""

from __future__ import annotations

import json
import math
import os
import queue
import shlex
import subprocess
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from chaos_runner.attempt import Attempt
from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.channel import Replies
from chaos_runner.hosts.guard import installed
from chaos_runner.hosts.nodes import lease_program
from chaos_runner.hosts.nodes.link import NodeLink, needing, pipe_of
from chaos_runner.hosts.nodes.renewal_reports import Answer, RenewalReports
from chaos_runner.hosts.readable import first_lines
from chaos_runner.hosts.ssh.become import shell_words

_RENEWALS_PER_LEASE = 3
_RETRIES_PER_LEASE = 20
_SHORTEST_LIMIT = 5.0
_PING = 1.0
_LONGEST_LINE = 1_048_576
_MOST_A_SECOND = 1_048_576
"""Bytes of reports: a thousand hosts say half of it with every renewal. What is more waits."""
_MOST_COMPLAINTS = 2000


class ZoneLeases(Closing):
    """The renewals on one execution node; started by `open`, and at an end with `close`.

    Nothing is raised for the node: a host that nobody renews says so in its answers.
    """

    def __init__(self, node: Host, hosts: Sequence[Host], run: str, lease: int) -> None:
        self._node = node
        self._hosts = {host.name: host for host in hosts}
        self._run = run
        self._lease = lease
        self._lock = threading.Lock()
        self._link: NodeLink | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: queue.SimpleQueue[Mapping[str, object] | None] = queue.SimpleQueue()
        self._reports = RenewalReports(self._hosts)
        self._opened = {host.name: threading.Event() for host in hosts}
        self._held: dict[str, set[str]] = {}
        self._heard = self._heard_since = -math.inf
        self._failed: ChaosRunnerError | None = None
        self._threads: list[threading.Thread] = []

    def open(self, hosts: Collection[str]) -> None:
        """Have shells of root opened to hosts, and their leases renewed from then on."""
        with self._lock:
            if self._process is None and self._failed is None:
                with Attempt() as attempt:
                    self._start()
                if attempt.error:
                    self._end(attempt.problem)
        self._messages.put({"open": sorted(hosts)})

    def await_open(self, host: str, limit: float) -> None:
        """Return when the node has a shell on the host, or has failed to open one."""
        self._opened[host].wait(limit)

    def hold(self, fault: str, host: str, seconds: float) -> None:
        """Have a fault kept for so long where this side cannot be heard, and then taken back."""
        with self._lock:
            self._held[host] = {*self._held.get(host, set()), fault}
            self._reports.forget(host)  # what was asked before this fault tells nothing of it
        words = _words("revert", *WhichFaults.one(fault).arguments)
        self._messages.put({"hold": [host, fault, seconds, words]})

    def release(self, fault: str) -> None:
        """Leave it to this side to take a fault back."""
        with self._lock:
            for held in self._held.values():
                held.discard(fault)
        self._messages.put({"release": [fault]})

    def stop(self) -> None:
        """Renew no more."""
        self._messages.put({"stop": True})

    def answer(self, host: str, limit: float) -> Answer:
        """Return what the host last said to a renewal, or why it is not known."""
        silent = ChaosRunnerError(f"the execution node {self._node.name} is silent")
        return self._reports.newest(host, limit) or self._failed or silent

    def heard_for(self) -> float:
        """Return for how many seconds the node has been heard without a pause, 0 in a silence.

        Where its program has ended it renews nothing, which is known for ever.
        """
        if self._failed is not None:
            return math.inf
        now = time.monotonic()
        return now - self._heard_since if now - self._heard < lease_program.SILENCE else 0.0

    def close(self) -> None:
        """End the renewals and the connection to the node."""
        self.stop()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PING)
            self._process.kill()
            self._process.wait()
        self._messages.put(None)
        for thread in self._threads:
            thread.join()
        if self._process is not None:
            pipe_of(self._process.stdout).close()
            pipe_of(self._process.stderr).close()
        if self._link is not None:
            self._link.close()

    def _start(self) -> None:
        self._link = NodeLink(self._node, list(self._hosts.values()))
        text = Path(lease_program.__file__).read_bytes()
        read = f"import sys; exec(compile(sys.stdin.buffer.read({len(text)}), 'leases', 'exec'))"
        script = needing("python3", "ssh") + f"exec python3 -I -u -c {shlex.quote(read)}"
        started = self._link.start(script, lasting=True)
        self._process = process = started.open(buffer_size=0)
        first = text + json.dumps(self._setup(self._link.host_keys)).encode() + b"\n"
        for name, work, arguments in (
            ("say", self._say, (process, first)),
            ("listen", self._listen, (process,)),
        ):
            thread = threading.Thread(
                target=work, args=arguments, name=f"zone-{name}-{self._node.name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _setup(self, host_keys: str) -> dict[str, object]:
        return {
            "hosts": {
                host.name: {
                    "address": host.address,
                    "port": host.port if host.port_given else 0,
                    "user": host.user or "",
                    "shell": " ".join(shell_words(host, host.user or "")),
                }
                for host in self._hosts.values()
            },
            "host_keys": host_keys,
            "renew": _words("renew", self._run, str(self._lease)),
            "every": self._lease / _RENEWALS_PER_LEASE,
            "retry": max(1.0, self._lease / _RETRIES_PER_LEASE),
            "limit": min(self._lease, max(_SHORTEST_LIMIT, self._lease / _RENEWALS_PER_LEASE)),
        }

    def _say(self, process: subprocess.Popen[bytes], first: bytes) -> None:
        pipe = pipe_of(process.stdin)
        with suppress(OSError, ValueError):  # nobody listens any more; the other thread tells it
            _write(pipe.fileno(), first)
            while True:
                message: Mapping[str, object] | None = {"ping": True}
                with suppress(queue.Empty):
                    message = self._messages.get(timeout=_PING)
                if message is None:
                    break
                _write(pipe.fileno(), json.dumps(message).encode() + b"\n")
        with suppress(OSError):
            pipe.close()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        output = pipe_of(process.stdout).fileno()
        heard_until = time.monotonic()
        with Attempt() as attempt, open(output, "rb", closefd=False) as lines:
            while line := lines.readline(_LONGEST_LINE):
                self._take(json.loads(line))
                now = time.monotonic()
                heard_until = max(heard_until, now) + len(line) / _MOST_A_SECOND
                if heard_until - now > 1:  # a node that floods takes no other's time here
                    time.sleep(heard_until - now - 1)
        said = attempt.problem or first_lines(_complaints_of(process))
        self._end(said or "its program for leases has ended")

    def _take(self, report: Mapping[str, object]) -> None:
        now = time.monotonic()
        if now - self._heard >= lease_program.SILENCE:
            self._heard_since = now
        self._heard = now
        if (opened := str(report.get("opened", ""))) in self._opened:
            self._opened[opened].set()
        host = str(report.get("host", ""))
        if host in self._hosts and report.get("what") == "renewed":
            known = report.get("held")
            with self._lock:
                stale = not self._held.get(host, set()).issubset(
                    known if isinstance(known, list) else self._held.get(host, set())
                )
                if not stale:
                    self._reports.keep(host, report)

    def _end(self, why: str) -> None:
        self._failed = ChaosRunnerError(f"execution node {self._node.name}: {why}")
        for event in self._opened.values():
            event.set()


class ZoneHost(Closing):
    """One host of a zone, whose renewals are asked for as if it were reached from here."""

    def __init__(self, leases: ZoneLeases, host: str) -> None:
        self._leases = leases
        self._host = host

    def open(self) -> None:
        """Wait until the node has a shell of root on the host, or has failed to open one."""
        self._leases.await_open(self._host, lease_program.OPENING_LIMIT)

    def renew(self, run: str, lease: int) -> Replies[RenewAnswer]:
        """Return what the host has said to the node, which renews by itself."""
        del run
        return {self._host: self._leases.answer(self._host, lease / _RENEWALS_PER_LEASE)}

    def close(self) -> None:
        """End nothing: the node goes on with its zone."""


def _words(*question: str) -> str:
    return shlex.join(installed(*question, token=lease_program.PLACE).arguments)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _complaints_of(process: subprocess.Popen[bytes]) -> str:
    return pipe_of(process.stderr).read(_MOST_COMPLAINTS).decode("utf-8", errors="replace")
