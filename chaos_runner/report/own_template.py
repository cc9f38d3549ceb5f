"""Render a report by a user's own Jinja template, in Jinja's sandbox.

A template gets plain data: what the JSON report has, and the words that the project's own reports
use. It includes no other file, reaches no Python object, and what it writes is bounded. What the
template's name says of its form decides how values are escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import PurePath

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chaos_runner.errors import UsageError
from chaos_runner.report import markup
from chaos_runner.report.sections.repeat import repeat_commands
from chaos_runner.report.story import formatting as words
from chaos_runner.report.story.findings import ReportedFinding
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.summary import advice_on
from chaos_runner.report.tables import tables
from chaos_runner.units import printable
from chaos_runner.wording.amounts import observation_words
from chaos_runner.wording.reasons import reason_words

LARGEST = 16 * 1024**2
"""Bytes that a template may write."""
_HTML = frozenset({".html", ".htm", ".xml", ".svg"})
_JINJA = frozenset({".j2", ".jinja", ".jinja2"})


def as_own(
    story: RunStory,
    name: str,
    source: str,
    findings: Sequence[ReportedFinding] = (),
    logo: str = "",
) -> str:
    """Return what a template makes of a run; `name` is its file's, `logo` a data URL.

    Raises UsageError, with the line, for what is wrong with the template.
    """
    try:
        template = _environment(story, name).from_string(source)
        return _bounded(name, template.generate(context_of(story, findings, logo)))
    except TemplateSyntaxError as error:
        raise UsageError(f"{name}:{error.lineno}: {_words(error)}", _HINT) from error
    except SecurityError as error:
        raise UsageError(f"{name}: {_words(error)}", "a template gets plain data alone") from error
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise UsageError(f"{name}: {_words(error)}", _HINT) from error


def _words(error: Exception) -> str:
    """Return what is wrong, which may quote what the template computed, at a bearable length."""
    text = error.message if isinstance(error, TemplateError) else str(error)
    return printable(text or type(error).__name__, limit=_LONGEST_ERROR)


_LONGEST_ERROR = 400
_HINT = "docs/guide/reports.md has an example, and lists what a template gets"


def context_of(
    story: RunStory, findings: Sequence[ReportedFinding] = (), logo: str = ""
) -> dict[str, object]:
    """Return what a template gets: plain data and words."""
    advice = advice_on(story)
    return {
        "run": story.model_dump(mode="json"),
        "verdict": story.verdict or "unfinished",
        "summary": story.summary,
        "hosts_state": story.hosts_state,
        "advice": f"{advice.why} {advice.command}. {advice.remark}" if advice else "",
        "figures": [asdict(figure) for figure in tables.figures(story)],
        "tolerances": _tolerances(story),
        "remarks": [{"level": each.level, "text": each.text} for each in story.remarks],
        "findings": [asdict(finding) for finding in findings],
        "repeat": [{"what": what, "command": command} for what, command in repeat_commands(story)],
        "logo": logo,
    }


def _tolerances(story: RunStory) -> list[dict[str, object]]:
    phases = [judged.phase for judged in story.judgements]
    return [
        {
            "tolerance": row.tolerance,
            "limit": row.limit,
            "phases": {
                phase: {
                    "verdict": judgement.verdict,
                    "observed": observation_words(judgement.observed),
                    "reason": reason_words(judgement.reason) if judgement.reason else "",
                }
                for phase, judgement in zip(phases, row.judgements, strict=True)
                if judgement is not None
            },
        }
        for row in tables.tolerance_rows(story)
    ]


def _environment(story: RunStory, name: str) -> ImmutableSandboxedEnvironment:
    suffixes = [suffix for suffix in PurePath(name).suffixes if suffix not in _JINJA]
    suffix = suffixes[-1].lower() if suffixes else ""
    environment = ImmutableSandboxedEnvironment(
        autoescape=suffix in _HTML,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=markup.escaped_markdown if suffix == ".md" else markup.visible,
    )
    environment.filters.update(
        count=words.count,
        duration=words.duration,
        many=words.many,
        milliseconds=words.milliseconds,
        names=words.names,
        offset=words.offset,
    )
    environment.globals["clock"] = lambda elapsed: words.clock(story, elapsed)
    return environment


def _bounded(name: str, parts: Iterator[str]) -> str:
    text: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if size > LARGEST:
            raise UsageError(f"{name}: writes more than {LARGEST // 1024**2} MiB", _HINT)
        text.append(part)
    return "".join(text)
