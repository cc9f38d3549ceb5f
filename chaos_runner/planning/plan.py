"""A plan: an experiment resolved against an inventory, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.errors import RefusedError
from chaos_runner.experiment.models import Experiment
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.hosts.nodes.zones import zones_of
from chaos_runner.journal.events import PlannedFault
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.measurements.cluster_fault import CLUSTER
from chaos_runner.measurements.cluster_layout import ClusterLayout
from chaos_runner.measurements.exposure import FaultReach
from chaos_runner.measurements.run_kind import RunKind

NO_FILE = Path()
"""The experiment file of a probe that was asked for on the command line alone."""


@dataclass(frozen=True)
class Plan:
    """Everything a run will do, before it does any of it."""

    identity: RunIdentity
    experiment: Experiment
    experiment_file: Path
    inventory: Inventory
    bootstrap_servers: str
    faults: tuple[PlannedFault, ...]
    facts: dict[str, PreflightFacts]
    blast_radius: BlastRadius
    """Whom the faults would hurt, by the cluster as it was when the plan was made."""
    reaches: tuple[FaultReach, ...] = ()
    """The machines of the cluster that each fault reaches."""
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    """Per host what stands against touching it; empty lists when nothing does."""
    passed_over: dict[str, str] = field(default_factory=dict)
    """Hosts that were not chosen because they could not be, with the reason."""
    one_channel: dict[str, str] = field(default_factory=dict)
    """Targets that Ansible alone reaches and the user took all the same, and why."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Hosts that did not answer and that the experiment does without, and why they did not."""
    cluster: ClusterLayout | None = None
    """How the cluster was laid out; None where it did not say."""
    kind: RunKind = "run"

    @property
    def experiment_name(self) -> str:
        """Return the path of the experiment as it was given; empty where there is no file."""
        return "" if self.experiment_file == NO_FILE else str(self.experiment_file)

    @property
    def inventory_name(self) -> str:
        """Return what the inventory was read from, absolute; empty where none was needed."""
        return self.inventory.name

    @property
    def targets(self) -> tuple[str, ...]:
        """Return every host that gets at least one fault, in the inventory's order."""
        chosen = {host for fault in self.faults for host in fault.targets}
        return tuple(host for host in self.inventory.hosts if host in chosen)

    @property
    def touched(self) -> tuple[str, ...]:
        """Return what gets a fault: hosts, and the cluster where a fault is of the cluster."""
        of_cluster = any(fault.change for fault in self.faults)
        return (*self.targets, CLUSTER) if of_cluster else self.targets

    @property
    def exposed(self) -> tuple[str, ...]:
        """Return the hosts that get a fault, or whose brokers a fault of the cluster concerns."""
        concerned = {host for fault in self.faults for host in fault.brokers}
        chosen = concerned.union(self.targets)
        return tuple(host for host in self.inventory.hosts if host in chosen)

    @property
    def zones(self) -> dict[str, tuple[str, ...]]:
        """Return per execution node the targets that are worked on through it."""
        zones = zones_of(self.inventory.hosts[name] for name in self.targets)
        return {node: tuple(host.name for host in zone) for node, zone in zones.items() if node}

    @property
    def untouched(self) -> tuple[str, ...]:
        """Return every host of the inventory that gets no fault."""
        chosen = set(self.exposed)
        return tuple(host for host in self.inventory.hosts if host not in chosen)

    @property
    def harm_stays_unknown(self) -> bool:
        """Tell whether nobody has to ask again whom the faults hurt: the cluster did not tell.

        Where it told a part, what it tells of that later on counts, whatever is allowed.
        """
        return self.cluster is None and self.experiment.allow.unknown_blast_radius

    def refuse_if_unsafe(self) -> None:
        """Raise RefusedError when there is a problem on a host, or harm that is not allowed.

        It names every host, every problem, and what others would suffer.
        """
        forbidden = {"blast radius": forbidden_by(self.blast_radius, self.experiment.allow)}
        lines = [
            f"{where}: {problem.text}" + (f"\n    hint: {problem.hint}" if problem.hint else "")
            for where, problems in {**self.problems, **forbidden}.items()
            for problem in problems
            if not problem.warning
        ]
        if lines:
            raise RefusedError(
                "the preflight refuses; no host was touched:\n  " + "\n  ".join(lines),
                "mend these, or choose other targets; `chaos-runner doctor` shows every host",
            )
