"""Tell people what a run without faults measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_runner.cli.text.outcome import outcome_as_json

if TYPE_CHECKING:
    from pathlib import Path

    from chaos_runner.baseline.measured import Measured
    from chaos_runner.operations.measure import Measurement


def measurement_as_json(measurement: Measurement, report: Path | None) -> dict[str, object]:
    """Return it as the JSON of the command line; latencies are milliseconds."""
    from chaos_runner.wording.checks import check_words
    from chaos_runner.wording.judgements import judgement_words

    measured = measurement.measured
    return outcome_as_json(measurement.outcome, report) | {
        "records": {
            name: getattr(measured.totals, name)
            for name in (
                "scheduled",
                "acked",
                "consumed",
                "lost",
                "indeterminate",
                "not_yet_consumed",
            )
        },
        "availability": measured.availability,
        "loss": measured.loss,
        "duplicates": measured.duplicates,
        "latencies": measured.latencies,
        "under_replicated_partitions": measured.under_replicated,
        "judgements": [
            {**judgement.model_dump(), "text": judgement_words(judgement)}
            for judgement in measured.judgements
        ],
        "checks": [{**each.model_dump(), "text": check_words(each)} for each in measured.checks],
        "doubts": list(measured.doubts),
    }


def print_measurement(measurement: Measurement, report: Path | None, *, as_normal: bool) -> None:
    """Print verdict, figures, judgements and reasons to stdout.

    With `as_normal`, what stands against calling the figures normal is a reason too.
    """
    from rich.console import Console

    from chaos_runner.cli.text.output import VERDICT_COLOURS, foreign
    from chaos_runner.wording.checks import check_words, why_check
    from chaos_runner.wording.judgements import judgement_words, why

    console = Console(soft_wrap=True, highlight=False)
    outcome = measurement.outcome
    colour = VERDICT_COLOURS[outcome.verdict]
    console.print(f"[{colour}]{outcome.verdict}[/]  {foreign(outcome.title)}")
    for name, text in _figures(measurement.measured):
        console.print(f"  {name:<13} {text}")
    for judgement in measurement.measured.judgements:
        words = foreign(judgement_words(judgement))
        coloured = f"[{VERDICT_COLOURS[judgement.verdict]}]{judgement.verdict}[/]"
        console.print(f"  {'judged':<13} {words}, {coloured}{foreign(why(judgement))}")
    for check in measurement.measured.checks:
        coloured = f"[{VERDICT_COLOURS[check.verdict]}]{check.verdict}[/]"
        words = foreign(check_words(check))
        console.print(f"  {'checked':<13} {words}, {coloured}{foreign(why_check(check))}")
    reasons = [*outcome.reasons, *(measurement.measured.doubts if as_normal else ())]
    for reason in dict.fromkeys(reasons):
        console.print(f"  {'but':<13} {foreign(reason)}")
    if report:
        console.print(f"report  {foreign(str(report))}")


def _figures(measured: Measured) -> list[tuple[str, str]]:
    from chaos_runner.baseline.baseline import normal_text

    totals = measured.totals

    def three(which: str) -> str:
        return ", ".join(
            f"{point} {normal_text(f'{which}_{point}', measured)}"
            for point in ("p50", "p99", "max")
        )

    return [
        (
            "records",
            f"{totals.scheduled:,} due, {totals.acked:,} acknowledged, "
            f"{totals.consumed:,} consumed, {totals.lost:,} lost",
        ),
        ("availability", normal_text("availability", measured)),
        ("acknowledged", three("ack")),
        ("end to end", three("end_to_end")),
        ("duplicates", normal_text("duplicates", measured)),
        ("under-replic.", f"{normal_text('under_replicated_partitions', measured)} partitions"),
    ]
