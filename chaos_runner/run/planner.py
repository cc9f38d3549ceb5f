"""Resolve an experiment against an inventory: exact hosts, exact commands. It only reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError, ProbeError, RefusedError
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.faults import FaultOptions
from chaos_runner.fleet.commands import commands_on_host, render_fault_script
from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.ladder import ladder
from chaos_runner.fleet.preflight import Problem, capabilities_of, problems_of
from chaos_runner.fleet.targets import EXCLUDED, Selection, select_targets
from chaos_runner.run.events import PlannedFault
from chaos_runner.run.identity import RunIdentity
from chaos_runner.run.kafka_access import known_servers
from chaos_runner.run.outlook import radius_of, strikes_of
from chaos_runner.run.plan import Plan
from chaos_runner.snapshot import ClusterSnapshot

CAP_MARGIN = 60
"""Seconds by which the hard cap exceeds duration + lease: room for injecting on many hosts."""

_TWO_DELAYS = Problem(
    "gets network_latency twice, and has one root qdisc",
    "choose other targets for one of the two entries",
)

ResolvePattern = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True)
class FleetFacts:
    """Hold what preflight learned: facts of the hosts that answered, reasons of the others."""

    answered: Mapping[str, PreflightFacts]
    silent: Mapping[str, str]

    def problems(self, host: str, needs: frozenset[str]) -> list[Problem]:
        """Return what stands against a fault with these needs on the host."""
        if host not in self.answered:
            return [Problem(f"cannot be reached: {self.silent.get(host, 'no answer')}")]
        return problems_of(self.answered[host], needs)

    def can_carry(self, host: str, needs: frozenset[str]) -> bool:
        """Tell whether the host answered and has what the fault needs."""
        return host in self.answered and needs <= capabilities_of(self.answered[host])


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
    facts: FleetFacts,
    resolve: ResolvePattern,
    cluster: ClusterSnapshot | ProbeError,
) -> Plan:
    """Choose targets and work out every command, and whom they would hurt.

    `cluster` is what Kafka tells of itself, or why it does not.
    Raises InvalidInventoryError when an entry ends up with too few hosts, RefusedError when
    none of its hosts can carry the fault. What stands against single hosts is in the plan.
    """
    faults: list[PlannedFault] = []
    problems: dict[str, list[Problem]] = {}
    passed_over: dict[str, str] = {}
    for index, entry in enumerate(experiment.faults):
        needs = entry.options.needs
        selection = _select(entry, inventory, facts, resolve)
        for host in (*selection.targets, *_wanted_but_unable(entry, selection)):
            problems[host] = [*problems.get(host, []), *facts.problems(host, needs)]
        for host, reason in selection.passed_over.items():
            found = facts.problems(host, needs) if reason != EXCLUDED else []
            passed_over[host] = found[0].text if found else reason
        fault = identity.fault(index)
        faults.append(_planned(experiment, entry, fault, selection, inventory, facts, resolve))
    for host in _slowed_twice(faults):
        problems[host].append(_TWO_DELAYS)
    strikes = strikes_of(experiment, faults)
    return Plan(
        identity=identity,
        experiment=experiment,
        experiment_file=experiment_file,
        inventory=inventory,
        bootstrap_servers=known_servers(experiment.kafka, experiment_file)
        or inventory.bootstrap_servers(),
        faults=tuple(faults),
        facts=dict(facts.answered),
        problems={host: list(dict.fromkeys(found)) for host, found in problems.items()},
        passed_over=passed_over,
        blast_radius=radius_of(strikes, inventory, cluster, facts.answered),
    )


def _slowed_twice(faults: list[PlannedFault]) -> list[str]:
    slowed = [host for fault in faults if fault.kind == "network_latency" for host in fault.targets]
    return sorted({host for host in slowed if slowed.count(host) > 1})


def _select(
    entry: FaultEntry, inventory: Inventory, facts: FleetFacts, resolve: ResolvePattern
) -> Selection:
    candidates = candidate_hosts(entry, inventory, resolve)
    needs = entry.options.needs
    capable = {host for host in candidates if facts.can_carry(host, needs)}
    if not capable:
        lines = [
            f"{host}: {problem.text}" + (f"\n    hint: {problem.hint}" if problem.hint else "")
            for host in candidates
            for problem in facts.problems(host, needs)[:1]
        ]
        raise RefusedError(
            f"no host can carry {entry.options.kind}; nothing was touched:\n  " + "\n  ".join(lines)
        )
    return select_targets(entry.targets, candidates, capable)


def _wanted_but_unable(entry: FaultEntry, selection: Selection) -> list[str]:
    """Return the hosts that `all` asks for and that cannot carry the fault."""
    if entry.targets.count is not None or entry.targets.percent is not None:
        return []
    return [host for host, reason in selection.passed_over.items() if reason != EXCLUDED]


def _planned(
    experiment: Experiment,
    entry: FaultEntry,
    fault: str,
    selection: Selection,
    inventory: Inventory,
    facts: FleetFacts,
    resolve: ResolvePattern,
) -> PlannedFault:
    options = entry.options
    variables = options.role_variables(lambda peers: _addresses(peers, inventory, resolve))
    lease = experiment.lease_of_run()
    cap = int(entry.duration) + lease + CAP_MARGIN
    return PlannedFault(
        fault=fault,
        kind=options.kind,
        summary=options.summary(),
        targets=list(selection.targets),
        control=list(selection.control),
        duration=entry.duration,
        lease=lease,
        cap=cap,
        variables=variables,
        commands={
            host: _commands(options, variables, facts.answered[host], fault, lease)
            for host in selection.targets
        },
        ladder={
            host: ladder(options, facts.answered[host], entry.duration, lease, cap)
            for host in selection.targets
        },
    )


def _commands(
    options: FaultOptions,
    variables: dict[str, object],
    facts: PreflightFacts,
    fault: str,
    lease: int,
) -> list[str]:
    chosen = options.choices_on(capabilities_of(facts))
    script = render_fault_script(options.kind, {**variables, **chosen})
    return commands_on_host(script, facts, fault, lease)


def _addresses(peers: list[str], inventory: Inventory, resolve: ResolvePattern) -> list[str]:
    """Return every address of the peers: addresses and networks as they are, hosts resolved."""
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
