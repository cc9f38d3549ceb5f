"""Hosts that are made up, so that a run's core can meet what cannot be provoked on real ones.

Everything else in these tests is the project's own: journal, heartbeat, roll-back, verdict.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.execution import fault_context as faulted
from chaos_runner.execution import put_back
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.fault_context import faults_applied
from chaos_runner.execution.hold_phase import hold
from chaos_runner.execution.leases import heartbeat, login_watch
from chaos_runner.execution.observations import Observations
from chaos_runner.execution.phases import Outcome, _finish
from chaos_runner.execution.safeguards import SafeguardWatch
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.experiment.load import load_experiment
from chaos_runner.fleet.guard_answers.fault_answers import (
    RenewAnswer,
    RenewedFault,
    RevertAnswer,
    RevertedFault,
)
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.guard_answer import GuardAnswer
from chaos_runner.hosts.outcome import HostOutcome, PlaybookOutcome
from chaos_runner.hosts.ssh.errors import RescueError
from chaos_runner.journal.events import Event, PlannedFault
from chaos_runner.journal.identity import new_run_identity
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.zones.probes import Probes
from chaos_runner.planning.plan import Plan
from chaos_runner.rollback import rollback, verification

LEASE = 2
Told = Callable[[str, object], None]
INJECTED: Mapping[str, object] = {
    "verb": "inject",
    "ok": True,
    "effect": True,
    "fingerprint": "a",
    "readings": ["off"],
}
"""What a host says whose fault is on."""


class MadeUpHosts:
    """Behave well; each test makes its own of it, and takes what it does for the host's doing."""

    def __init__(self, *names: str) -> None:
        self.names = names or ("k1",)
        self.identity = new_run_identity()
        self.fault = self.identity.fault(0)
        self.renewed: list[str] = []
        self.injected: list[str] = []
        self.lock = threading.Lock()

    def reach(self, host: str) -> ChaosRunnerError | None:
        """Return why the SSH channel does not reach a host, or None."""
        return None

    def inject(self, host: str) -> Mapping[str, object]:
        """Put the fault on."""
        self.injected.append(host)
        return INJECTED

    def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
        """Keep the fault."""
        with self.lock:
            self.renewed.append(host)
        fault = RenewedFault(fault=self.fault, phase="ACTIVE", effect=True)
        return RenewAnswer(ok=True, verb="renew", faults=(fault,))

    def ended(self, **changes: object) -> RevertedFault:
        """Return what a host says of a fault that is off."""
        fields = {"fault": self.fault, "kind": "service_stop", "phase": "CLEAN", "by": "revert"}
        prints = {"fingerprint_before": "a", "fingerprint_after": "a"}
        return RevertedFault.model_validate({**fields, **prints, **changes})

    def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
        """Take the fault back."""
        return RevertAnswer(ok=True, verb="revert", state="clean", faults=(self.ended(),))

    def take_back(self, host: str, which: Sequence[str]) -> RevertAnswer | ChaosRunnerError:
        """Take back what the arguments of the guard's verb mean: of these hosts all there is."""
        return self.revert(host)

    def audit(self, host: str) -> AuditAnswer | ChaosRunnerError:
        """Look for residue."""
        return AuditAnswer(ok=True, verb="audit", clean=True)


class MadeUpRescue(Closing):
    """A stand-in for the SSH channel."""

    hosts: MadeUpHosts

    def __init__(self, wanted: Sequence[Host]) -> None:
        self.names = [host.name for host in wanted]

    def open(self) -> dict[str, ChaosRunnerError]:
        return {host: error for host in self.names if (error := self.hosts.reach(host))}

    def renew(self, run: str, lease: int) -> dict[str, RenewAnswer | ChaosRunnerError]:
        return {host: self.hosts.reach(host) or self.hosts.renew(host) for host in self.names}

    def revert(
        self,
        which: WhichFaults,
        only: Sequence[str] | None = None,
        on_answer: Told = lambda *_: None,
    ) -> dict[str, RevertAnswer | ChaosRunnerError]:
        answers = {
            host: self.hosts.reach(host) or self.hosts.take_back(host, which.arguments)
            for host in only or self.names
        }
        for host, answer in answers.items():
            on_answer(host, answer)
        return answers

    def audit(self, only: Sequence[str] | None = None) -> dict[str, AuditAnswer | ChaosRunnerError]:
        return {
            host: self.hosts.reach(host) or self.hosts.audit(host) for host in only or self.names
        }

    def forget(self, run: str) -> dict[str, object]:
        return {}

    def close(self) -> None:
        pass


