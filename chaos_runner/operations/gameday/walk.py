"""Walk through the agenda of a game day: go or no-go before each item, then do it.

Whoever asks the people and executes a plan is given: the terminal in `cli/gameday`. All that
happened is in the journal before anything follows from it, so that a walk that was cut off is
resumed where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from chaos_runner.errors import ChaosRunnerError, HostsNotCleanError, RefusedError, UsageError
from chaos_runner.gameday import journal
from chaos_runner.gameday.events import (
    DayFinished,
    DayResumed,
    DayStarted,
    DayStopped,
    Decided,
    Decision,
    ItemFinished,
    RunBegan,
    RunEnded,
    RunRefused,
)
from chaos_runner.gameday.journal import ReadDay, read_day
from chaos_runner.gameday.load import LoadedDay, LoadedItem, with_experiments
from chaos_runner.gameday.model import GameDay
from chaos_runner.gameday.progress import Progress, progress_of
from chaos_runner.shown import as_argument

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome

Execute = Callable[[LoadedItem, Callable[[str], None]], "Outcome"]
"""Execute the experiment of an item; the callback takes the id of its run before it begins."""


class Asker(Protocol):
    """Whoever asks the people of the day, and shows them what goes on."""

    def decide(self, entry: LoadedItem, progress: Progress) -> Decision | None:
        """Ask for go, no-go or stop before an item; None where nobody answers any more."""

    def hold(self, entry: LoadedItem) -> bool:
        """Wait until an item without an experiment is over; False where nobody says so."""

    def show(self, outcome: Outcome) -> None:
        """Show how a run ended, and write its report."""

    def say(self, text: str) -> None:
        """Show one line."""


@dataclass(frozen=True)
class OpenDay:
    """A game day that is walked through: its agenda, and where its journal is."""

    loaded: LoadedDay
    path: Path

    @property
    def progress(self) -> Progress:
        """Return where it stands now, with what other shells wrote."""
        questions = [each.number for each in self.loaded.items if each.item.kind == "question"]
        return progress_of(read_day(self.path).events, questions)


def start_day(loaded: LoadedDay, runs_directory: Path, *, rehearsal: bool) -> OpenDay:
    """Open the journal of a new game day, before anything is asked."""
    from chaos_runner.journal.identity import new_run_identity

    started = DayStarted(
        identity=f"gameday-{new_run_identity().run}",
        title=loaded.day.title,
        file=str(loaded.file.absolute()),
        day=loaded.day.model_dump(mode="json"),
        titles=[each.title for each in loaded.items],
        rehearsal=rehearsal,
    )
    return OpenDay(loaded, journal.create_journal(runs_directory, started))


def reopen_day(path: Path, *, trusted: bool) -> OpenDay:
    """Return a game day as it was begun; what changed in its file since then does not count.

    Raises RefusedError where it is finished, or an experiment is not trusted.
    """
    from chaos_runner.planning.trust_gate import require_trust_in_all

    read = read_day(path)
    if read.is_finished:
        raise RefusedError(
            f"the game day {read.started.identity} is finished",
            f"`chaos-runner gameday report {as_argument(read.started.identity)}` shows how it went",
        )
    loaded = with_experiments(Path(read.started.file), day_of(read))
    require_trust_in_all(path, loaded.experiments, trusted=trusted)
    return OpenDay(loaded, path)


def day_of(read: ReadDay) -> GameDay:
    """Return the day as it was when it began; raise UsageError where the journal has none."""
    from pydantic import ValidationError

    try:
        return GameDay.model_validate(read.started.day)
    except ValidationError as error:
        raise UsageError(f"{read.path}: its first line holds no game day") from error


def take_up(day: OpenDay, asker: Asker) -> None:
    """Write down that the walk goes on, and how a run ended that was on when it was cut off."""
    open_run = day.progress.open_run
    journal.write(day.path, DayResumed())
    if open_run is None:
        return
    ended = _ended(open_run, day.path.parent.parent)
    journal.write(day.path, ended)
    if isinstance(ended, RunEnded) and ended.verdict is None:
        asker.say(
            f"the run {open_run.run} broke off; its hosts take their faults back when their leases "
            f"end: see to it with `chaos-runner recover {as_argument(open_run.run)}` "
            "before you go on"
        )


def _ended(open_run: RunBegan, runs_directory: Path) -> RunEnded | RunRefused:
    """Return how a run ended that was on when the walk was cut off, by its own journal."""
    from chaos_runner.journal.events import HostVerified, RunFinished
    from chaos_runner.journal.names import JOURNAL_NAME
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.wording.run_reasons import run_reason_words

    path = runs_directory / open_run.run / JOURNAL_NAME
    if not path.exists():  # a run's first event is on disk before anything else happens
        cut_off = "it was cut off before it began; no host was touched"
        return RunRefused(item=open_run.item, message=cut_off)
    broken_off = RunEnded(item=open_run.item, run=open_run.run, verdict=None, exit_code=None)
    try:
        events = read_journal(path).events
    except UsageError:
        return broken_off
    hosts = {event.host: event.state for event in events if isinstance(event, HostVerified)}
    for event in events:
        if isinstance(event, RunFinished):
            return RunEnded(
                item=open_run.item,
                run=open_run.run,
                verdict=event.verdict,
                exit_code=event.exit_code,
                reasons=[run_reason_words(reason) for reason in event.reasons],
                hosts=hosts,
            )
    return broken_off


def walk(day: OpenDay, asker: Asker, execute: Execute) -> list[int]:
    """Walk through what is left of the agenda; return the exit codes of the day's runs.

    It ends early, to be resumed, where somebody says stop, a question gets a no-go, nobody answers
    any more, or a host is not clean.
    """
    while True:
        progress = day.progress
        left = [each for each in day.loaded.items if each.number not in progress.over]
        if not left:
            journal.write(day.path, DayFinished())
            break
        stopped = _one_item(day, left[0], progress, asker, execute)
        if stopped:
            journal.write(day.path, DayStopped(reason=stopped))
            asker.say(f"stopped: {stopped}; `chaos-runner gameday resume` goes on")
            break
    return exit_codes_of(read_day(day.path))


def exit_codes_of(read: ReadDay) -> list[int]:
    """Return the exit code of each run of a day; one that broke off leaves hosts unknown."""
    ended = [event for event in read.events if isinstance(event, RunEnded)]
    return [
        HostsNotCleanError.exit_code if each.exit_code is None else each.exit_code for each in ended
    ]


def _one_item(
    day: OpenDay, entry: LoadedItem, progress: Progress, asker: Asker, execute: Execute
) -> str:
    """Ask for and do one item; return why the day stops here, or nothing."""
    decision = asker.decide(entry, progress)
    if decision is None:
        return "nobody answered any more"
    journal.write(day.path, Decided(item=entry.number, decision=decision))
    if decision == "stop":
        return "somebody said stop"
    if decision == "no-go":
        return f"no-go: {entry.title}" if entry.item.kind == "question" else ""
    if entry.experiment is not None:
        return _run_item(day, entry, asker, execute)
    if entry.item.kind != "question" and not asker.hold(entry):
        return "nobody said that it is over"
    journal.write(day.path, ItemFinished(item=entry.number))
    return ""


def _run_item(day: OpenDay, entry: LoadedItem, asker: Asker, execute: Execute) -> str:
    def begin(run: str) -> None:
        journal.write(day.path, RunBegan(item=entry.number, run=run))
        if day.progress.aborted is not None:  # whoever aborted saw no run to end
            raise RefusedError("it was aborted before it began; no host was touched")

    try:
        outcome = execute(entry, begin)
    except ChaosRunnerError as error:
        journal.write(day.path, RunRefused(item=entry.number, message=str(error)))
        asker.say(f"{entry.title}: {error}")
        return ""
    journal.write(
        day.path,
        RunEnded(
            item=entry.number,
            run=outcome.run,
            verdict=outcome.verdict,
            exit_code=outcome.exit_code,
            reasons=outcome.reasons,
            hosts=outcome.hosts,
        ),
    )
    asker.show(outcome)
    dirty = _not_clean(outcome.hosts)
    return f"{dirty}: `chaos-runner recover {as_argument(outcome.run)}` first" if dirty else ""


def _not_clean(hosts: Mapping[str, str]) -> str:
    states = [f"{host} is {state}" for host, state in hosts.items() if state != "clean"]
    return ", ".join(states)
