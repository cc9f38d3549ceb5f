"""The Ansible channel to a host: run the package's playbooks through ansible-runner.

This module alone imports ansible_runner, because that library has traps; each is met here:
host keys are checked (it would switch that off), signal handlers stay the caller's, a private
directory lives for one run only (its files would stick), `env/settings` is a file (as a keyword
it is dropped when env files are suppressed), extra variables travel in a file of mode 0600 and
not in argv, the environment is not written to disk, the event handler cannot raise, Ansible is
found without an active virtual environment, and the exit status is not believed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import ansible_runner.interface
import ansible_runner.runner
from ansible_runner.exceptions import CallbackError

from chaos_runner.closing import Closing
from chaos_runner.fleet.inventory import Host, Inventory, source_arguments
from chaos_runner.hosts.ansible.bounded_programs import bounded_programs
from chaos_runner.hosts.ansible.extra_variables import extra_variables
from chaos_runner.hosts.ansible.on_node import NodePlaybooks
from chaos_runner.hosts.ansible.orphans import end_processes_of
from chaos_runner.hosts.ansible.playbook_events import Event, kept, outcomes_of
from chaos_runner.hosts.ansible.playbook_job import MOST_FORKS, PlaybookJob
from chaos_runner.hosts.ansible.playbook_layout import lay_out
from chaos_runner.hosts.ansible.private_directory import (
    WORK_DIRECTORY,
    command_in_memory,
    private_directory,
    sweep,
    write_privately,
)
from chaos_runner.hosts.ansible.shared_connections import SharedConnections
from chaos_runner.hosts.environment import needed_of, playbook_environment
from chaos_runner.hosts.guard import new_token
from chaos_runner.hosts.nodes.zones import zones_of
from chaos_runner.hosts.outcome import HostOutcome, PlaybookOutcome
from chaos_runner.hosts.readable import without
from chaos_runner.hosts.ssh.arguments import KNOWN_BY_FILES, understands

__all__ = ["MOST_FORKS", "AnsibleChannel", "HostOutcome", "PlaybookOutcome", "never"]

CANCEL_POLL = 1
"""Seconds between two looks at `cancelled`; ansible-runner's own default is 5."""


def never() -> bool:
    """Say that nobody asked to cancel."""
    return False


