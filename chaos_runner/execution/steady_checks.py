"""The checks of the steady state while a run lasts: asked, journaled, and judged phase by phase."""

from __future__ import annotations

import time
from functools import partial
from typing import Self

from chaos_runner.checks.check_loop import CheckLoop, close_all
from chaos_runner.closing import Closing
from chaos_runner.execution.observations import Observations
from chaos_runner.journal.events import CheckAnswered
from chaos_runner.journal.journal import Journal
from chaos_runner.planning.plan import Plan
from chaos_runner.verdict.answer import Answered
from chaos_runner.verdict.checks import CheckJudgement, judge_check, judge_notice

_ASKED_FROM = "inject"
"""The phase whose beginning counts as that of the fault: the first host is touched in it."""


class SteadyChecks(Closing):
    """All checks of the steady state, asked from the entry of the context to its exit."""

    def __init__(self, plan: Plan, journal: Journal, observations: Observations) -> None:
        self._journal = journal
        self._observations = observations
        self._entries = plan.experiment.steady_state.checks or []
        directory = plan.experiment_file.resolve().parent
        self._loops = [
            CheckLoop(
                each.check,
                each.every,
                each.patience,
                directory,
                phase=self._phase,
                heard=partial(note_answer, journal, each.title),
            )
            for each in self._entries
        ]
        self._ended = 0.0

    def __enter__(self) -> Self:
        for loop in self._loops:
            loop.start()
        return self

    def close(self) -> None:
        """Ask no more; what was answered stays."""
        self._ended = self._ended or time.monotonic()
        close_all(self._loops)

    def have_answers(self) -> bool:
        """Tell whether each check was answered since it is asked."""
        return all(loop.answers() for loop in self._loops)

    def none_fails_since(self, moment: float) -> bool:
        """Tell whether each check was asked after a moment, and did not fail at last.

        An alert that must fire says nothing here.
        """
        for entry, loop in zip(self._entries, self._loops, strict=True):
            if entry.check.notice_within is None:
                later = [each for each in loop.answers() if each.asked >= moment]
                if not later or later[-1].answer.verdict == "deviated":
                    return False
        return True

    @property
    def patience(self) -> float:
        """Return the seconds in which each check has an answer, whatever it is."""
        return max((entry.patience for entry in self._entries), default=0.0)

    def _phase(self) -> str:
        """Return the phase that a question counts for: the first ones are asked just before."""
        phase = self._observations.phase
        return "before" if phase == "warm-up" else phase

    def judge(self, phase: str) -> list[CheckJudgement]:
        """Judge one phase; an alert that must fire is judged for `during`, of all its answers."""
        began = self._observations.phase_began
        judged: list[CheckJudgement] = []
        for entry, loop in zip(self._entries, self._loops, strict=True):
            watched, answers = entry.watched, loop.answers()
            if watched.notice_within is None:
                of_phase = [each for each in answers if each.phase == phase]
                judged.append(judge_check(watched, of_phase, self._end_of(phase)))
            elif phase == "during" and _ASKED_FROM in began:
                judged.append(judge_notice(watched, answers, began[_ASKED_FROM]))
        return judged

    def _end_of(self, phase: str) -> float:
        """Return when a phase ended, or now where it lasts; zero where it never began."""
        began = self._observations.phase_began
        start = began.get(phase)
        if start is None:
            return 0.0
        later = [moment for moment in began.values() if moment > start]
        return min([*later, self._ended or time.monotonic()])


def note_answer(journal: Journal, name: str, answered: Answered) -> None:
    """Put one answer into the journal."""
    journal.write(
        CheckAnswered(
            check=name,
            asked=round(answered.asked - journal.started, 3),
            phase=answered.phase,
            answer=answered.answer,
        )
    )
