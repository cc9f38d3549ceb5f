"""Runs that are on, as metrics for Prometheus. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from chaos_runner.analysis.arrivals import Quantile
from chaos_runner.live.run_state import RunState
from chaos_runner.report.exports.prometheus_text import MetricType, Sample, metric_text
from chaos_runner.wording.safeguards import condition_words

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_COUNTED = {
    "produced": ("scheduled", "rejected"),
    "acknowledged": ("acked", ""),
    "consumed": ("consumed", ""),
}


@dataclass(frozen=True)
class LiveMetric:
    """One metric: its name, what it means, and its samples of a run."""

    name: str
    meaning: str
    samples: Callable[[RunState], Iterable[Sample]]
    kind: MetricType = "gauge"


def metrics_of(states: Sequence[RunState]) -> str:
    """Return the metrics of runs that are on; each has the labels `experiment` and `run`."""
    number = metric_text("chaos_runner_live_runs", "Runs that are on.", [({}, len(states))])
    lines = [line for each in LIVE_METRICS for line in _lines(each, states)]
    return "".join([*number, *lines])


def _lines(metric: LiveMetric, states: Sequence[RunState]) -> Iterator[str]:
    samples = (
        ({"experiment": state.outline.title, "run": state.outline.run, **labels}, value)
        for state in states
        for labels, value in metric.samples(state)
    )
    return metric_text(metric.name, metric.meaning, samples, metric.kind)


def _phase(state: RunState) -> Iterator[Sample]:
    yield {"phase": state.phase}, 1


def _records(state: RunState) -> Iterator[Sample]:
    for outcome, (counted, without) in _COUNTED.items():
        yield {"outcome": outcome}, state.count(counted) - (state.count(without) if without else 0)


def _lost(state: RunState) -> Iterator[Sample]:
    yield {}, state.count("lost")


def _unconsumed(state: RunState) -> Iterator[Sample]:
    yield {}, state.count("not_yet_consumed")


def _latencies(state: RunState) -> Iterator[Sample]:
    for group, found in state.latency_of_groups().items():
        for quantile, value in zip(("0.5", "0.99"), found, strict=True):
            if value is not None:
                yield {"exposure": group.value, "quantile": quantile}, _seconds(value)


def _seconds(value: Quantile) -> float:
    return inf if value.never else value.milliseconds / 1000


def _acknowledged(state: RunState) -> Iterator[Sample]:
    for group, percent in state.availability_now().items():
        yield {"exposure": group.value}, percent / 100


def _acknowledged_by_zone(state: RunState) -> Iterator[Sample]:
    for zone, percent in state.availability_of_zones().items():
        yield {"zone": zone}, percent / 100


def _latencies_by_zone(state: RunState) -> Iterator[Sample]:
    for zone, found in state.latency_of_zones().items():
        for quantile, value in zip(("0.5", "0.99"), found, strict=True):
            if value is not None:
                yield {"zone": zone, "quantile": quantile}, _seconds(value)


def _load_rate(state: RunState) -> Iterator[Sample]:
    if state.load is not None:
        yield {}, state.load.per_second


def _load_latency(state: RunState) -> Iterator[Sample]:
    if state.load is not None:
        yield {"figure": "average"}, state.load.average / 1000
        yield {"figure": "longest"}, state.load.longest / 1000


def _hosts(state: RunState) -> Iterator[Sample]:
    for word, number in Counter(state.hosts.values()).items():
        yield {"state": word}, number


def _faults(state: RunState) -> Iterator[Sample]:
    kinds = Counter(fault.kind for faults in state.course.on_hosts().values() for fault in faults)
    for kind, number in kinds.items():
        yield {"kind": kind}, number


def _exceeded(state: RunState) -> Iterator[Sample]:
    for standing in state.standings():
        yield {"safeguard": condition_words(standing.safeguard)}, standing.exceeded_for


def _hold(state: RunState) -> Iterator[Sample]:
    for standing in state.standings():
        yield {"safeguard": condition_words(standing.safeguard)}, standing.safeguard.hold


def _tripped(state: RunState) -> Iterator[Sample]:
    yield {}, state.safeguards.tripped is not None


LIVE_METRICS = (
    LiveMetric("chaos_runner_live_phase", "1; the label says which phase it is.", _phase),
    LiveMetric(
        "chaos_runner_live_records_total",
        "Records of the probe by what became of them so far.",
        _records,
        "counter",
    ),
    LiveMetric(
        "chaos_runner_live_records_lost", "Records that are lost as far as is known.", _lost
    ),
    LiveMetric(
        "chaos_runner_live_records_unconsumed",
        "Acknowledged records that were not consumed yet.",
        _unconsumed,
    ),
    LiveMetric(
        "chaos_runner_live_latency_seconds",
        "End-to-end latency in the newest second that is over; what never came counts as +Inf.",
        _latencies,
    ),
    LiveMetric(
        "chaos_runner_live_acknowledged_ratio",
        "Share of the records of the newest second that is over which are acknowledged.",
        _acknowledged,
    ),
    LiveMetric(
        "chaos_runner_live_zone_acknowledged_ratio",
        "The same of each zone with a probe; the label is empty for the control node.",
        _acknowledged_by_zone,
    ),
    LiveMetric(
        "chaos_runner_live_zone_latency_seconds",
        "End-to-end latency of each zone with a probe in that second.",
        _latencies_by_zone,
    ),
    LiveMetric(
        "chaos_runner_live_load_records_per_second",
        "What the load beside the probe sent in its last report.",
        _load_rate,
    ),
    LiveMetric(
        "chaos_runner_live_load_latency_seconds",
        "Until the load's records were acknowledged, in its last report.",
        _load_latency,
    ),
    LiveMetric("chaos_runner_live_hosts", "Hosts of the run by their state.", _hosts),
    LiveMetric("chaos_runner_live_faults", "Faults that are on, by kind, one a host.", _faults),
    LiveMetric(
        "chaos_runner_live_safeguard_exceeded_seconds",
        "For how long the limit of a safeguard has been exceeded without a break.",
        _exceeded,
    ),
    LiveMetric(
        "chaos_runner_live_safeguard_hold_seconds",
        "After how long of that a safeguard ends the faults.",
        _hold,
    ),
    LiveMetric(
        "chaos_runner_live_safeguard_tripped", "1 where a safeguard has ended the faults.", _tripped
    ),
)
