"""A course at work on made-up hosts: what is on where, and in which order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import cast

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution.fault_context import faults_applied
from chaos_runner.execution.hold_phase import hold
from chaos_runner.execution.phases import Outcome, _finish
from chaos_runner.execution.safeguards import SafeguardWatch
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer, RenewedFault, RevertAnswer
from chaos_runner.hosts.outcome import HostOutcome, PlaybookOutcome
from tests.asking import words_of
from tests.unit.execution.made_up_hosts import INJECTED, Bench, MadeUpHosts, _outcome

NAMES = ("kafka-1", "kafka-2", "kafka-3", "kafka-4")


PHASES = "phases: {recovery: 1s}\n"


ALLOWED = PHASES + "allow: {topics: [orders], quorum: true}\n"


LIMIT = 60.0


class HostsOfACourse(MadeUpHosts):
    """Which fault is on which host, and what happened in which order."""

    def __init__(self) -> None:
        super().__init__(*NAMES)
        self.on: dict[str, list[str]] = {name: [] for name in NAMES}
        self.over: dict[str, list[str]] = {name: [] for name in NAMES}
        self.log: list[str] = []
        self.together: set[frozenset[str]] = set()

    def put_on(self, host: str, fault: str) -> Mapping[str, object]:
        """Put a fault on."""
        with self.lock:
            self.on[host].append(fault)
            self.log.append(f"{fault} on {host}")
            self.together.add(frozenset(each for own in self.on.values() for each in own))
        return INJECTED

    def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
        """Keep the faults that are on."""
        with self.lock:
            on = list(self.on[host])
        faults = tuple(RenewedFault(fault=fault, phase="ACTIVE", effect=True) for fault in on)
        return RenewAnswer(ok=bool(on), verb="renew", faults=faults)

    def take_back(self, host: str, which: Sequence[str]) -> RevertAnswer:
        """Take one fault back, or all."""
        with self.lock:
            wanted = [each for each in self.on[host] if which[0] in (each, "--run")]
            for fault in reversed(wanted):
                self.on[host].remove(fault)
                self.over[host].append(fault)
                self.log.append(f"{fault} off {host}")
            told = self.over[host] if which[0] == "--run" else list(which)
            faults = tuple(self.ended(fault=fault, run="r", held=None) for fault in told)
        return RevertAnswer(ok=True, verb="revert", state="clean", faults=faults)

    def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
        """Take all back."""
        return self.take_back(host, ["--run"])


class AnsibleOfACourse:
    """A stand-in for Ansible, which says to a host which fault is meant."""

    def __init__(self, hosts: HostsOfACourse) -> None:
        self._hosts = hosts

    def run(
        self,
        playbook: str,
        wanted: Sequence[str],
        variables: Mapping[str, object],
        *_: object,
        **__: object,
    ) -> PlaybookOutcome:
        return PlaybookOutcome(
            {host: self._ask(playbook, host, variables) for host in wanted}, cancelled=False
        )

    def _ask(self, playbook: str, host: str, variables: Mapping[str, object]) -> HostOutcome:
        if playbook == "inject.yml":
            return _outcome(self._hosts.put_on(host, words_of(variables, "inject")[0]))
        if playbook == "rollback.yml":
            which = words_of(variables, "revert")
            return _outcome(self._hosts.take_back(host, which))
        return _outcome(self._hosts.audit(host))


class Course:
    """A run's core with a planned course on made-up hosts."""

    def __init__(self, bench: Bench, hosts: HostsOfACourse) -> None:
        self.bench, self.hosts, self.context = bench, hosts, bench.context
        self.tripped = threading.Event()

    def run(self) -> Outcome:
        """Inject, hold, roll back, and judge where every phase of the cluster held."""
        guards = cast(SafeguardWatch, SimpleNamespace(tripped=self.tripped.is_set))
        try:
            with faults_applied(self.context, guards.tripped) as beat:
                hold(self.context, beat, guards)
        except ChaosRunnerError as error:
            self.bench.failure = error
        self.context.verdicts.update({"before": "held", "during": "held", "after": "held"})
        return _finish(self.context)

    @property
    def short(self) -> list[str]:
        """Return what happened: the number of a fault, on or off, the number of the host."""
        return [line.replace("kabc_", "").replace("kafka-", "k") for line in self.hosts.log]


Start = Callable[..., Course]


def cut(targets: str, **times: str) -> str:
    lines = [f"    {key}: {value}\n" for key, value in {"duration": "1s", **times}.items()]
    return f"  - network_partition:\n    targets: {{{targets}}}\n{''.join(lines)}"
