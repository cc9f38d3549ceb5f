"""From what was measured to what is tolerated, and what is refused as not normal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.baseline.baseline import propose, to_write
from chaos_runner.baseline.head_room import rounded_up, tolerated
from chaos_runner.baseline.measured import Measured, measured_in
from chaos_runner.experiment.models import Experiment
from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import (
    Event,
    PhaseStarted,
    ProbeFinished,
    ProbeHealth,
    RunFinished,
    RunStarted,
)
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.units import parse_duration, parse_percentage
from chaos_runner.verdict.run_reason import RunReason

AT: dict[str, object] = {"at": datetime(2026, 11, 25, tzinfo=UTC), "elapsed": 1.0}


def totals(milliseconds: float = 87.3, **changes: int) -> Totals:
    counts = {"scheduled": 2000, "acked": 2000, "consumed": 2000} | changes
    histogram = {bin_of(milliseconds): counts["acked"]}
    return Totals.model_validate({**counts, "ack": histogram, "end_to_end": histogram})


def health(**changes: object) -> Health:
    whole: dict[str, object] = {
        "elapsed": 1.0,
        "brokers": 4,
        "under_replicated": 0,
        "offline": 0,
        "not_preferred": 0,
    }
    return Health.model_validate(whole | changes)


def journal(
    counted: Totals,
    polls: list[Health] | None = None,
    verdict: str = "held",
    reasons: tuple[RunReason, ...] = (),
) -> ReadJournal:
    started = RunStarted.model_validate(
        {
            **AT,
            "run": "r",
            "kind": "baseline",
            "title": "t",
            "experiment_file": "x.yml",
            "experiment": {},
            "inventory": "",
            "faults": [],
            "steady_state": {},
            "versions": {},
            "process": 1,
        }
    )
    events: list[Event] = [
        started,
        PhaseStarted.model_validate({**AT, "phase": "warm-up"}),
        ProbeHealth.model_validate({**AT, "health": health(under_replicated=9, tick_lag=900)}),
        PhaseStarted.model_validate({**AT, "phase": "before"}),
    ]
    for poll in polls or [health()] * 20:
        events.append(ProbeHealth.model_validate({**AT, "health": poll}))
    events += [
        PhaseStarted.model_validate({**AT, "phase": "drain"}),
        ProbeFinished.model_validate({**AT, "complete": True, "totals": {"before": counted}}),
        RunFinished.model_validate(
            {**AT, "verdict": verdict, "exit_code": 0, "reasons": list(reasons)}
        ),
    ]
    return ReadJournal(started, tuple(events))


def measured(**changes: int) -> Measured:
    return measured_in(journal(totals(**changes)))


def experiment(**steady_state: object) -> Experiment:
    return Experiment.model_validate(
        {"title": "x", "steady_state": steady_state, "faults": [{"network_partition": {}}]}
    )


def test_a_quiet_cluster_is_normal_and_the_warm_up_does_not_count() -> None:
    normal = measured()
    assert normal.doubts == ()
    assert (normal.availability, normal.loss, normal.under_replicated) == (100.0, 0.0, 0)
    assert normal.latencies["ack_p99"] == pytest.approx(87.3, rel=0.016)


@pytest.mark.parametrize(
    ("doubtful", "words"),
    [
        (journal(totals(scheduled=900, acked=900, consumed=900)), "900 records are too few"),
        (journal(totals(lost=1)), "1 acknowledged records were lost without any fault"),
        (journal(totals(), [health(), health(under_replicated=1)]), "under-replicated or offline"),
        (journal(totals(), [health(), health(offline=1)]), "under-replicated or offline"),
        (journal(totals(), [health(answered=False)]), "did not answer 1 of 1"),
        (
            journal(totals(), [health(sends=100)] * 18 + [health(sends=100, late_sends=60)] * 2),
            "short of CPU: 6% of its sends",
        ),
        (
            journal(
                totals(),
                verdict="inconclusive",
                reasons=(RunReason(code="run_failed", detail="not quiet"),),
            ),
            "not quiet",
        ),
    ],
)
def test_what_is_not_normal_is_told(doubtful: ReadJournal, words: str) -> None:
    assert any(words in doubt for doubt in measured_in(doubtful).doubts)


def test_a_probe_is_short_of_cpu_where_more_than_one_send_in_a_hundred_was_late() -> None:
    late = [health(tick_lag=60, sends=100, late_sends=count) for count in (1, 2)]
    assert measured_in(journal(totals(), [late[0]] * 20)).doubts == ()
    (doubt,) = measured_in(journal(totals(), [late[1]] * 20)).doubts
    assert doubt == "the probe was short of CPU: 2% of its sends ran more than 50 ms late"


def test_one_late_second_in_twenty_is_forgiven() -> None:
    polls = [health(sends=100)] * 19 + [health(tick_lag=60, sends=100, late_sends=20)]
    assert measured_in(journal(totals(), polls)).doubts == ()


def test_a_run_without_its_end_is_not_normal() -> None:
    cut = journal(totals())
    doubts = measured_in(ReadJournal(cut.started, cut.events[:-2])).doubts
    assert "the run did not come to its end" in doubts


def test_records_that_never_came_count_in_the_percentiles() -> None:
    assert measured(acked=1970).latencies["ack_p99"] is None
    assert measured(acked=1990).latencies["ack_p99"] is not None
    assert tolerated("ack_p99", measured(acked=1970), 50) is None


@pytest.mark.parametrize(
    ("milliseconds", "head_room", "limit"),
    [
        (87.3, 50, "150ms"),
        (1.2, 50, "15ms"),
        (87.3, 0, "100ms"),
        (700, 50, "1.5s"),
        (900, 100, "2s"),
    ],
)
def test_latencies_get_head_room_and_a_human_number(
    milliseconds: float, head_room: float, limit: str
) -> None:
    normal = measured_in(journal(totals(milliseconds)))
    assert tolerated("ack_p99", normal, head_room) == limit


@pytest.mark.parametrize(
    ("acked", "limit"), [(2000, "99.9%"), (1998, "99.8%"), (1990, "99%"), (1000, "0%")]
)
def test_a_share_of_failures_gets_head_room_too(acked: int, limit: str) -> None:
    assert tolerated("availability", measured(acked=acked), 50) == limit


def test_loss_and_lagging_replicas_are_never_proposed() -> None:
    assert tolerated("loss", measured(lost=5), 50) is None
    assert tolerated("under_replicated_partitions", measured(), 50) is None


def test_what_the_user_wrote_is_kept_and_the_rest_is_added() -> None:
    rows = propose(experiment(ack_p99="20ms", ack_max="10s"), measured(), 50, replace=False)
    assert to_write(rows) == {
        "duplicates": "0.1%",
        "availability": "99.9%",
        "end_to_end_p99": "150ms",
    }
    by_name = {row.tolerance: row for row in rows}
    assert (by_name["ack_p99"].status, by_name["ack_p99"].exceeded) == ("kept", True)
    assert (by_name["ack_max"].status, by_name["ack_max"].exceeded) == ("kept", False)
    assert (by_name["loss"].status, by_name["loss"].experiment) == ("shown", "")


def test_replace_replaces_what_the_user_wrote_but_never_the_loss() -> None:
    said = experiment(loss="1%", ack_p99="20ms", ack_max="10s", under_replicated_partitions=2)
    written = to_write(propose(said, measured(), 50, replace=True))
    assert written == {
        "duplicates": "0.1%",
        "availability": "99.9%",
        "ack_p99": "150ms",
        "ack_max": "150ms",
        "end_to_end_p99": "150ms",
    }


@given(st.floats(0.001, 1e7), st.sampled_from([(1, 1.5, 2, 3, 5, 10), (1, 2, 5, 10)]))
def test_rounding_is_up_and_never_by_far(value: float, steps: tuple[float, ...]) -> None:
    rounded = rounded_up(value, steps)
    assert value * (1 - 1e-8) <= rounded <= value * 2.5 * (1 + 1e-8)


@given(st.floats(0.01, 3_000_000), st.integers(0, 2000), st.floats(0, 100))
def test_normal_holds_what_was_made_of_it(
    milliseconds: float, never: int, head_room: float
) -> None:
    normal = measured_in(journal(totals(milliseconds, acked=2000 - never)))
    limit = tolerated("ack_p99", normal, head_room)
    seen = normal.latencies["ack_p99"]
    if limit is None or seen is None:
        assert (limit, seen) == (None, None)
    else:
        assert 1000 * parse_duration(limit) > seen
    availability = tolerated("availability", normal, head_room)
    assert availability is not None
    assert parse_percentage(availability) <= normal.availability
