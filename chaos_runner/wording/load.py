"""What the load beside the probe did, in words."""

from __future__ import annotations

from chaos_runner.journal.events import LoadEnded, LoadReported, LoadStarted


def load_words(load: LoadStarted) -> str:
    """Say what was started, and where."""
    where = f" on {load.host}" if load.host else ""
    return (
        f"load{where} sends at most {load.rate:g} records/s of {load.size:,} bytes to {load.topic}"
    )


def load_report_words(report: LoadReported) -> str:
    """Say what the last few seconds were."""
    return (
        f"{report.per_second:,.0f} records/s, acknowledged after {report.average:,.0f} ms on "
        f"average, {report.longest:,.0f} ms at most"
    )


def load_end_words(end: LoadEnded) -> str:
    """Say how it ended."""
    if end.by_run:
        return "load ended by the run"
    said = f": {end.output}" if end.output else ""
    return f"load ended by itself, exit code {end.code}{said}"
