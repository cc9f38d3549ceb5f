"""The probes of zones: how one is started on its node, and whether it can be."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.hosts.environment import needed_of
from chaos_runner.hosts.nodes.link import needing, ssh_to
from chaos_runner.hosts.nodes.named_node import answer_of, node_of
from chaos_runner.kafka.probe.process import ProbeCommand
from chaos_runner.versions import versions

PROGRAM = "chaos-runner-probe"
"""What an installed chaos-runner starts as a probe."""
_ROLE = ("a zone of the probe", "zones")
"""What a node is here, and under which key it is named."""


def probe_commands(zones: Sequence[str], inventory: Inventory) -> dict[str, ProbeCommand]:
    """Return zone to what starts a probe there, over a connection that outlives a cut."""
    return {
        zone: ProbeCommand(
            ssh_to(node, f"{needing(PROGRAM)}exec {PROGRAM}", "-a", lasting=True),
            needed_of(os.environ),
            f"zone {zone}",
        )
        for zone in zones
        if isinstance(node := node_of(zone, inventory, *_ROLE), Host)
    }


def zone_problems(
    zones: Sequence[str], inventory: Inventory, targets: Collection[str]
) -> dict[str, list[Problem]]:
    """Return per zone what stands against a probe there; asks each node for its version."""
    if not zones:
        return {}
    with ThreadPoolExecutor(len(zones), "zone-version") as pool:
        found = pool.map(lambda zone: _problem(zone, inventory, targets), zones)
        return {zone: [each] for zone, each in zip(zones, found, strict=True) if each}


def _problem(zone: str, inventory: Inventory, targets: Collection[str]) -> Problem | None:
    node = node_of(zone, inventory, *_ROLE)
    if isinstance(node, Problem):
        return node
    if zone in targets:
        return Problem(
            "a zone of the probe gets a fault itself", "name a host under `zones` that gets none"
        )
    there, why = _version_on(node)
    here = versions()["chaos-runner"]
    if there == here:
        return None
    text = f"chaos-runner {there} is installed there, and {here} here" if there else why
    return Problem(
        f"no probe can be started: {text}",
        f"install chaos-runner {here} there, with `{PROGRAM}` on the PATH of a login without a "
        "terminal",
    )


def _version_on(node: Host) -> tuple[str, str]:
    """Return the version of chaos-runner on a node; where there is none "", and why."""
    return answer_of(node, f"{needing(PROGRAM)}exec {PROGRAM} --version", PROGRAM)
