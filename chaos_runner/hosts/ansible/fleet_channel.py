"""Ask the guards of many hosts at once, by the package's playbooks."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.answer import AnswerModel
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer, ResumeAnswer
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible.channel import MOST_FORKS, AnsibleChannel
from chaos_runner.hosts.channel import Replies
from chaos_runner.hosts.guard import new_token
from chaos_runner.hosts.guard_texts import (
    SIZE_OF_A_FAULT,
    raw_command,
    to_installed,
    to_streamed,
)
from chaos_runner.hosts.outcome import HostOutcome

LIMIT = 60.0
"""Seconds for a playbook that asks as many hosts one question as it can ask at the same time."""
PREFLIGHT_LIMIT = 150.0
"""The same for preflight, which asks a host the most, at a time when nothing is urgent: an emulated
host on a machine that is busy has taken more than a minute."""


class AnsibleFleet:
    """The guards of many hosts, asked by playbooks; a HostChannel.

    Each question is one task, for every task is a round over all hosts: first to the guards that
    are installed, then, carrying one along, to the hosts where none answered.

    With `fresh_connections` each question goes over new SSH connections, for when a fault may have
    cut those that Ansible keeps.
    """

    def __init__(
        self, ansible: AnsibleChannel, hosts: Sequence[str], *, fresh_connections: bool = False
    ) -> None:
        self._ansible = ansible
        self._hosts = tuple(hosts)
        self._fresh_connections = fresh_connections

    def preflight(
        self, only: Collection[str] | None = None, services: Sequence[str] = ()
    ) -> Replies[PreflightFacts]:
        """Collect what hosts are, and what would become of them without some services."""
        words = ("preflight", *services)
        return self._ask(
            PreflightFacts, "preflight.yml", words, only, PREFLIGHT_LIMIT, SIZE_OF_A_FAULT
        )

    def revert(
        self,
        which: WhichFaults,
        only: Collection[str] | None = None,
        on_answer: Callable[[str, RevertAnswer | ChaosRunnerError], None] = lambda *_: None,
    ) -> Replies[RevertAnswer]:
        """Take faults back; `on_answer` is called for each host when the playbook has ended."""
        replies = self._ask(RevertAnswer, "rollback.yml", ("revert", *which.arguments), only)
        for host, answer in replies.items():
            on_answer(host, answer)
        return replies

    def audit(self, only: Collection[str] | None = None) -> Replies[AuditAnswer]:
        """Look for anything chaos-runner left on the hosts."""
        return self._ask(AuditAnswer, "audit.yml", ("audit",), only)

    def resume(self, only: Collection[str] | None = None) -> Replies[ResumeAnswer]:
        """Let the hosts take faults again after a halt."""
        return self._ask(ResumeAnswer, "resume.yml", ("resume",), only)

    def _ask(
        self,
        model: type[AnswerModel],
        playbook: str,
        words: Sequence[str],
        only: Collection[str] | None,
        limit: float = LIMIT,
        size: int = 0,
    ) -> Replies[AnswerModel]:
        hosts = [host for host in self._hosts if only is None or host in only]
        token = new_token()
        outcomes = self._run(playbook, hosts, token, to_installed(token, *words, size=size), limit)
        silent = [host for host in hosts if _may_lack_the_guard(model, outcomes[host])]
        if silent:
            outcomes |= self._run(playbook, silent, token, to_streamed(token, *words), limit)
        return {host: _reply(model, outcomes[host]) for host in hosts}

    def _run(
        self, playbook: str, hosts: Sequence[str], token: str, question: bytes, limit: float
    ) -> dict[str, HostOutcome]:
        outcome = self._ansible.run(
            playbook,
            hosts,
            {"chaos_command": raw_command(question)},
            timeout=limit * math.ceil(max(1, len(hosts)) / MOST_FORKS),
            fresh_connections=self._fresh_connections,
            token=token,
        )
        return outcome.per_host


def _may_lack_the_guard(model: type[AnswerModel], outcome: HostOutcome) -> bool:
    return outcome.state in ("ok", "failed") and outcome.answer(model) is None


def _reply(model: type[AnswerModel], outcome: HostOutcome) -> AnswerModel | ChaosRunnerError:
    return outcome.answer(model) or ChaosRunnerError(outcome.message or "no answer")