class MadeUpAnsible:
    """A stand-in for Ansible."""

    def __init__(self, hosts: MadeUpHosts) -> None:
        self._hosts = hosts

    def run(self, playbook: str, wanted: Sequence[str], *_: object, **__: object) -> object:
        if playbook == "install.yml":
            return PlaybookOutcome({host: HostOutcome("ok") for host in wanted})
        ask = {"inject.yml": self._hosts.inject, "rollback.yml": self._hosts.revert}.get(
            playbook, self._hosts.audit
        )
        return PlaybookOutcome({host: _outcome(ask(host)) for host in wanted})


def _outcome(answer: object) -> HostOutcome:
    if isinstance(answer, ChaosRunnerError):
        return HostOutcome("unreachable", answer.message)
    data = answer if isinstance(answer, dict) else answer.model_dump()  # type: ignore[attr-defined]
    return HostOutcome("ok", "", (GuardAnswer(str(data["verb"]), bool(data["ok"]), data),))


def unreachable(host: str) -> RescueError:
    return RescueError(f"{host}: no route to host")


class Bench:
    """A run's core on made-up hosts, and what it wrote."""

    def __init__(self, directory: Path, hosts: MadeUpHosts, duration: float, one_channel: bool):
        self.events: list[Event] = []
        self.hosts = hosts
        file = directory / "e.yml"
        file.write_text("title: t\nfaults: [{service_stop: {service: kafka}, duration: 10s}]\n")
        inventory = Inventory(
            directory, {name: Host(name, "127.0.0.1") for name in hosts.names}, {}
        )
        fault = PlannedFault(
            fault=hosts.fault,
            kind="service_stop",
            summary="s",
            targets=list(hosts.names),
            control=[],
            duration=duration,
            lease=LEASE,
            cap=80,
            variables={},
        )
        plan = Plan(
            hosts.identity,
            load_experiment(file),
            file,
            inventory,
            "x",
            (fault,),
            {name: PreflightFacts(ok=True) for name in hosts.names},
            BlastRadius(),
            one_channel=dict.fromkeys(hosts.names if one_channel else (), "no route"),
        )
        probe = SimpleNamespace(
            alive=True,
            raise_if_dead=lambda: None,
            enter_phase=lambda phase: None,
            lost=list,
        )
        journal = Journal(directory / "run", self.events.append)
        self.context = RunContext(
            plan,
            journal,
            cast(AnsibleChannel, MadeUpAnsible(hosts)),
            Interruption(),
            Observations(journal),
            cast(Probes, probe),
        )
        self.failure: BaseException | None = None

    def run(self) -> Outcome:
        """Inject, hold, roll back, and judge where every phase of the cluster held."""
        guards = cast(SafeguardWatch, SimpleNamespace(tripped=lambda: False))
        try:
            with faults_applied(self.context, guards.tripped) as beat:
                hold(self.context, beat, guards)
        except ChaosRunnerError as error:
            self.failure = error
        self.context.verdicts.update({"before": "held", "during": "held", "after": "held"})
        return _finish(self.context)

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@contextmanager
def bench_of(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    hosts: MadeUpHosts,
    duration: float = 1.0,
    *,
    one_channel: bool = False,
) -> Iterator[Bench]:
    """Yield a bench on which nothing but the hosts is made up, and patience is short."""
    rescue = type("Rescue", (MadeUpRescue,), {"hosts": hosts})
    for module in (faulted, heartbeat, login_watch, rollback, verification):
        monkeypatch.setattr(module, "FleetRescue", rescue)
    monkeypatch.setattr(put_back, "ROLL_BACK_MARGIN", 0.0)
    monkeypatch.setattr(rollback, "HEAD_START", 0.1)
    monkeypatch.setattr(rollback, "RETRY_PAUSE", 0.1)
    bench = Bench(directory, hosts, duration, one_channel)
    yield bench
    bench.context.journal.close()
