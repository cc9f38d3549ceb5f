"""Take faults back: with Ansible first, over paramiko where Ansible can't, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers import RevertAnswer
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible import AnsibleHand
from chaos_runner.hosts.fleet_rescue import FleetRescue
from chaos_runner.run.events import HostState

ANSIBLE_LIMIT = 60.0
"""Seconds for the roll-back playbook; after it the hosts that gave no answer get paramiko."""
RETRY_PAUSE = 2.0
"""Seconds between two rounds over the hosts that have not answered yet."""

Hand = Literal["ansible", "paramiko"]


@dataclass(frozen=True)
class Reverted:
    """Tell how roll-back ended on one host."""

    host: str
    state: HostState
    hand: Hand | None = None
    answer: RevertAnswer | None = None
    message: str = ""


def roll_back(
    inventory: Inventory,
    hosts: Sequence[str],
    which: WhichFaults,
    ansible: AnsibleHand,
    spare: FleetRescue | None,
    give_up_after: float,
    on_reverted: Callable[[Reverted], None],
) -> dict[str, Reverted]:
    """Revert faults on each host.

    Rounds over the hosts that gave no answer go on until `give_up_after` seconds have passed;
    a host silent to the end is `unknown`, never clean. `spare` holds connections opened before
    the fault, tried before new ones. `on_reverted` is called as each host answers.
    """
    results: dict[str, Reverted] = {}

    def take(answers: dict[str, RevertAnswer], hand: Hand) -> None:
        for host, answer in answers.items():
            results[host] = _reverted(host, hand, answer)
            on_reverted(results[host])

    deadline = time.monotonic() + give_up_after
    take(_by_ansible(ansible, hosts, which), "ansible")
    reasons: dict[str, str] = {}
    while missing := [host for host in hosts if host not in results]:
        answers, reasons = _by_paramiko(inventory, missing, which, spare)
        take(answers, "paramiko")
        if len(answers) < len(missing):
            if time.monotonic() > deadline:
                break
            time.sleep(RETRY_PAUSE)
    for host in hosts:
        if host not in results:
            results[host] = Reverted(host, "unknown", message=reasons.get(host, "no answer"))
    return results


def _by_ansible(
    ansible: AnsibleHand, hosts: Sequence[str], which: WhichFaults
) -> dict[str, RevertAnswer]:
    outcome = ansible.run(
        "rollback.yml",
        hosts,
        {"chaos_which": list(which.arguments)},
        timeout=ANSIBLE_LIMIT,
        fresh_connections=True,
    )
    answers = {host: outcome.per_host[host].answer(RevertAnswer) for host in hosts}
    return {host: answer for host, answer in answers.items() if answer is not None}


def _by_paramiko(
    inventory: Inventory,
    hosts: Sequence[str],
    which: WhichFaults,
    spare: FleetRescue | None,
) -> tuple[dict[str, RevertAnswer], dict[str, str]]:
    """Ask over the spare connections, then over new ones; return answers and reasons."""
    answers: dict[str, RevertAnswer] = {}
    reasons: dict[str, str] = {}
    fresh = FleetRescue([inventory.hosts[name] for name in hosts])
    try:
        for rescue in (spare, fresh):
            silent = [host for host in hosts if host not in answers]
            if rescue is None or not silent:
                continue
            for host, answer in rescue.revert(which, only=silent).items():
                if isinstance(answer, ChaosRunnerError):
                    reasons[host] = answer.message
                else:
                    answers[host] = answer
    finally:
        fresh.close()
    return answers, reasons


def _reverted(host: str, hand: Hand, answer: RevertAnswer) -> Reverted:
    if answer.ok and answer.state == "clean":
        return Reverted(host, "clean", hand, answer)
    return Reverted(host, "dirty", hand, answer, answer.error or "the host is not as it was")
