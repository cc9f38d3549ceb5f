"""Let halted hosts take faults again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaos_runner.errors import ChaosRunnerError

if TYPE_CHECKING:
    from chaos_runner.fleet.guard_answers.record_answers import ResumeAnswer
    from chaos_runner.operations.fleet import FleetSession


def resume_hosts(session: FleetSession, hosts: Sequence[str]) -> dict[str, str]:
    """Ask hosts over Ansible, and over SSH those that do not take it; return why each did not.

    Empty where it did.
    """
    from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet
    from chaos_runner.hosts.ssh.fleet_channel import FleetRescue

    asked = {
        host: _why_not(reply)
        for host, reply in AnsibleFleet(session.ansible, hosts).resume().items()
    }
    halted = [session.inventory.hosts[host] for host, why in asked.items() if why]
    with FleetRescue(halted) as over_ssh:
        again = {host: _why_not(reply) for host, reply in over_ssh.resume().items()}
    return {host: why if again.get(host, why) else "" for host, why in asked.items()}


def _why_not(reply: ResumeAnswer | ChaosRunnerError) -> str:
    if isinstance(reply, ChaosRunnerError):
        return reply.message or "no answer"
    return "" if reply.ok else reply.error or "no answer"
