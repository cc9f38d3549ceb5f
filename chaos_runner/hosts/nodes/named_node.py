"""A node that an experiment names, and what a program there answers."""

from __future__ import annotations

import os
from subprocess import TimeoutExpired

from chaos_runner.attempt import Attempt
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.fleet.preflight import Problem
from chaos_runner.hosts.environment import needed_of
from chaos_runner.hosts.nodes.link import Started, ssh_to
from chaos_runner.hosts.readable import first_lines

_ANSWER_LIMIT = 30.0


def node_of(name: str, inventory: Inventory, role: str, key: str) -> Host | Problem:
    """Return the host that an experiment names under a key, or why it cannot have that role."""
    for host in inventory.hosts.values():
        if host.through is not None and host.through.name == name:
            return host.through
    named = inventory.hosts.get(name)
    if named is None:
        return Problem(f"{role} is no host of this inventory", f"check `{key}`")
    if named.through is not None:
        return Problem(
            f"it is worked on through {named.through.name}, and {role} is reached in one step",
            f"name {named.through.name} under `{key}`",
        )
    return Problem(named.unusable) if named.unusable else named


def answer_of(node: Host, script: str, program: str) -> tuple[str, str]:
    """Return what a script with a program prints on a node; where it fails "", and why."""
    started = Started(ssh_to(node, script, "-a", lasting=False), needed_of(os.environ))
    with Attempt() as attempt, started.open() as process:
        try:
            said, complained = process.communicate(timeout=_ANSWER_LIMIT)
        except TimeoutExpired:
            process.kill()
            return "", f"its sshd, or {program}, does not answer within {_ANSWER_LIMIT:g} s"
        if process.returncode == 0:
            return first_lines(said.decode("utf-8", "replace")), ""
        return "", first_lines(complained.decode("utf-8", "replace")) or f"{program} failed"
    return "", attempt.problem
