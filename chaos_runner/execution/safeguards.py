"""Watch the safeguards of a run: judge what was seen, and tell once which one tripped."""

from __future__ import annotations

import time
from functools import partial
from typing import Self

from chaos_runner.checks.check_loop import CheckLoop, close_all
from chaos_runner.closing import Closing
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.steady_checks import note_answer
from chaos_runner.journal.events import SafeguardTripped
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.safeguards import Seen, TrippedSafeguard, look_back, tripped_safeguard


class SafeguardWatch(Closing):
    """The watch over a run's safeguards. A look takes milliseconds, whatever a check does.

    Their checks are asked from the entry of the context to its exit, which leaves none behind.
    """

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._safeguards = context.plan.experiment.safeguards
        self._look_back = look_back(self._safeguards)
        self._tripped = False
        directory = context.plan.experiment_file.resolve().parent
        observations = context.observations
        self._loops = {
            place: CheckLoop(
                check,
                safeguard.every,
                safeguard.patience,
                directory,
                phase=lambda: observations.phase,
                heard=partial(note_answer, context.journal, f"safeguard {place + 1}"),
            )
            for place, safeguard in enumerate(self._safeguards)
            if (check := safeguard.chosen_check) is not None
        }

    def __enter__(self) -> Self:
        for loop in self._loops.values():
            loop.start()
        return self

    def close(self) -> None:
        """Ask no more, and leave no process of a command behind."""
        close_all(self._loops.values())

    def exceeded(self) -> TrippedSafeguard | None:
        """Return the first safeguard that was exceeded for its hold time, if any was."""
        if not self._safeguards:
            return None
        observations = self._context.observations
        return tripped_safeguard(
            self._safeguards,
            Seen(
                now=time.monotonic(),
                seconds=observations.recent(self._look_back),
                health=observations.recent_health(self._look_back),
                answers={place: each.answers() for place, each in self._loops.items()},
            ),
        )

    def tripped(self) -> bool:
        """Tell whether one trips or has; if so, it is in the journal and the run deviates."""
        if self._tripped:
            return True
        tripped = self.exceeded()
        if tripped is None:
            return False
        self._tripped = True
        journal = self._context.journal
        journal.write(
            SafeguardTripped(
                safeguard=tripped.safeguard,
                observed=tripped.observed,
                since=round(tripped.since - journal.started, 3),
            )
        )
        self._context.deviations.append(
            RunReason(
                code="safeguard_tripped", safeguard=tripped.safeguard, observed=tripped.observed
            )
        )
        return True
