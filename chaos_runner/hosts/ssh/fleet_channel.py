"""Ask the guards of many hosts at once, over the SSH channel."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.answer import AnswerModel
from chaos_runner.fleet.guard_answers.fault_answers import AcceptAnswer, RenewAnswer, RevertAnswer
from chaos_runner.fleet.guard_answers.preflight_facts import HostIdentity, PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer, ForgetAnswer, ResumeAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.channel import Replies
from chaos_runner.hosts.guard import SafeguardCommand, answers_in, installed, streamed
from chaos_runner.hosts.readable import first_lines, without
from chaos_runner.hosts.ssh.channel import NodeSessions, SshChannel, UnansweredError

MOST_THREADS = 50
LOOK_TIMEOUT = 60.0
"""Seconds for a verb that only reads; an emulated host takes several."""
REVERT_TIMEOUT = 60.0
"""Seconds for a roll-back with its fingerprint."""
SHORTEST_RENEWAL_TIMEOUT = 5.0

Result = TypeVar("Result")


class FleetRescue(Closing):
    """A connection per host, opened on first use and open until `close`; a HostChannel.

    Every question goes to all hosts at once (or to those in `only`) and returns, per host, the
    guard's answer or the error why there is none; nothing is raised for a single host. The guard
    that is installed is asked where it is the one of this package, else one is streamed along.
    """

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._nodes = NodeSessions()
        self._channels = {host.name: SshChannel(host, self._nodes) for host in hosts}

    def open(self) -> dict[str, ChaosRunnerError]:
        """Connect to every host and become root there; return the error of each that failed.

        The session and a shell of root stay open: what is asked later needs no login and no sudo.
        """
        tried = self._at_once(lambda channel: channel.become_root(), None)
        return {host: error for host, error in tried.items() if error is not None}

    def preflight(
        self, only: Collection[str] | None = None, services: Sequence[str] = ()
    ) -> Replies[PreflightFacts]:
        """Collect what hosts can do and what is on them; nothing need be installed there."""
        return self._ask(PreflightFacts, ("preflight", *services), LOOK_TIMEOUT, only)

    def identify(self, only: Collection[str] | None = None) -> Replies[HostIdentity]:
        """Have the guards say where they are, down to a shell of root; nothing is looked at."""
        return self._ask(HostIdentity, ("identify",), LOOK_TIMEOUT, only)

    def renew(self, run: str, lease: int) -> Replies[RenewAnswer]:
        """Let a run's faults stay for another `lease` seconds; give up after a third of them.

        A third of a short lease is too little for a slow host, and more than the lease is never
        of use: the next renewal goes then.
        """
        timeout = min(lease, max(SHORTEST_RENEWAL_TIMEOUT, lease / 3))
        return self._ask(RenewAnswer, ("renew", run, str(lease)), timeout, None)

    def revert(
        self,
        which: WhichFaults,
        only: Collection[str] | None = None,
        on_answer: Callable[[str, RevertAnswer | ChaosRunnerError], None] = lambda *_: None,
    ) -> Replies[RevertAnswer]:
        """Take faults back.

        `on_answer` is called with a host and its answer as it comes, in a thread of its own.
        """
        return self._ask(
            RevertAnswer,
            ("revert", *which.arguments),
            REVERT_TIMEOUT,
            only,
            on_answer,
            REVERT_TIMEOUT,
        )

    def audit(self, only: Collection[str] | None = None) -> Replies[AuditAnswer]:
        """Look for anything chaos-runner left on the hosts."""
        return self._ask(AuditAnswer, ("audit",), LOOK_TIMEOUT, only)

    def resume(self, only: Collection[str] | None = None) -> Replies[ResumeAnswer]:
        """Let the hosts take faults again after a halt."""
        return self._ask(ResumeAnswer, ("resume",), LOOK_TIMEOUT, only)

    def accept(
        self, which: WhichFaults, only: Collection[str] | None = None
    ) -> Replies[AcceptAnswer]:
        """Take hosts as they are now, where faults are undone and yet something differs."""
        return self._ask(AcceptAnswer, ("accept", *which.arguments), REVERT_TIMEOUT, only)

    def forget(self, run: str) -> Replies[ForgetAnswer]:
        """Let the hosts drop what they know of a run whose proof is journalled."""
        return self._ask(ForgetAnswer, ("forget", "--run", run), LOOK_TIMEOUT, None)

    def close(self) -> None:
        """Close every connection."""
        for channel in self._channels.values():
            channel.close()
        self._nodes.close()

    def _ask(
        self,
        model: type[AnswerModel],
        question: Sequence[str],
        timeout: float,
        only: Collection[str] | None,
        on_answer: Callable[[str, AnswerModel | ChaosRunnerError], None] = lambda *_: None,
        once_more: float = 0.0,
    ) -> Replies[AnswerModel]:
        """Ask both guards within `timeout` seconds; the second one has `once_more` at least."""

        def ask(channel: SshChannel) -> AnswerModel:
            end = time.monotonic() + timeout
            try:
                return _answer(channel, model, installed(*question), timeout)
            except UnansweredError:
                rest = max(once_more, end - time.monotonic())
                if rest <= 0:
                    raise
            return _answer(channel, model, streamed(*question), rest)

        return self._at_once(ask, only, on_answer)

    def _at_once(
        self,
        action: Callable[[SshChannel], Result],
        only: Collection[str] | None,
        on_answer: Callable[[str, Result | ChaosRunnerError], None] = lambda *_: None,
    ) -> dict[str, Result | ChaosRunnerError]:
        def act(channel: SshChannel) -> Result | ChaosRunnerError:
            result = _caught(action, channel)
            on_answer(channel.host.name, result)
            return result

        chosen = {
            name: channel
            for name, channel in self._channels.items()
            if only is None or name in only
        }
        if not chosen:
            return {}
        with ThreadPoolExecutor(min(len(chosen), MOST_THREADS), "rescue") as pool:
            results = pool.map(act, chosen.values())
            return dict(zip(chosen, results, strict=True))


def _caught(
    action: Callable[[SshChannel], Result], channel: SshChannel
) -> Result | ChaosRunnerError:
    try:
        return action(channel)
    except ChaosRunnerError as error:
        error.message = without(error.message, channel.host.hidden)
        error.hint = without(error.hint, channel.host.hidden)
        return error


def _answer(
    channel: SshChannel, model: type[AnswerModel], command: SafeguardCommand, timeout: float
) -> AnswerModel:
    """Return what the guard said, which may be that it failed; UnansweredError if nothing."""
    result = channel.run(command.arguments, command.stdin, timeout)
    answers = answers_in(result.stdout, command.token)
    readings = [reading for answer in answers if (reading := answer.read(model))]
    if readings:
        return readings[-1]
    said = first_lines(f"{result.stderr}\n{result.stdout}") or "nothing"
    raise UnansweredError(
        f"{channel.host.name}: chaos-guard gave no answer to `{model.verbs[0]}` "
        f"(exit status {result.rc}): {said}",
        "look at the host by hand",
    )
