"""How the load beside the probe is started, here or on a host, and whether it can be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.experiment.producer_load import LoadOptions
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.hosts.environment import needed_of
from chaos_runner.hosts.nodes.link import Started, needing, ssh_to
from chaos_runner.hosts.nodes.named_node import answer_of, node_of
from chaos_runner.kafka.load.perf_test import bounded, perf_test

_HERE = "load"
"""Under which name the problem of a load on the control node is told."""
_ROLE = ("the host of the load", "load.host")
_HINT = "name the tool of an unpacked Kafka under `load.command`, by its whole path"


def load_call(load: LoadOptions, servers: str) -> list[str]:
    """Return the whole call of the tool."""
    return perf_test(load.command, load.topic, load.records, load.rate, load.size, servers)


def load_start(load: LoadOptions, call: list[str], inventory: Inventory) -> Started:
    """Return what starts the tool; it ends when its input does, or after its time."""
    script = bounded(call, load.duration)
    if load.host is None:
        return Started(("sh", "-c", script), dict(os.environ))
    node = node_of(load.host, inventory, *_ROLE)
    if isinstance(node, Problem):
        raise ChaosRunnerError(node.text, node.hint)
    return Started(ssh_to(node, script, "-a", lasting=True), needed_of(os.environ))


def load_problems(
    load: LoadOptions | None, inventory: Inventory, targets: Collection[str]
) -> dict[str, list[Problem]]:
    """Return under the name of its host what stands against a load; asks for the tool there."""
    problem = _problem(load, inventory, targets) if load else None
    return {load.host or _HERE: [problem]} if load and problem else {}


def _problem(load: LoadOptions, inventory: Inventory, targets: Collection[str]) -> Problem | None:
    tool = load.command[0]
    if load.host is None:
        missing = [each for each in (tool, "timeout") if shutil.which(each) is None]
        return Problem(f"there is no {missing[0]} on this machine", _HINT) if missing else None
    node = node_of(load.host, inventory, *_ROLE)
    if isinstance(node, Problem):
        return node
    if load.host in targets:
        return Problem(
            "the host of the load gets a fault itself", "name one under `load.host` that gets none"
        )
    there, why = answer_of(node, f"{needing(tool, 'timeout')}echo there", tool)
    return None if there else Problem(f"no load can be started: {why}", _HINT)
