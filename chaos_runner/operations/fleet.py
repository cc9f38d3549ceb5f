"""What all that talks to a fleet shares: the inventory, its namespace, the Ansible channel."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chaos_runner.errors import UsageError
from chaos_runner.files import allow_open_files

if TYPE_CHECKING:
    from chaos_runner.fleet.channels import SshAnswer
    from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
    from chaos_runner.fleet.inventory import Inventory
    from chaos_runner.fleet.usable_hosts import Choice
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.workspace import NamedInventory


MOST_OPEN_FILES = 65_536
"""Enough for three connections to each of ten thousand hosts."""


@dataclass(frozen=True)
class FleetSession:
    """An inventory and the Ansible channel to its hosts."""

    inventory: Inventory
    ansible: AnsibleChannel

    @property
    def is_lab(self) -> bool:
        """Tell whether the hosts live in a network namespace, as those of a lab do."""
        return self.inventory.network_namespace is not None


def open_fleet(named: NamedInventory) -> FleetSession:
    """Read an inventory and, where it names a network namespace, move this process into it.

    Raises InvalidInventoryError when the inventory cannot be read, RefusedError when it was not
    the user who named it and it would start programs, LabError when its namespace is not there.
    """
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.hosts.inventory.reader import read_inventory
    from chaos_runner.lab.namespace import enter

    allow_open_files(MOST_OPEN_FILES)
    inventory = read_inventory(named.sources, unnamed=not named.by_user)
    if inventory.network_namespace is not None:
        enter(inventory.network_namespace)
    return FleetSession(inventory, AnsibleChannel(inventory))


def gather_facts(
    session: FleetSession, hosts: Sequence[str], services: Sequence[str] = ()
) -> tuple[dict[str, PreflightFacts], dict[str, str]]:
    """Ask hosts what they are, and what becomes of them without some services.

    Returns the facts, and the reason of each host that gave none.
    """
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet

    facts: dict[str, PreflightFacts] = {}
    silent: dict[str, str] = {}
    for host, reply in AnsibleFleet(session.ansible, hosts).preflight(services=services).items():
        if isinstance(reply, ChaosRunnerError):
            silent[host] = reply.message
        else:
            facts[host] = reply
    return facts, silent


def ask_over_ssh(
    session: FleetSession, hosts: Sequence[str]
) -> tuple[dict[str, SshAnswer], dict[str, float]]:
    """Ask hosts who they are over the SSH channel: the answer of each, or why there is none.

    Returns also by how many seconds the clock of each that answered is ahead.
    """
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.fleet.preflight import Problem, clock_offset_of
    from chaos_runner.hosts.ssh.fleet_channel import FleetRescue

    with FleetRescue([session.inventory.hosts[name] for name in hosts]) as rescue:
        unreached = rescue.open()
        asked = time.time()
        answers = rescue.identify([host for host in hosts if host not in unreached])
        answered = time.time()
    by_ssh: dict[str, SshAnswer] = {}
    clock_offsets: dict[str, float] = {}
    for host, answer in {**unreached, **answers}.items():
        if isinstance(answer, ChaosRunnerError):
            by_ssh[host] = Problem(answer.message.removeprefix(f"{host}: "), answer.hint)
        else:
            by_ssh[host] = answer
            clock_offsets[host] = clock_offset_of(answer, asked, answered)
    return by_ssh, clock_offsets


def known_hosts_of(session: FleetSession, pattern: str | None) -> tuple[str, ...]:
    """Return the hosts of an Ansible pattern, or every host of the inventory."""
    if pattern is None:
        return tuple(session.inventory.hosts)
    from chaos_runner.hosts.inventory.reader import resolve_pattern

    hosts = resolve_pattern(session.inventory.sources, pattern)
    if not hosts:
        raise UsageError(f"the pattern `{pattern}` matches no host")
    return hosts


def chosen_hosts(session: FleetSession, pattern: str | None) -> Choice:
    """Return the hosts of a pattern that can be worked on, and why the others cannot."""
    from chaos_runner.fleet.usable_hosts import choose_hosts

    names = known_hosts_of(session, pattern)
    return choose_hosts(session.inventory, names, named=pattern not in (None, "all", "*"))
