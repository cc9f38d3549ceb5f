"""Arrange what the checks were answered: a row a check, a cell a judged phase."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.report.story.model import RunStory
from chaos_runner.verdict.checks import CheckJudgement


@dataclass(frozen=True)
class CheckRow:
    """One check and how it was judged in each judged phase."""

    check: str
    expected: str
    """What it asks for; nothing where its name says so already."""
    judgements: tuple[CheckJudgement | None, ...]
    """In the order of `RunStory.judgements`; None where the phase was not judged by it."""


def check_rows(story: RunStory) -> tuple[CheckRow, ...]:
    """Return a row a check, in the order in which they were judged."""
    keys = dict.fromkeys(
        (each.check, each.expected) for phase in story.judgements for each in phase.checks
    )
    return tuple(
        CheckRow(
            check,
            expected if expected != check else "",
            tuple(
                next((each for each in phase.checks if each.check == check), None)
                for phase in story.judgements
            ),
        )
        for check, expected in keys
    )


def noticed(story: RunStory) -> tuple[str, ...]:
    """Return in words how soon each alert fired, beside how soon clients noticed the fault."""
    alerts = [
        each
        for phase in story.judgements
        for each in phase.checks
        if each.notice_within is not None
    ]
    if not alerts:
        return ()
    told = [
        f"{each.check}: fired {each.noticed:g} s after the first fault was on"
        if each.noticed is not None
        else f"{each.check}: was not seen to begin firing after the fault"
        for each in alerts
    ]
    times = story.clients.times if story.clients else None
    if times is None or times.detect.seconds is None:
        return (*told, "Clients: noticed nothing")
    return (*told, f"Clients: noticed after {times.detect.seconds:g} s")
