"""Run a playbook on an execution node, by the transmit, worker and process steps of ansible-runner.

What goes there is one directory; what comes back is Ansible's events, line by line. An execution
node is believed no more than a host: its lines are bounded, and the files that it sends back are
passed over.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from ansible_runner.streaming import Processor, Transmitter
from ansible_runner.utils.base64io import Base64IO

from chaos_runner.attempt import Attempt
from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ansible.playbook_events import Event, kept, outcomes_of
from chaos_runner.hosts.ansible.playbook_job import MOST_FORKS, PlaybookJob
from chaos_runner.hosts.ansible.private_directory import private_directory
from chaos_runner.hosts.ansible.zone_files import INVENTORY, write_zone_files
from chaos_runner.hosts.environment import quiet_environment
from chaos_runner.hosts.nodes.link import NodeLink, Started, needing, new_directory, pipe_of
from chaos_runner.hosts.outcome import HostOutcome, PlaybookOutcome
from chaos_runner.hosts.readable import first_lines

_LONGEST_LINE = 4 * 1024**2
"""Bytes of one event; an answer of a guard has some thousands."""
_MOST_SAID = 4 * 1024**2
"""Bytes of all events of a job beside those of its hosts."""
_MOST_OF_A_HOST = 1024**2
"""Bytes of the events of one more host: its answers have some ten thousand."""
_MOST_COMPLAINTS = 8192
_MARGIN = 15.0
"""Seconds for the way there and back beyond the time that the playbook may take."""
_POLL = 1.0
_OF_THIS_SIDE = ("PATH", "ANSIBLE_ROLES_PATH")


class NodePlaybooks(Closing):
    """The playbooks of one zone, run on its execution node."""

    def __init__(self, node: Host, zone: Sequence[Host], work_directory: Path) -> None:
        self._node = node
        self._zone = zone
        self._work_directory = work_directory
        self._link: NodeLink | None = None
        self._opening = threading.Lock()

    def close(self) -> None:
        """End the agent with the zone's keys."""
        if self._link is not None:
            self._link.close()
        self._link = None

    def run(self, job: PlaybookJob, hosts: Sequence[Host]) -> PlaybookOutcome:
        """Run a playbook on hosts of the zone; see AnsibleChannel.run."""
        try:
            with self._opening:
                self._link = self._link or NodeLink(self._node, self._zone)
        except ChaosRunnerError as error:
            return self._lost(hosts, error.message)
        directory = new_directory()
        with private_directory(self._work_directory) as private:
            content = private / "content"
            content.mkdir(mode=0o700)
            write_zone_files(content, directory, job, hosts, self._link.host_keys)
            started = self._link.start(_script(directory, job.timeout))
            most = _MOST_SAID + len(hosts) * _MOST_OF_A_HOST
            worker = _Worker(
                started, content, private / "received", _arguments(job, len(hosts)), most
            )
            ended = worker.finish(job.timeout + _MARGIN, job.cancelled)
        if not worker.events and ended == "done":
            return self._lost(hosts, worker.said)
        return PlaybookOutcome(
            outcomes_of(worker.events, [host.name for host in hosts], job.token),
            cancelled=ended == "cancelled",
            timed_out=ended == "timed out",
        )

    def _lost(self, hosts: Sequence[Host], why: str) -> PlaybookOutcome:
        reason = f"execution node {self._node.name}: {first_lines(why) or 'it gave no sign'}"
        return PlaybookOutcome({host.name: HostOutcome("unreachable", reason) for host in hosts})


def _arguments(job: PlaybookJob, hosts: int) -> dict[str, object]:
    return {
        "playbook": job.playbook,
        "inventory": INVENTORY,
        "forks": min(hosts, MOST_FORKS),
        "timeout": job.timeout,
        "ident": "run",
        "suppress_env_files": True,
        "envvars": _environment(),
    }


def _environment() -> dict[str, str]:
    return {
        **{name: value for name, value in quiet_environment().items() if name not in _OF_THIS_SIDE},
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_TIMEOUT": "60",
    }


