"""Resolve an experiment against an inventory: exact hosts, exact commands. It only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError, RefusedError
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.fleet.commands import commands_on_host, render_fault_script
from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.preflight import Problem, capabilities_of, problems_of
from chaos_runner.fleet.targets import Selection, select_targets
from chaos_runner.run.events import PlannedFault
from chaos_runner.run.identity import RunIdentity

CAP_MARGIN = 60
"""Seconds by which the hard cap exceeds duration + lease: room for injecting on many hosts."""

ResolvePattern = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class Plan:
    """Hold everything a run will do, before it does any of it."""

    identity: RunIdentity
    experiment: Experiment
    experiment_file: Path
    inventory: Inventory
    bootstrap_servers: str
    faults: tuple[PlannedFault, ...]
    facts: dict[str, PreflightFacts]
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    """Per target host what stands against touching it; empty when nothing does."""
    passed_over: dict[str, str] = field(default_factory=dict)
    """Hosts that were not chosen because they cannot carry a fault, with the reason."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Return every host that gets at least one fault, in the inventory's order."""
        chosen = {host for fault in self.faults for host in fault.targets}
        return tuple(host for host in self.inventory.hosts if host in chosen)

    def refuse_if_unsafe(self) -> None:
        """Raise RefusedError naming every host and problem, when there is any."""
        lines = [
            f"{host}: {problem.text}" + (f" ({problem.hint})" if problem.hint else "")
            for host, problems in self.problems.items()
            for problem in problems
            if not problem.warning
        ]
        if lines:
            raise RefusedError(
                "the preflight refuses; no host was touched:\n  " + "\n  ".join(lines),
                "mend these, or choose other targets; `chaos-runner doctor` shows every host",
            )


def candidate_hosts(
    entry: FaultEntry, inventory: Inventory, resolve: ResolvePattern
) -> tuple[str, ...]:
    """Return the hosts among which an entry's targets are chosen."""
    if entry.targets.hosts is not None:
        return resolve(entry.targets.hosts)
    return inventory.group(entry.targets.group)


def make_plan(
    experiment: Experiment,
    experiment_file: Path,
    inventory: Inventory,
    identity: RunIdentity,
    facts: Mapping[str, PreflightFacts],
    unreachable: Mapping[str, str],
    resolve: ResolvePattern,
) -> Plan:
    """Choose targets and work out every command.

    `facts` are the preflight answers of the candidate hosts, `unreachable` the reasons of
    those that gave none. Raises InvalidInventoryError when an entry ends up without hosts.
    """
    faults = []
    problems: dict[str, list[Problem]] = {}
    passed_over: dict[str, str] = {}
    for index, entry in enumerate(experiment.faults):
        options = entry.options
        candidates = candidate_hosts(entry, inventory, resolve)
        capable = {
            host for host in candidates if host in facts and options.needs <= capabilities_of(facts[host])
        }
        selection = select_targets(entry.targets, candidates, capable)
        passed_over.update(selection.passed_over)
        for host in selection.targets:
            problems.setdefault(host, []).extend(
                _problems_of_host(host, facts, unreachable, options.needs)
            )
        faults.append(
            _planned_fault(experiment, entry, identity.fault(index), selection, inventory, facts, resolve)
        )
    return Plan(
        identity=identity,
        experiment=experiment,
        experiment_file=experiment_file,
        inventory=inventory,
        bootstrap_servers=experiment.kafka.bootstrap_servers or inventory.bootstrap_servers(),
        faults=tuple(faults),
        facts=dict(facts),
        problems=problems,
        passed_over=passed_over,
    )


def _planned_fault(
    experiment: Experiment,
    entry: FaultEntry,
    fault: str,
    selection: Selection,
    inventory: Inventory,
    facts: Mapping[str, PreflightFacts],
    resolve: ResolvePattern,
) -> PlannedFault:
    variables = entry.options.role_variables(lambda peers: _addresses(peers, inventory, resolve))
    lease = int(experiment.lease)
    guard_variables = {"host_guard_fault": fault, "host_guard_run": "", "host_guard_lease": lease}
    script = render_fault_script(entry.options.kind, {**guard_variables, **variables})
    return PlannedFault(
        fault=fault,
        kind=entry.options.kind,
        summary=entry.options.summary(),
        targets=list(selection.targets),
        control=list(selection.control),
        duration=entry.duration,
        lease=lease,
        cap=int(entry.duration) + lease + CAP_MARGIN,
        variables=variables,
        commands={
            host: commands_on_host(script, facts[host], fault, lease)
            for host in selection.targets
            if host in facts
        },
    )


def _addresses(peers: list[str], inventory: Inventory, resolve: ResolvePattern) -> list[str]:
    """Return every address of the peers: IP addresses and networks as they are, hosts resolved."""
    found: list[str] = []
    for peer in peers:
        if _is_network(peer):
            found.append(peer)
            continue
        for host in resolve(peer):
            addresses = inventory.hosts[host].every_address
            if not addresses:
                raise InvalidInventoryError(
                    f"peer {host} has no IP address in {inventory.source}",
                    "set ansible_host to its address, or chaos_addresses to a list of them",
                )
            found += addresses
    return list(dict.fromkeys(found))


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _problems_of_host(
    host: str,
    facts: Mapping[str, PreflightFacts],
    unreachable: Mapping[str, str],
    needs: frozenset[str],
) -> list[Problem]:
    if host not in facts:
        return [Problem(f"cannot be reached: {unreachable.get(host, 'no answer')}")]
    return problems_of(facts[host], needs)