class AnsibleChannel(Closing):
    """Playbooks run on hosts of one inventory. Use it as a context manager, or close it.

    `work_directory` gets the short-lived private directories.
    """

    def __init__(self, inventory: Inventory, work_directory: Path | None = None) -> None:
        self._inventory = inventory
        self._work_directory = work_directory or WORK_DIRECTORY
        self._connections = SharedConnections(self._work_directory)
        self._nodes: dict[str, NodePlaybooks] = {}
        sweep(self._work_directory)

    def run(
        self,
        playbook: str,
        hosts: Sequence[str],
        variables: Mapping[str, object] | None = None,
        timeout: float = 120.0,
        cancelled: Callable[[], bool] = never,
        *,
        host_variables: Mapping[str, Mapping[str, object]] | None = None,
        fresh_connections: bool = False,
        token: str | None = None,
    ) -> PlaybookOutcome:
        """Run a playbook of the package on the named hosts and say what came of it on each.

        `variables` go to Ansible as extra variables and are data there: nothing in them is taken
        for a template. `host_variables` are those of single hosts, each the same ones.
        They must not hold secrets. The playbook gets the `token` (by default a new one) as
        `chaos_token` beside them, and only answers of a guard that repeat it count. `timeout` is
        in seconds, rounded up. `cancelled` is asked about once a second; what it raises is raised
        from here. After a cancel or a timeout every process of this side is ended, but a step
        that already runs on a host may still finish there: look again before claiming anything.
        `fresh_connections` makes new SSH connections, for when a fault may have cut the old; from
        an execution node they are always new.
        """
        refused = {host: self._inventory.unusable.get(host, "") for host in hosts}
        reached = [host for host in hosts if not refused[host]]
        outcomes = {
            host: HostOutcome("missing", f"left out: {why}") for host, why in refused.items() if why
        }
        if not reached:
            return PlaybookOutcome(outcomes)
        token = token or new_token()
        job = PlaybookJob(
            playbook,
            {**(variables or {}), "chaos_token": token},
            host_variables or {},
            max(1, math.ceil(timeout)),
            cancelled,
            token,
        )
        here, zones = self._zones_of(reached)
        with ThreadPoolExecutor(max(1, len(zones)), "zone") as pool:
            afar = [pool.submit(self._on(zone[0]).run, job, zone) for zone in zones]
            parts = [self._run_here(job, here, fresh_connections)] if here else []
            parts += [each.result() for each in afar]
        for part in parts:
            outcomes |= part.per_host
        return PlaybookOutcome(
            per_host={host: self._shown(host, outcomes[host]) for host in hosts},
            cancelled=any(part.cancelled for part in parts),
            timed_out=any(part.timed_out for part in parts),
        )

    def _zones_of(self, names: Sequence[str]) -> tuple[list[str], list[tuple[Host, ...]]]:
        """Return the hosts that are worked on from here, and those of each execution node."""
        known = self._inventory.hosts
        zones = zones_of(known[name] for name in names if name in known)
        afar = [zone for node, zone in zones.items() if node]
        return [name for name in names if name not in known or not known[name].through], afar

    def _on(self, host: Host) -> NodePlaybooks:
        """Return the playbooks of the zone that a host is in."""
        node = host.through or host
        if node.name not in self._nodes:
            zone = zones_of(self._inventory.hosts.values())[node.name]
            self._nodes[node.name] = NodePlaybooks(node, zone, self._work_directory)
        return self._nodes[node.name]

    def _run_here(
        self, job: PlaybookJob, hosts: Sequence[str], fresh_connections: bool
    ) -> PlaybookOutcome:
        control = None if fresh_connections else self._connections.directory
        with (
            private_directory(self._work_directory) as private,
            command_in_memory(private, _IDENTITY),
        ):
            self._write_files(private, hosts, job, control)
            watch = _Watch(job.cancelled)
            runner = self._runner(job, len(hosts), private, watch)
            with _everything_ended(private):
                runner.run()
        return PlaybookOutcome(
            outcomes_of(watch.events, hosts, job.token),
            cancelled=bool(runner.canceled),
            timed_out=bool(runner.timed_out),
        )

    def _shown(self, host: str, outcome: HostOutcome) -> HostOutcome:
        known = self._inventory.hosts.get(host)
        return replace(outcome, message=without(outcome.message, known.hidden if known else ()))

    def close(self) -> None:
        """End the SSH connections and agents that were kept; the channel may be used again."""
        self._connections.close()
        while self._nodes:
            self._nodes.popitem()[1].close()

    def _write_files(
        self,
        private: Path,
        hosts: Sequence[str],
        job: PlaybookJob,
        control: Path | None,
    ) -> None:
        known = {
            host: self._inventory.hosts[host] for host in hosts if host in self._inventory.hosts
        }
        executables = {host.ssh_executable for host in known.values()}
        programs = bounded_programs(private, executables)
        files_alone = all(understands(each, KNOWN_BY_FILES) for each in executables)
        (private / "env").mkdir(mode=0o700)
        write_privately(
            private / "env" / "extravars",
            extra_variables(
                job.variables,
                job.host_variables,
                known,
                control,
                programs,
                *[KNOWN_BY_FILES] * files_alone,
            ),
        )
        write_privately(private / "env" / "settings", json.dumps(_SETTINGS))
        write_privately(private / "limit", "\n".join(hosts) + "\n")

    def _runner(
        self,
        job: PlaybookJob,
        size: int,
        private: Path,
        watch: _Watch,
    ) -> ansible_runner.Runner:
        runner = ansible_runner.interface.init_runner(
            private_data_dir=str(private),
            project_dir=str(Path.cwd()),  # relative paths of the user's settings keep working
            playbook=str(lay_out(job.playbook, private)),
            inventory=source_arguments(self._inventory.sources),
            limit=f"@{private / 'limit'}",
            forks=min(size, MOST_FORKS),
            envvars=playbook_environment(private / "roles"),
            ident=_IDENTITY,
            timeout=job.timeout,
            suppress_env_files=True,
            quiet=True,
            event_handler=watch.keep,
            cancel_callback=watch.cancelled,
        )
        if not self._inventory.reads_environment:
            runner.config.env = needed_of(runner.config.env)
        return runner


_TERMINAL_STILL_OPEN = ansible_runner.runner.pexpect.exceptions.TIMEOUT
_IDENTITY = "run"
"""The name of the one run in its private directory."""
_SETTINGS = {"pexpect_timeout": CANCEL_POLL, "suppress_ansible_output": True}


class _Watch:
    """The events so far, and the wish to cancel, passed on in ways that cannot fail."""

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self.events: list[Event] = []
        self.cancelled = cancelled

    def keep(self, event: Event) -> bool:
        self.events.append(kept(event))
        return False  # nothing reads the event's file


@contextmanager
def _everything_ended(private: Path) -> Iterator[None]:
    """Leave no process behind, however the run ends; raise what `cancelled` raised."""
    try:
        yield
    except _TERMINAL_STILL_OPEN:
        pass  # a child of Ansible outlived it and held the terminal: the events are complete
    except CallbackError as error:
        raise error.__cause__ or error from None
    finally:
        end_processes_of(private)