def _script(directory: str, timeout: int) -> str:
    """Return what runs on the node: it cleans up behind itself, also when nobody listens."""
    limit = timeout + int(_MARGIN)
    return (
        needing("ansible-runner", "ansible-playbook", "python3", "ssh", "timeout")
        + f"umask 077; mkdir {directory} || exit 1; trap 'rm -rf {directory}' EXIT; "
        + "trap '' HUP PIPE; "
        + f"timeout -k 5 {limit} ansible-runner worker --private-data-dir {directory}"
    )


class _Worker:
    """One job of a node: the directory goes there, the events come back."""

    def __init__(
        self, started: Started, content: Path, received: Path, job: dict[str, object], most: int
    ) -> None:
        """`most` is how many bytes of events are listened to."""
        self.events: list[Event] = []
        self._most = most
        self._complaints = b""
        self._problem = ""
        self._process = started.open()
        self._input = pipe_of(self._process.stdin)
        self._output = pipe_of(self._process.stdout)
        self._errors = pipe_of(self._process.stderr)
        self._listening = threading.Thread(target=self._listen, name="node-errors", daemon=True)
        self._working = threading.Thread(
            target=self._work, args=[content, received, job], name="node-job", daemon=True
        )

    @property
    def said(self) -> str:
        """Return what the node, or ssh to it, complained of; else what went wrong here."""
        return self._complaints.decode("utf-8", errors="replace").strip() or self._problem

    def finish(self, limit: float, cancelled: Callable[[], bool]) -> str:
        """Wait until the job is done; return `done`, `cancelled` or `timed out`."""
        deadline = time.monotonic() + limit
        self._listening.start()
        self._working.start()
        try:
            while self._working.is_alive():
                if cancelled():
                    return "cancelled"
                if time.monotonic() > deadline:
                    return "timed out"
                self._working.join(_POLL)
            return "done"
        finally:
            self._process.kill()
            self._process.wait()
            self._working.join()
            self._listening.join()
            for pipe in (self._input, self._output, self._errors):
                with suppress(OSError):  # what the node has not taken of it
                    pipe.close()

    def _work(self, content: Path, received: Path, job: dict[str, object]) -> None:
        with Attempt() as attempt:
            with suppress(BrokenPipeError):  # what the node says of it comes next
                Transmitter(_output=self._input, private_data_dir=str(content), **job).run()
            stream = _Bounded(io.FileIO(self._output.fileno(), closefd=False), self._most)
            events = Processor(
                _input=stream,
                private_data_dir=str(received),
                quiet=True,
                settings={},
                event_handler=self._keep,
            )
            events.artifacts_callback = partial(_pass_over, stream)
            events.run()
        self._problem = attempt.problem

    def _keep(self, event: Event) -> bool:
        self.events.append(kept(event))
        return False  # nothing reads the event's file

    def _listen(self) -> None:
        while data := os.read(self._errors.fileno(), 65_536):
            self._complaints = (self._complaints + data)[:_MOST_COMPLAINTS]


class _Bounded(io.BufferedReader):
    """The pipe from the node; a line without end, and lines without end, are an error."""

    def __init__(self, pipe: io.FileIO, most: int) -> None:
        """`most` is how many bytes all lines may have."""
        super().__init__(pipe)
        self._left = most

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the next line, or raise OSError where it is too long for an event."""
        line = super().readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise OSError(f"a line of more than {_LONGEST_LINE} bytes")
        self._left -= len(line)
        if self._left < 0:
            raise OSError("more events than its hosts have")
        return line


def _pass_over(stream: _Bounded, announced: Mapping[str, int]) -> None:
    """Read the files that the node sends, and keep none: it would choose where they lie here."""
    left = announced["zipfile"]
    with Base64IO(stream) as source:
        while left > 0 and (data := source.read(min(left, io.DEFAULT_BUFFER_SIZE))):
            left -= len(data)
