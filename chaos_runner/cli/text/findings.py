"""Findings as text for people, and as documents for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.findings.model import URGENCIES, Evidence, Finding
from chaos_runner.learning.findings.review import Review
from chaos_runner.shown import as_argument, shown_line

_NEVER = date(9999, 1, 1)


def in_order(findings: Sequence[WrittenFinding]) -> list[WrittenFinding]:
    """Return findings by urgency, those with the nearest date first."""
    return sorted(findings, key=lambda each: (_rank(each.finding), each.name))


def _rank(finding: Finding) -> tuple[int, date]:
    return URGENCIES.index(finding.urgency), finding.fix.by if finding.fix else _NEVER


def as_document(written: WrittenFinding, today: date) -> dict[str, object]:
    """Return a finding as JSON has it."""
    return {
        "name": written.name,
        "file": str(written.file),
        "overdue": written.finding.is_overdue(today),
        **written.finding.model_dump(mode="json"),
    }


def as_lines(findings: Sequence[WrittenFinding], today: date) -> list[str]:
    """Return a line for each finding: urgency, state, name, title, owner, date."""
    rows = [_row(each, today) for each in findings]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)] if rows else []
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(written: WrittenFinding, today: date) -> tuple[str, ...]:
    finding = written.finding
    day = f"by {finding.fix.by}" if finding.fix else ""
    late = " OVERDUE" if finding.is_overdue(today) else ""
    cells = (finding.urgency, finding.state, written.name, finding.owner, f"{day}{late}")
    return (*(shown_line(cell) for cell in cells), shown_line(finding.title))


def as_text(written: WrittenFinding, review: Review, today: date) -> str:
    """Return all of a finding, and what the newest runs say of it."""
    return "\n".join(shown_line(line) for line in _lines(written, review, today))


def _lines(written: WrittenFinding, review: Review, today: date) -> Iterator[str]:
    finding = written.finding
    yield f"{finding.title}"
    yield f"{finding.urgency}, {finding.state}; owner {finding.owner}; {written.file}"
    yield f"shown by experiment {finding.experiment}:"
    yield from (f"  {_evidence(each)}" for each in finding.evidence)
    if finding.fix:
        late = ", OVERDUE" if finding.is_overdue(today) else ""
        yield f"fix: {finding.fix.what}, by {finding.fix.by}{late}"
    for number, each in enumerate(finding.hypotheses, 1):
        yield f"hypothesis {number}: {each.direction}"
        yield f"  cost: {each.cost}; expected effect: {each.effect}; test: {each.test}"
    if finding.verified and finding.state == "verified":
        yield f"verified by run {finding.verified.run} on {finding.verified.day}"
    if finding.accepted and finding.state == "accepted risk":
        by = finding.accepted
        yield f"accepted by {by.who} on {by.day}: {by.reason}"
    run = f" (run {review.run.run})" if review.run else ""
    yield f"newest runs: {review.why}{run}"
    if review.advice in ("verify", "reopen"):
        yield f"`chaos-runner findings verify {as_argument(written.name)}` writes that down"


def _evidence(each: Evidence) -> str:
    if each.tolerance is None:
        return f"run {each.run}"
    where = f" {each.phase}" if each.phase else ""
    limit = f", tolerated {each.limit}" if each.limit else ""
    return f"run {each.run}{where}: {each.tolerance} {each.observed or ''}{limit}"
