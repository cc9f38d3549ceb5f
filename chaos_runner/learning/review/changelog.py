"""The section of a change log for what was improved, as a run showed it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.findings.model import Finding, Verified
from chaos_runner.learning.history.facts import FIGURES, FigureName, RunFacts
from chaos_runner.learning.history.figures import FIGURE_WORDS, figure_words
from chaos_runner.report.markup import escaped_markdown

_TOLERANCE: dict[FigureName, str] = {"loss": "loss", "outage": "outage", "recover": "recovery"}
"""What judges the same as a figure, perhaps over other phases: one of the two is told."""


@dataclass(frozen=True)
class Improvement:
    """One finding that a run verified, with what was observed before and after."""

    name: str
    finding: Finding
    verified: Verified
    tolerances: Mapping[str, tuple[str, str]]
    """Tolerance to what was observed when it was found, and when it was verified."""
    figures: Mapping[FigureName, tuple[str, str]]
    """The same of the runs' figures that differ."""


def improvements(
    findings: Iterable[WrittenFinding], runs: Sequence[RunFacts], since: datetime
) -> list[Improvement]:
    """Return what was verified after a moment, the most urgent first, in the order of the names.

    Where the verifying run is not in the history, its day decides.
    """
    by_id = {run.run: run for run in runs}
    found = []
    for each in findings:
        verified = each.finding.verified
        if each.finding.state != "verified" or verified is None:
            continue
        after = by_id.get(verified.run)
        late = after.started > since if after else verified.day > since.date()
        if late:
            before = by_id.get(each.finding.evidence[-1].run)
            found.append(_improvement(each, verified, before, after))
    return found


def _improvement(
    written: WrittenFinding, verified: Verified, before: RunFacts | None, after: RunFacts | None
) -> Improvement:
    finding = written.finding
    then = {each.tolerance: each.observed for each in finding.evidence if each.tolerance}
    tolerances = {
        tolerance: (observed or "?", verified.observed.get(tolerance, "?"))
        for tolerance, observed in then.items()
    }
    figures = {}
    if before and after:
        for name in (each for each in FIGURES if _TOLERANCE.get(each) not in tolerances):
            pair = _amount(before, name), _amount(after, name)
            if pair[0] != pair[1] and "" not in pair:
                figures[name] = pair
    return Improvement(written.name, finding, verified, tolerances, figures)


def _amount(run: RunFacts, name: FigureName) -> str:
    figure = run.details.figures.get(name)
    return figure_words(name, figure) if figure else ""


def as_markdown(found: Sequence[Improvement]) -> str:
    """Return the section for a change log: Keep a Changelog's `Fixed`; empty without any."""
    if not found:
        return ""
    return "\n".join(["### Fixed", *(_entry(each) for each in found), ""])


def _entry(found: Improvement) -> str:
    title = escaped_markdown(found.finding.title)
    what = f" ({escaped_markdown(found.finding.fix.what)})" if found.finding.fix else ""
    figures = [f"{escaped_markdown(name)} {_pair(pair)}" for name, pair in found.tolerances.items()]
    figures += [f"{FIGURE_WORDS[name]} {_pair(pair)}" for name, pair in found.figures.items()]
    shown = f": {'; '.join(figures)}" if figures else ""
    run = escaped_markdown(found.verified.run)
    return f"- {title}{what}{shown}. Verified on {found.verified.day} by run {run}."


def _pair(pair: tuple[str, str]) -> str:
    return f"{escaped_markdown(pair[0])} before, {escaped_markdown(pair[1])} now"
