"""Take faults back with both hands, and again over new connections where neither answers.

The connections opened before the fault carry the order within a moment; the playbook follows,
over connections of its own, as the second opinion. The guard locks and its verbs are idempotent,
so whichever hand comes second finds the work done and confirms it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
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
HEAD_START = 4.0
"""Seconds for the open connections before the playbook follows: on a slow host (an emulated
machine) two hands at once take three times as long as one after the other."""
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


class _Answers:
    """Collect what the hosts say from both hands; a host's latest answer is the one that counts."""

    def __init__(self, on_reverted: Callable[[Reverted], None]) -> None:
        self._on_reverted = on_reverted
        self._lock = threading.Lock()
        self.results: dict[str, Reverted] = {}
        self.reasons: dict[str, str] = {}
        """Why a host that has not answered gave no answer to the rescue hand."""

    def take(self, host: str, answer: RevertAnswer | ChaosRunnerError | None, hand: Hand) -> None:
        """Keep an answer, and pass it on."""
        with self._lock:
            if isinstance(answer, ChaosRunnerError):
                self.reasons[host] = answer.message
            elif answer is not None:
                self.results[host] = _reverted(host, hand, answer)
                self._on_reverted(self.results[host])

    def missing(self, hosts: Iterable[str]) -> list[str]:
        """Return the hosts that have not answered."""
        return [host for host in hosts if host not in self.results]


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

    `spare` holds connections opened before the fault. Rounds over the hosts that gave no answer
    go on until `give_up_after` seconds have passed; a host silent to the end is `unknown`,
    never clean. `on_reverted` is called as answers come, from several threads but never from
    two at once, and twice for a host that both hands reach.
    """
    answers = _Answers(on_reverted)
    deadline = time.monotonic() + give_up_after
    with ThreadPoolExecutor(1, "spare") as background:
        at_once = spare and background.submit(_by_paramiko, spare, hosts, which, answers)
        wait([at_once] if at_once else [], HEAD_START)
        _by_ansible(ansible, hosts, which, answers)
    while missing := answers.missing(hosts):
        with FleetRescue([inventory.hosts[name] for name in missing]) as fresh:
            _by_paramiko(fresh, missing, which, answers)
        if answers.missing(hosts):
            if time.monotonic() > deadline:
                break
            time.sleep(RETRY_PAUSE)
    if at_once:
        at_once.result()  # a mistake in the code must not go unseen
    return {host: answers.results.get(host) or _silent(host, answers.reasons) for host in hosts}


def _by_ansible(
    ansible: AnsibleHand, hosts: Sequence[str], which: WhichFaults, answers: _Answers
) -> None:
    outcome = ansible.run(
        "rollback.yml",
        hosts,
        {"chaos_which": list(which.arguments)},
        timeout=ANSIBLE_LIMIT,
        fresh_connections=True,
    )
    for host in hosts:
        answers.take(host, outcome.per_host[host].answer(RevertAnswer), "ansible")


def _by_paramiko(
    rescue: FleetRescue, hosts: Sequence[str], which: WhichFaults, answers: _Answers
) -> None:
    rescue.revert(which, hosts, lambda host, answer: answers.take(host, answer, "paramiko"))


def _silent(host: str, reasons: Mapping[str, str]) -> Reverted:
    return Reverted(host, "unknown", message=reasons.get(host, "no answer"))


def _reverted(host: str, hand: Hand, answer: RevertAnswer) -> Reverted:
    if answer.ok and answer.state == "clean":
        return Reverted(host, "clean", hand, answer)
    return Reverted(host, "dirty", hand, answer, answer.error or "the host is not as it was")
