"""Arrange what a report shows as tables, the same ones for HTML and Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.analysis.latency import Latency
from chaos_runner.measurements.model import Counts
from chaos_runner.report.story.formatting import count, many, percentage, percentiles
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.story.records import PhaseLedger
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.wording.amounts import limit_words


@dataclass(frozen=True)
class ToleranceRow:
    """One tolerance and how it was judged in each judged phase."""

    tolerance: str
    limit: str
    judgements: tuple[Judgement | None, ...]
    """In the order of `RunStory.judgements`; None where the phase was not judged by it."""


@dataclass(frozen=True)
class Figure:
    """One number that everybody asks for first."""

    name: str
    value: str
    detail: str
    level: str = ""
    """`good`, `bad`, `doubtful`, or nothing."""


def tolerance_rows(story: RunStory) -> tuple[ToleranceRow, ...]:
    """Return a row a tolerance, in the order in which they were judged."""
    keys = dict.fromkeys(
        (judgement.tolerance, limit_words(judgement.limit))
        for phase in story.judgements
        for judgement in phase.judgements
    )
    return tuple(
        ToleranceRow(
            tolerance,
            limit,
            tuple(
                next(
                    (
                        own
                        for own in phase.judgements
                        if (own.tolerance, limit_words(own.limit)) == key
                    ),
                    None,
                )
                for phase in story.judgements
            ),
        )
        for key in keys
        for tolerance, limit in (key,)
    )


def figures(story: RunStory) -> tuple[Figure, ...]:
    """Return the figures at the top of a report."""
    if story.kind == "run":
        return (*_record_figures(story), _latency_figure(story), _hosts_figure(story))
    return (*_record_figures(story), *_measured_figures(story))


def _record_figures(story: RunStory) -> tuple[Figure, ...]:
    if story.ledger is None:
        return (Figure("Records", "0", "the probe sent none", "doubtful"),)
    total, drained = story.ledger.total, story.ledger.drained
    loss = "bad" if total.lost else "good" if drained and not total.not_yet_consumed else "doubtful"
    lost_detail = f"{percentage(total.lost, total.acked)} of the acknowledged"
    unclear = total.indeterminate + total.not_yet_consumed
    return (
        Figure("Acknowledged", count(total.acked), f"of {count(total.scheduled)} scheduled"),
        Figure("Consumed", count(total.consumed), many(total.duplicates, "duplicate")),
        Figure("Lost", count(total.lost), lost_detail if drained else "not final", loss),
        Figure(
            "Unclear",
            count(unclear),
            f"{count(total.indeterminate)} indeterminate, "
            f"{count(total.not_yet_consumed)} not consumed",
            "doubtful" if unclear else "",
        ),
    )


def _latency_figure(story: RunStory) -> Figure:
    phases = {phase.phase: phase.ack for phase in story.ledger.phases} if story.ledger else {}
    before, during = phases.get("before", Latency()), phases.get("during", Latency())
    if not story.faults:
        return Figure("Ack p99", percentiles(before, "p99"), "no fault was planned")
    return Figure(
        "Ack p99 during", percentiles(during, "p99"), f"{percentiles(before, 'p99')} before"
    )


def _measured_figures(story: RunStory) -> tuple[Figure, ...]:
    """Return the latencies of a run without faults, in which no host is touched."""
    phases = {phase.phase: phase for phase in story.ledger.phases} if story.ledger else {}
    before = phases.get("before")
    ack, end_to_end = (before.ack, before.end_to_end) if before else (Latency(), Latency())
    return (
        Figure("Ack p99", percentiles(ack, "p99"), f"{percentiles(ack, 'p50')} p50"),
        Figure(
            "End to end p99",
            percentiles(end_to_end, "p99"),
            f"{percentiles(end_to_end, 'p50')} p50",
        ),
    )


def _hosts_figure(story: RunStory) -> Figure:
    touched = story.touched
    if not touched:
        return Figure("Hosts touched", "0", f"of {len(story.hosts)} planned")
    clean = sum(host.state == "clean" for host in touched)
    levels = {"clean": "good", "dirty": "bad", "unknown": "bad", "untouched": ""}
    others = sorted({host.state for host in touched if host.state != "clean"})
    proof = "proved by fingerprint" if all(host.proved for host in touched) else "by their own word"
    detail = ", ".join(others) or proof
    return Figure("Hosts clean", f"{clean} of {len(touched)}", detail, levels[story.hosts_state])


def count_cells(phase: Counts) -> tuple[str, ...]:
    """Return the first cells of a row in the table of records, matching LEDGER_HEADINGS."""
    return (
        count(phase.scheduled),
        count(phase.acked),
        count(phase.consumed),
        count(phase.lost),
        count(phase.not_yet_consumed),
        count(phase.indeterminate),
        count(phase.rejected),
        count(phase.duplicates),
    )


def latency_cells(phase: PhaseLedger) -> tuple[str, ...]:
    """Return the last cells of a row in the table of records."""
    return (_three(phase.ack), _three(phase.end_to_end))


LEDGER_HEADINGS = (
    "Scheduled",
    "Acked",
    "Consumed",
    "Lost",
    "Not yet",
    "Indeterminate",
    "Refused",
    "Twice",
    "Ack p50 / p99 / max",
    "End to end p50 / p99 / max",
)


def _three(latency: Latency) -> str:
    return percentiles(latency, "p50", "p99", "max")
