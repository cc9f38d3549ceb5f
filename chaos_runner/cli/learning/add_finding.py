"""`chaos-runner findings add`: make a finding of what a run showed."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.learning.findings import print_added
from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, warn
from chaos_runner.errors import UsageError
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_runner.learning.findings.model import Fix, Hypothesis
    from chaos_runner.learning.history.facts import RunFacts


class UrgencyChoice(StrEnum):
    """The urgencies of a finding, as options name them."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"


def add(
    run: Annotated[str, typer.Argument(help="A run's id, its directory, or its journal.")],
    title: Annotated[str | None, typer.Option(help="What is wrong, in one line.")] = None,
    urgency: Annotated[UrgencyChoice | None, typer.Option(help="How urgent it is.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it.")] = None,
    fix: Annotated[str | None, typer.Option(help="What will be done; needs --by.")] = None,
    by: Annotated[str | None, typer.Option(help="By when, such as 2026-12-24.")] = None,
    direction: Annotated[
        str | None, typer.Option(help="Of a hypothesis, in place of --fix: what to change.")
    ] = None,
    cost: Annotated[str | None, typer.Option(help="What that costs.")] = None,
    effect: Annotated[str | None, typer.Option(help="What it is expected to improve.")] = None,
    test: Annotated[str | None, typer.Option(help="How the next cycle tests it.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    runs: RunsOption = None,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Write a finding of what deviated in a run; in a terminal, asks for what is not given.

    Without a fix it gets the hypotheses of the best fitting causes of `diagnose`.
    """
    from chaos_runner.journal.journal import find_journal
    from chaos_runner.operations.findings import (
        add_finding,
        drafted_finding,
        findings_in,
        same_evidence,
        usual_hypotheses,
    )
    from chaos_runner.operations.history import read_facts
    from chaos_runner.workspace import find_findings, find_runs

    parts = {"direction": direction, "cost": cost, "effect": effect, "test": test}
    _refuse_contradictions(fix, by, parts)
    facts = read_facts(find_journal(run, find_runs(runs)))
    asks = sys.stdin.isatty() and not yes
    if asks:
        title, urgency, owner = _asked(facts, title, urgency, owner)
        if fix is None and direction is None:
            fix = _ask("Fix (empty where the cause is not clear)", "")
            by = by or (_ask_until(_day, "Better by, such as 2026-12-24") if fix else None)
    if fix:
        fixes, hypotheses = _fix(fix, by), None
    else:
        usual = usual_hypotheses(facts) if not any(parts.values()) else []
        fixes, hypotheses = None, usual or _hypotheses(parts, asks=asks)
    finding = drafted_finding(
        facts,
        title=title,
        urgency=urgency.value if urgency else None,
        owner=owner,
        fix=fixes,
        hypotheses=hypotheses,
    )
    place = find_findings(directory)
    for name in same_evidence(findings_in(place), finding):
        warn(f"{name} has this run as evidence, too")
    print_added(add_finding(place, finding), output)


def _refuse_contradictions(fix: str | None, by: str | None, parts: dict[str, str | None]) -> None:
    """Refuse options that would be passed over."""
    named = ", ".join(f"--{name}" for name, text in parts.items() if text)
    if by and not fix and not sys.stdin.isatty():
        raise UsageError(
            "--by is the day of a fix, and there is no --fix",
            "say --fix 'what will be done', or leave --by out: hypotheses have no date",
        )
    if fix and named:
        raise UsageError(
            f"a finding has a fix or hypotheses; found --fix, {named}",
            "say --fix and --by where the cause is clear, else the others",
        )


def _asked(
    facts: RunFacts, title: str | None, urgency: UrgencyChoice | None, owner: str | None
) -> tuple[str, UrgencyChoice, str]:
    from chaos_runner.learning.findings.proposal import title_of, urgency_of

    title = title or _ask("Title", title_of(facts))
    if urgency is None:
        question = f"Urgency ({', '.join(UrgencyChoice)})"
        urgency = UrgencyChoice(_ask_until(_urgency, question, urgency_of(facts)))
    return title, urgency, owner or _ask("Owner", facts.details.owner or None)


def _fix(what: str, by: str | None) -> Fix:
    from pydantic import ValidationError

    from chaos_runner.learning.findings.model import Fix
    from chaos_runner.yaml_input.days import parse_date

    if by is None:
        raise UsageError("--fix needs the day by which it will be better", "say --by 2026-12-24")
    try:
        return Fix(what=what, by=parse_date(by))
    except ValidationError:
        raise UsageError("--fix: allowed is one line of printable text, at most 300 long") from None
    except ValueError as error:
        raise UsageError(f"--by: {error}") from None


def _hypotheses(parts: dict[str, str | None], *, asks: bool) -> list[Hypothesis]:
    from pydantic import ValidationError

    from chaos_runner.learning.findings.model import Hypothesis

    if asks:
        parts = {name: text or _ask(name.capitalize()) for name, text in parts.items()}
    lacking = [f"--{name}" for name, text in parts.items() if not text]
    if lacking:
        raise UsageError(
            f"a finding needs a fix or a hypothesis; lacking are {', '.join(lacking)}",
            "say --fix and --by where the cause is clear, else --direction, --cost, --effect and "
            "--test",
        )
    try:
        return [Hypothesis.model_validate(parts)]
    except ValidationError:
        raise UsageError("a hypothesis takes lines of printable text, at most 300 long") from None


def _urgency(answer: str) -> str:
    if answer not in list(UrgencyChoice):
        raise ValueError(f"found `{answer}`; allowed is one of {', '.join(UrgencyChoice)}")
    return answer


def _day(answer: str) -> str:
    from chaos_runner.yaml_input.days import parse_date

    return str(parse_date(answer))


def _ask_until(check: Callable[[str], str], question: str, default: str | None = None) -> str:
    """Ask until the answer can be used: one slip does not cost the answers before it."""
    while True:
        try:
            return check(_ask(question, default))
        except ValueError as error:
            warn(str(error))


def _ask(question: str, default: str | None = None) -> str:
    """Ask on stderr, so that stdout holds the result alone."""
    offered = shown_line(default) if default is not None else None
    answer = typer.prompt(question, default=offered, err=True, show_default=bool(offered))
    return str(answer).strip()
