"""How near the safeguards of a run are, by the events so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from chaos_runner.experiment.steady_state import Safeguard
from chaos_runner.journal.events import CheckAnswered, Event, ProbeHealth, SafeguardTripped
from chaos_runner.measurements.model import Health
from chaos_runner.measurements.series import Series
from chaos_runner.verdict.answer import Answered
from chaos_runner.verdict.safeguards import (
    SafeguardStanding,
    Seen,
    look_back,
    safeguard_standings,
)

CHECK_OF_SAFEGUARD = "safeguard "
"""What the name of a safeguard's check begins with, in the journal; its number follows."""


class LiveSafeguards:
    """What the safeguards of a run look at, as far back as they look."""

    def __init__(self, safeguards: Sequence[Safeguard]) -> None:
        self._safeguards = tuple(safeguards)
        self.look_back = look_back(self._safeguards)
        self.tripped: SafeguardTripped | None = None
        self._health: deque[Health] = deque()
        self._answers: dict[int, deque[Answered]] = {}
        self._now = 0.0

    def take(self, event: Event) -> None:
        """Take one event in."""
        self._now = max(self._now, event.elapsed)
        match event:
            case ProbeHealth(health=health) if not health.zone:
                self._health.append(health)
            case CheckAnswered(check=check, asked=asked, answer=answer, phase=phase):
                if (place := _place_of(check)) is not None:
                    answers = self._answers.setdefault(place, deque())
                    answers.append(Answered(asked, event.elapsed, answer, phase))
                    self._forget_answers(answers)
            case SafeguardTripped():
                self.tripped = event
        while self._health and self._health[0].elapsed < self._now - self.look_back:
            self._health.popleft()

    def standings(self, series: Series) -> list[SafeguardStanding]:
        """Return how near each is, by these seconds and what was taken in."""
        if not self._safeguards:
            return []
        seen = Seen(
            now=self._now,
            seconds=series.between(self._now - self.look_back, self._now - 1.0),
            health=tuple(self._health),
            answers={place: tuple(each) for place, each in self._answers.items()},
        )
        return list(safeguard_standings(self._safeguards, seen))

    def _forget_answers(self, answers: deque[Answered]) -> None:
        while len(answers) > 1 and answers[1].ended < self._now - self.look_back:
            answers.popleft()


def _place_of(check: str) -> int | None:
    number = check.removeprefix(CHECK_OF_SAFEGUARD)
    return int(number) - 1 if number != check and number.isdecimal() else None
