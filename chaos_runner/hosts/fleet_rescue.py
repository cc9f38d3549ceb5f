"""Ask the guards of many hosts at once, over the rescue hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chaos_runner.closing import Closing
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers import (
    AcceptAnswer,
    AnswerModel,
    AuditAnswer,
    ForgetAnswer,
    PreflightFacts,
    RenewAnswer,
    RevertAnswer,
)
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.guard import GuardCommand, answers_in, carried, installed
from chaos_runner.hosts.readable import first_lines, without
from chaos_runner.hosts.rescue import CommandResult, RescueHand, UnansweredError

MOST_THREADS = 50
LOOK_TIMEOUT = 60.0
"""Seconds for a verb that only reads; an emulated host takes several."""
REVERT_TIMEOUT = 60.0
"""Seconds for a roll-back with its fingerprint."""
SHORTEST_RENEWAL_TIMEOUT = 5.0
COMMAND_NOT_FOUND = 127
"""What a shell ends with when there is no such program: the guard is not installed."""

Result = TypeVar("Result")


class FleetRescue(Closing):
    """Hold a rescue hand per host; connections open on first use and stay open until `close`.

    Every question goes to all hosts at once (or to those in `only`) and returns, per host, the
    guard's answer or the error why there is none; nothing is raised for a single host.
    """

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._hands = {host.name: RescueHand(host) for host in hosts}

    def open(self) -> dict[str, ChaosRunnerError]:
        """Connect to every host and become root there; return the error of each that failed.

        The session and a shell of root stay open: what is asked later needs no login and no sudo.
        """
        tried = self._at_once(lambda hand: hand.become_root(), None)
        return {host: error for host, error in tried.items() if error is not None}

    def preflight(
        self, only: Collection[str] | None = None
    ) -> dict[str, PreflightFacts | ChaosRunnerError]:
        """Collect what hosts can do and what is on them; nothing need be installed there."""
        return self._ask(PreflightFacts, carried("preflight"), LOOK_TIMEOUT, only)

    def renew(self, run: str, lease: int) -> dict[str, RenewAnswer | ChaosRunnerError]:
        """Let a run's faults stay for another `lease` seconds; give up after a third of them."""
        timeout = max(SHORTEST_RENEWAL_TIMEOUT, lease / 3)
        return self._ask(RenewAnswer, installed("renew", run, str(lease)), timeout, None)

    def revert(
        self,
        which: WhichFaults,
        only: Collection[str] | None = None,
        on_answer: Callable[[str, RevertAnswer | ChaosRunnerError], None] = lambda *_: None,
    ) -> dict[str, RevertAnswer | ChaosRunnerError]:
        """Take faults back; where the installed guard gives no answer, by one carried along.

        `on_answer` is called with a host and its answer as it comes, in a thread of its own.
        """
        return self._ask(
            RevertAnswer,
            installed("revert", *which.arguments),
            REVERT_TIMEOUT,
            only,
            carried("revert", *which.arguments),
            on_answer,
        )

    def audit(
        self, only: Collection[str] | None = None
    ) -> dict[str, AuditAnswer | ChaosRunnerError]:
        """Look for anything chaos-runner left on the hosts."""
        return self._ask(AuditAnswer, carried("audit"), LOOK_TIMEOUT, only)

    def accept(
        self, which: WhichFaults, only: Collection[str] | None = None
    ) -> dict[str, AcceptAnswer | ChaosRunnerError]:
        """Take hosts as they are now, where faults are undone and yet something differs."""
        return self._ask(AcceptAnswer, carried("accept", *which.arguments), REVERT_TIMEOUT, only)

    def forget(self, run: str) -> dict[str, ForgetAnswer | ChaosRunnerError]:
        """Let the hosts drop what they know of a run whose proof is journalled."""
        return self._ask(ForgetAnswer, installed("forget", "--run", run), LOOK_TIMEOUT, None)

    def close(self) -> None:
        """Close every connection."""
        for hand in self._hands.values():
            hand.close()

    def _ask(
        self,
        model: type[AnswerModel],
        command: GuardCommand,
        timeout: float,
        only: Collection[str] | None,
        else_carried: GuardCommand | None = None,
        on_answer: Callable[[str, AnswerModel | ChaosRunnerError], None] = lambda *_: None,
    ) -> dict[str, AnswerModel | ChaosRunnerError]:
        def ask(hand: RescueHand) -> AnswerModel:
            try:
                return _answer(hand, model, command, timeout)
            except UnansweredError:
                if else_carried is None:
                    raise
            return _answer(hand, model, else_carried, timeout)

        return self._at_once(ask, only, on_answer)

    def _at_once(
        self,
        action: Callable[[RescueHand], Result],
        only: Collection[str] | None,
        on_answer: Callable[[str, Result | ChaosRunnerError], None] = lambda *_: None,
    ) -> dict[str, Result | ChaosRunnerError]:
        def act(hand: RescueHand) -> Result | ChaosRunnerError:
            result = _caught(action, hand)
            on_answer(hand.host.name, result)
            return result

        chosen = {name: hand for name, hand in self._hands.items() if only is None or name in only}
        if not chosen:
            return {}
        with ThreadPoolExecutor(min(len(chosen), MOST_THREADS), "rescue") as pool:
            results = pool.map(act, chosen.values())
            return dict(zip(chosen, results, strict=True))


def _caught(action: Callable[[RescueHand], Result], hand: RescueHand) -> Result | ChaosRunnerError:
    try:
        return action(hand)
    except ChaosRunnerError as error:
        error.message = without(error.message, hand.host.hidden)
        error.hint = without(error.hint, hand.host.hidden)
        return error


def _answer(
    hand: RescueHand, model: type[AnswerModel], command: GuardCommand, timeout: float
) -> AnswerModel:
    """Return what the guard said, which may be that it failed; UnansweredError if nothing."""
    result = hand.run(command.arguments, command.stdin, timeout)
    answers = answers_in(result.stdout, command.token)
    readings = [reading for answer in answers if (reading := answer.read(model))]
    if readings:
        return readings[-1]
    said = first_lines(f"{result.stderr}\n{result.stdout}") or "nothing"
    raise UnansweredError(
        f"{hand.host.name}: chaos-guard gave no answer to `{model.verbs[0]}` "
        f"(exit status {result.rc}): {said}",
        _hint(result),
    )


def _hint(result: CommandResult) -> str:
    if result.rc == COMMAND_NOT_FOUND:
        return "the guard is not installed there"
    return "look at the host by hand"
