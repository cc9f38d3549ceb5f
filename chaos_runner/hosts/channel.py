"""One way to the guards of many hosts; there are two, and what they carry is the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, Protocol, TypeAlias

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.answer import AnswerModel
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer, ResumeAnswer
from chaos_runner.fleet.which_faults import WhichFaults

ChannelName = Literal["ansible", "ssh"]
"""How journals call the two."""

Replies: TypeAlias = dict[str, AnswerModel | ChaosRunnerError]
"""Per host the guard's answer, or the error why there is none."""


class HostChannel(Protocol):
    """One way to the guards of many hosts.

    Every question goes to all hosts of the channel at once, or to those in `only`; nothing is
    raised for a single host.
    """

    def preflight(
        self, only: Collection[str] | None = None, services: Sequence[str] = ()
    ) -> Replies[PreflightFacts]:
        """Collect what hosts are, and what would become of them without some services."""

    def revert(
        self,
        which: WhichFaults,
        only: Collection[str] | None = None,
        on_answer: Callable[[str, RevertAnswer | ChaosRunnerError], None] = lambda *_: None,
    ) -> Replies[RevertAnswer]:
        """Take faults back; `on_answer` is called with a host and its answer as it comes."""

    def audit(self, only: Collection[str] | None = None) -> Replies[AuditAnswer]:
        """Look for anything chaos-runner left on the hosts."""

    def resume(self, only: Collection[str] | None = None) -> Replies[ResumeAnswer]:
        """Let the hosts take faults again after a halt."""
