"""Arrange what each zone measured as a table, and how it was judged alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaos_runner.report.story.formatting import NOTHING, count
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.records import PhaseLedger, ZoneStory
from chaos_runner.report.tables.group_table import measured_cells
from chaos_runner.verdict.judgement import worst_verdict
from chaos_runner.wording.run_reasons import zone_words

ZONE_HEADINGS = ("Phase", "Verdict", "Availability", "Ack p50 / p99", "End to end p99", "Lost")


@dataclass(frozen=True)
class ZoneRow:
    """One zone in one phase; `cells` match ZONE_HEADINGS."""

    name: str
    is_first: bool
    cells: tuple[str, ...]


def zone_rows(story: RunStory) -> tuple[ZoneRow, ...]:
    """Return up to two rows a zone: before the fault, and while it was held."""
    return tuple(row for zone in story.zones for row in _rows(story, zone))


def _rows(story: RunStory, zone: ZoneStory) -> Iterator[ZoneRow]:
    name = zone_words([zone.zone]).capitalize()
    lost = count(zone.before.lost) if zone.before else NOTHING
    yield ZoneRow(name, True, _cells(story, zone.zone, "before", zone.before, lost))
    if zone.during is not None:
        cells = _cells(story, zone.zone, "during", zone.during, count(zone.lost))
        yield ZoneRow(name, False, cells)


def _cells(
    story: RunStory, zone: str, phase: str, ledger: PhaseLedger | None, lost: str
) -> tuple[str, ...]:
    judged = {each.phase: each.zones.get(zone, ()) for each in story.judgements}
    judgements = judged.get(phase, ())
    verdict = worst_verdict(each.verdict for each in judgements) if judgements else NOTHING
    return (phase, verdict, *measured_cells(ledger), lost)
