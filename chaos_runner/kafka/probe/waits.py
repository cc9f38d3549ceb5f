"""Commands that are answered once nothing stands in their way, or when their time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos_runner.kafka.common.messages import Answer, Quiet, Settle, Settled, WaitUntilQuiet
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.kafka.ledger.ledger import Ledger
from chaos_runner.kafka.probe.stability import why_not_quiet
from chaos_runner.measurements.model import Health
from chaos_runner.measurements.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Wait:
    """One command: `obstacle` says what stands in its way, `answer` answers either way.

    `what` names what is waited for.
    """

    what: str
    deadline: float
    obstacle: Callable[[], str]
    answer: Callable[[str], Answer]


def wait_until_quiet(
    command: WaitUntilQuiet,
    ledger: Ledger,
    schedule: Schedule,
    health: Callable[[], Health | None],
    notices: Notices,
) -> Wait:
    """Return the wait for a quiet cluster; `health` returns the newest health answer."""

    def obstacle() -> str:
        full_seconds = schedule.second_of(time.monotonic_ns())
        return why_not_quiet(ledger.buckets, health(), full_seconds, ledger.suspects)

    def answer(obstacle: str) -> Quiet:
        if obstacle:
            notices.tell("warning", f"not quiet within {command.limit:g} s: {obstacle}")
        return Quiet(request=command.request, quiet=not obstacle, reason=obstacle)

    return Wait("the cluster to be quiet", time.monotonic() + command.limit, obstacle, answer)


def wait_until_settled(command: Settle, ledger: Ledger) -> Wait:
    """Return the wait until everything that is acked by now has been read."""
    marks = [partition.acked_end for partition in ledger.partitions]

    def obstacle() -> str:
        positions = [partition.position for partition in ledger.partitions]
        behind = sum(map(int.__lt__, positions, marks))
        return f"{behind} partitions are not read to the mark" if behind else ""

    def answer(obstacle: str) -> Settled:
        return Settled(request=command.request, settled=not obstacle)

    what = "what was acknowledged to be consumed"
    return Wait(what, time.monotonic() + command.limit, obstacle, answer)
