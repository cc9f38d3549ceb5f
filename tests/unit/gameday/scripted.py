"""A scripted terminal and a stand-in for executing, for walks without hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from chaos_runner.execution.phases import Outcome
from chaos_runner.gameday.events import AnyGameDayEvent, Decision
from chaos_runner.gameday.journal import read_day
from chaos_runner.gameday.load import LoadedItem
from chaos_runner.gameday.progress import Progress
from chaos_runner.operations.gameday.walk import OpenDay
from chaos_runner.verdict.judgement import Verdict


class Script:
    """People who answer as written; when the answers are over, nobody answers any more."""

    def __init__(self, answers: Iterable[Decision]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, Progress]] = []
        self.said: list[str] = []

    def decide(self, entry: LoadedItem, progress: Progress) -> Decision | None:
        """Give the next answer."""
        self.asked.append((entry.number, progress))
        return self.answers.pop(0) if self.answers else None

    def hold(self, entry: LoadedItem) -> bool:
        """Say that it is over."""
        return True

    def show(self, outcome: Outcome) -> None:
        """Keep what is shown."""
        self.said.append(f"{outcome.title} {outcome.verdict}")

    def say(self, text: str) -> None:
        """Keep what is said."""
        self.said.append(text)


def outcome(
    run: str, title: str = "A", verdict: Verdict = "held", code: int = 0, state: str = "clean"
) -> Outcome:
    """Return how a run ended."""
    return Outcome(run, title, verdict, code, [], {"k1": state}, Path(run) / "journal.jsonl")  # type: ignore[dict-item]


def ends(*outcomes: Outcome | Exception) -> Callable[..., Outcome]:
    """Return a stand-in for executing, of which each run ends so, or raises, in this order."""
    left = list(outcomes)

    def execute(entry: LoadedItem, begin: Callable[[str], None]) -> Outcome:
        ended = left.pop(0)
        begin("refused" if isinstance(ended, Exception) else ended.run)
        if isinstance(ended, Exception):
            raise ended
        return ended

    return execute


def kinds(day: OpenDay) -> list[str]:
    """Return the kinds of the events in a day's journal."""
    return [event.event for event in events(day)]


def events(day: OpenDay) -> tuple[AnyGameDayEvent, ...]:
    """Return the events in a day's journal."""
    return read_day(day.path).events
