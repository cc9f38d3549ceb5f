"""A run as metrics in Prometheus' text format, for node_exporter's textfile collector.

Every series has the label `experiment`. The run's id is a label of one metric alone, so that the
next run of an experiment goes on with the same series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chaos_runner.analysis.latency import PERCENTILES
from chaos_runner.analysis.moments import Time
from chaos_runner.report.exports.prometheus_text import Sample, metric_text
from chaos_runner.report.story.model import RunStory

_VERDICTS = ("held", "deviated", "inconclusive")
_STATES = ("clean", "dirty", "unknown", "untouched")
_RECORDS = {
    "scheduled": "scheduled",
    "acked": "acknowledged",
    "consumed": "consumed",
    "lost": "lost",
    "not_yet_consumed": "not_yet_consumed",
    "indeterminate": "indeterminate",
    "rejected": "rejected",
    "duplicates": "duplicate",
    "reordered": "reordered",
}


@dataclass(frozen=True)
class Metric:
    """One gauge: its name, what it means, and its samples of a run."""

    name: str
    meaning: str
    samples: Callable[[RunStory], Iterable[Sample]]


def as_prometheus(story: RunStory) -> str:
    """Return the run in Prometheus' text format; metrics without a sample are left out."""
    return "".join(line for metric in METRICS for line in _lines(metric, story))


def _lines(metric: Metric, story: RunStory) -> Iterator[str]:
    every = {"experiment": story.title}
    samples = (({**every, **labels}, value) for labels, value in metric.samples(story))
    return metric_text(metric.name, metric.meaning, samples)


def _info(story: RunStory) -> Iterator[Sample]:
    yield {"run": story.run, "kind": story.kind, "owner": story.owner}, 1


def _started(story: RunStory) -> Iterator[Sample]:
    yield {}, story.started.timestamp()


def _ended(story: RunStory) -> Iterator[Sample]:
    yield {}, story.clock(story.stopped).timestamp()


def _verdict(story: RunStory) -> Iterator[Sample]:
    verdict = story.verdict or "unfinished"
    for name in (*_VERDICTS, "unfinished"):
        yield {"verdict": name}, name == verdict


def _exit_code(story: RunStory) -> Iterator[Sample]:
    if story.exit_code is not None:
        yield {}, story.exit_code


def _tolerances(story: RunStory) -> Iterator[Sample]:
    for phase in story.judgements:
        for judgement in phase.judgements:
            key = {"phase": phase.phase, "tolerance": judgement.tolerance}
            for verdict in _VERDICTS:
                yield {**key, "verdict": verdict}, judgement.verdict == verdict


def _checks(story: RunStory) -> Iterator[Sample]:
    for phase in story.judgements:
        for check in phase.checks:
            key = {"phase": phase.phase, "check": check.check}
            for verdict in _VERDICTS:
                yield {**key, "verdict": verdict}, check.verdict == verdict


def _observed(story: RunStory) -> Iterator[Sample]:
    for phase in story.judgements:
        for judgement in phase.judgements:
            value, unit = judgement.observed.value, judgement.observed.unit
            if value is not None and not isinstance(value, str):
                key = {"phase": phase.phase, "tolerance": judgement.tolerance}
                yield {**key, "unit": unit, "bound": judgement.observed.bound}, value


def _records(story: RunStory) -> Iterator[Sample]:
    for phase in story.ledger.phases if story.ledger else ():
        for field, outcome in _RECORDS.items():
            yield {"phase": phase.phase, "outcome": outcome}, getattr(phase, field)


def _latencies(story: RunStory) -> Iterator[Sample]:
    for phase in story.ledger.phases if story.ledger else ():
        for way, latency in (("ack", phase.ack), ("end_to_end", phase.end_to_end)):
            for name in PERCENTILES:
                value = getattr(latency, name)
                if value is not None:
                    bound = "above" if name in latency.bounds else "exact"
                    key = {"phase": phase.phase, "way": way, "percentile": name, "bound": bound}
                    yield key, value / 1000


def _time(name: str) -> Callable[[RunStory], Iterator[Sample]]:
    def samples(story: RunStory) -> Iterator[Sample]:
        times = story.clients.times if story.clients else None
        time: Time | None = getattr(times, name) if times else None
        if time is not None and time.seconds is not None:
            yield {"bound": "above" if time.censored else "exact"}, time.seconds

    return samples


def _faults(story: RunStory) -> Iterator[Sample]:
    for host in story.hosts:
        for fault in host.faults:
            if fault.applied is not None:
                held = fault.held
                if held is None:
                    held = (fault.reverted or story.stopped) - fault.applied
                yield {"fault": fault.fault, "kind": fault.kind, "host": host.host}, held


def _hosts(story: RunStory) -> Iterator[Sample]:
    for host in story.hosts:
        for state in _STATES:
            yield {"host": host.host, "state": state}, host.state == state


def _safeguards(story: RunStory) -> Iterator[Sample]:
    yield {}, len(story.safeguards)


_BOUND = "bound=above where its end was not seen"
METRICS = (
    Metric("chaos_runner_run_info", "1; the labels say which run this is.", _info),
    Metric("chaos_runner_run_start_timestamp_seconds", "When the run began.", _started),
    Metric("chaos_runner_run_end_timestamp_seconds", "When the run wrote its last line.", _ended),
    Metric("chaos_runner_run_verdict", "1 for the verdict on the run, 0 for others.", _verdict),
    Metric("chaos_runner_run_exit_code", "Exit code of the run.", _exit_code),
    Metric(
        "chaos_runner_tolerance_verdict",
        "1 for the verdict on a tolerance in a phase, 0 for others.",
        _tolerances,
    ),
    Metric(
        "chaos_runner_tolerance_observed",
        "What was observed of a tolerance in a phase, in its unit.",
        _observed,
    ),
    Metric(
        "chaos_runner_check_verdict",
        "1 for the verdict on a check in a phase, 0 for others.",
        _checks,
    ),
    Metric("chaos_runner_records", "Records of a phase by what became of them.", _records),
    Metric(
        "chaos_runner_latency_seconds",
        "Latency percentiles of a phase; bound=above for a lower bound.",
        _latencies,
    ),
    Metric(
        "chaos_runner_client_detect_seconds",
        f"Fault on to the first bad second; {_BOUND}.",
        _time("detect"),
    ),
    Metric(
        "chaos_runner_client_failover_seconds",
        f"Fault on to good again while it lasts; {_BOUND}.",
        _time("failover"),
    ),
    Metric(
        "chaos_runner_client_recovery_seconds",
        f"Verified roll-back to good again; {_BOUND}.",
        _time("recover"),
    ),
    Metric(
        "chaos_runner_client_outage_seconds",
        f"Longest time without an ack of one partition; {_BOUND}.",
        _time("outage"),
    ),
    Metric("chaos_runner_fault_held_seconds", "For how long a fault was on a host.", _faults),
    Metric("chaos_runner_host_state", "1 for the state of a host, 0 for others.", _hosts),
    Metric("chaos_runner_safeguards_tripped", "Safeguards that ended faults early.", _safeguards),
)
