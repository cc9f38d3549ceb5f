"""Make the story of a game day from its journal and the stories of its runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chaos_runner.gameday.events import (
    Aborted,
    AnyGameDayEvent,
    Decided,
    Noted,
    Noticed,
    RunBegan,
    RunEnded,
    RunRefused,
)
from chaos_runner.gameday.journal import ReadDay
from chaos_runner.gameday.model import GameDay
from chaos_runner.gameday.story import DayStory, Entry, Notice, Trial, Written
from chaos_runner.gameday.timeline import line_of
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.summary import without_verdict
from chaos_runner.shown import as_argument
from chaos_runner.wording.safeguards import condition_words, seen_words


def tell_day(read: ReadDay, day: GameDay, runs: Mapping[str, RunStory]) -> DayStory:
    """Return the story; a run whose journal could not be read is missing in `runs`."""
    titles = read.started.titles
    trials = tuple(
        _trial(number, titles[number - 1] if number <= len(titles) else item.text, read, day, runs)
        for number, item in enumerate(day.agenda, start=1)
        if item.kind == "experiment"
    )
    written = [
        Written(at=event.at, by=event.by, kind=event.kind, text=event.text)
        for event in read.events
        if isinstance(event, Noted)
    ]
    return DayStory(
        identity=read.started.identity,
        day=day,
        rehearsal=read.started.rehearsal,
        finished=read.is_finished,
        started=read.started.at,
        stopped=read.events[-1].at,
        trials=trials,
        timeline=tuple(
            Entry(at=event.at, by=event.by, kind=event.event, text=line_of(event, titles))
            for event in read.events
        ),
        findings=tuple(each for each in written if each.kind == "finding"),
        to_do=(
            *(each.text for each in written if each.kind == "to do"),
            *(line for trial in trials for line in _to_do(trial, rehearsal=read.started.rehearsal)),
        ),
        notes=read.notes,
    )


def _trial(
    number: int, title: str, read: ReadDay, day: GameDay, runs: Mapping[str, RunStory]
) -> Trial:
    item = day.agenda[number - 1]
    own = _of_item(read.events, number)
    began = [event for event in own if isinstance(event, RunBegan)]
    ended = {event.run: event for event in own if isinstance(event, RunEnded)}
    refused = [event.message for event in own if isinstance(event, RunRefused)]
    last = next((each.run for each in reversed(began) if each.run in ended or each.run in runs), "")
    story, end = runs.get(last), ended.get(last)
    return Trial(
        number=number,
        title=title,
        expected=item.expected or "",
        noticed_first_by=item.noticed_first_by or "",
        run=last,
        verdict=end.verdict if end else None,
        ended=end is not None and end.exit_code is not None,
        no_fault=story is not None and _first_on(story) is None,
        summary=without_verdict(story) if story else "",
        hosts=dict(end.hosts) if end else {},
        notices=_notices(own, story),
        clients_noticed=story.clients.times.detect
        if story and story.clients and story.clients.times
        else None,
        cluster_noticed=story.clients.cluster.detect
        if story and story.clients and story.clients.cluster
        else None,
        safeguards=tuple(
            f"{condition_words(each.safeguard)}: {seen_words(each.observed)}"
            for each in (story.safeguards if story else ())
        ),
        aborts=tuple(
            f"by {each.who or each.by}: {each.reason or 'no reason was given'}"
            for each in own
            if isinstance(each, Aborted)
        ),
        refused=tuple(refused),
        left_out=any(isinstance(each, Decided) and each.decision == "no-go" for each in own),
    )


def _of_item(events: Sequence[AnyGameDayEvent], number: int) -> list[AnyGameDayEvent]:
    """Return the events of an item: its own, and what was said after it until the next one."""
    found: list[AnyGameDayEvent] = []
    current = 0
    for event in events:
        current = getattr(event, "item", current)
        if current == number:
            found.append(event)
    return found


def _notices(own: Sequence[AnyGameDayEvent], story: RunStory | None) -> tuple[Notice, ...]:
    """Return who noticed, the first one first: what people wrote, and alerts that the run saw."""
    on = _first_on(story) if story else None
    found: list[Notice] = []
    for event in own:
        if isinstance(event, Noticed):
            after = None
            if story is not None and on is not None:
                after = round(max(0.0, (event.at - story.clock(on)).total_seconds()), 1)
            found.append(Notice(who=event.who, text=event.text, after=after))
    for span in story.check_spans if story is not None and on is not None else ():
        if span.fires and on is not None and span.start >= on:
            found.append(Notice(who=span.check, after=round(span.start - on, 1), by_check=True))
    return tuple(sorted(found, key=lambda notice: notice.after or 0.0))


def _first_on(story: RunStory) -> float | None:
    """Return the second of a run at which its first fault was on, None where none was."""
    return min((each.on for each in story.faults if each.on is not None), default=None)


def _to_do(trial: Trial, *, rehearsal: bool) -> Iterator[str]:
    """Yield what follows from a trial."""
    if any(state != "clean" for state in trial.hosts.values()) or (trial.run and not trial.ended):
        command = f"chaos-runner recover {as_argument(trial.run)}"
        yield f"{trial.title}: see that every host is clean: {command}"
    if not trial.run:
        why = "it got a no-go" if trial.left_out else "it was not run"
        yield f"{trial.title}: plan it again, for {trial.refused[-1] if trial.refused else why}"
        return
    if rehearsal:
        return
    if trial.verdict == "deviated":
        command = f"chaos-runner findings add {as_argument(trial.run)}"
        yield f"{trial.title}: make a finding of it: {command}"
    elif trial.verdict != "held":
        yield f"{trial.title}: run it again, for it showed nothing"
    if trial.no_fault:
        return
    if trial.first is None:
        expected = f"; {trial.noticed_first_by} was expected to" if trial.noticed_first_by else ""
        yield f"{trial.title}: find out why nobody noticed{expected}"
    elif trial.as_expected is False:
        yield (
            f"{trial.title}: find out why {trial.first.who} noticed before "
            f"{trial.noticed_first_by} did"
        )
