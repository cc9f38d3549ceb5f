"""The status page as one HTML file that needs nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter

from chaos_runner.errors import ChaosRunnerError, UsageError
from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.findings.model import UNSOLVED, URGENCIES, Finding
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.learning.status.score import FRESH_DAYS, RECENT_DAYS, score_of
from chaos_runner.report.markup import visible
from chaos_runner.report.story.formatting import duration
from chaos_runner.yaml_input.document import read_document

_TEXTS = Path(__file__).with_name("texts")
Texts = dict[str, str | dict[str, str]]
_NEVER = date.max


def languages() -> list[str]:
    """Return the languages that there are texts for, such as `en` and `ko`."""
    return sorted(file.stem for file in _TEXTS.glob("*.yml"))


@cache
def texts_in(language: str) -> Texts:
    """Return the texts of a language; raise UsageError naming those there are."""
    if language not in languages():
        raise UsageError(
            f"there are no texts for the language `{language}`",
            f"allowed is one of {', '.join(languages())}",
        )
    document = read_document(_TEXTS / f"{language}.yml")
    if document.problems:
        raise ChaosRunnerError(document.problems[0].in_file(_TEXTS / f"{language}.yml"))
    return TypeAdapter(dict[str, str | dict[str, str]]).validate_python(document.data)


def status_page(
    runs: Sequence[RunFacts],
    findings: Sequence[WrittenFinding],
    today: date,
    language: str = "en",
) -> str:
    """Return the page of a day: what was tested, what held, what is promised by when."""
    score = score_of(runs, findings, today)
    all_findings = [each.finding for each in findings]
    recent = today - timedelta(days=RECENT_DAYS)
    return (
        _environment()
        .get_template("status.html.j2")
        .render(
            language=language,
            texts=texts_in(language),
            today=today,
            score=score,
            fresh=FRESH_DAYS,
            recent=RECENT_DAYS,
            promises=sorted(
                (each for each in all_findings if each.state in UNSOLVED), key=_soonest
            ),
            improved=[each for each in all_findings if _improved(each, recent)],
            accepted=[each for each in all_findings if each.state == "accepted risk"],
        )
    )


def _soonest(finding: Finding) -> tuple[date, int]:
    return finding.fix.by if finding.fix else _NEVER, URGENCIES.index(finding.urgency)


def _improved(finding: Finding, since: date) -> bool:
    shown = finding.verified if finding.state == "verified" else None
    return shown is not None and shown.day >= since


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("chaos_runner.learning.status"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters["duration"] = duration
    return environment
