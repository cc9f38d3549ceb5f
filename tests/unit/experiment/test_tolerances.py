"""Judging phases: deviated only by what is known, inconclusive wherever it could still turn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.verdict.judgement import Judgement, Verdict, worst_verdict
from chaos_runner.verdict.limits import observe
from chaos_runner.verdict.observed import Observed
from chaos_runner.verdict.tolerances import judge_phase
from chaos_runner.wording.reasons import reason_words
from tests.unit.told import told


def counts(scheduled: int = 1000, **changes: int | dict[int, int]) -> Totals:
    """Return a phase in which everything was acknowledged and read, but for the changes."""
    values = {"scheduled": scheduled, "acked": scheduled, "consumed": scheduled, **changes}
    return Totals.model_validate(values)


def observe_health(tolerance: str, limit: float, answers: list[Health]) -> Observed:
    return observe(tolerance, limit, Totals(), answers, complete=True)


def latencies(**milliseconds: int) -> dict[int, int]:
    """Return a histogram from e.g. `ms10=990`: 990 records of 10 ms."""
    return {bin_of(int(name[2:])): count for name, count in milliseconds.items()}


def health(*under_replicated: int, answered: bool = True) -> list[Health]:
    return [
        Health(
            elapsed=float(second),
            brokers=3,
            under_replicated=partitions,
            offline=0,
            not_preferred=0,
            answered=answered,
        )
        for second, partitions in enumerate(under_replicated)
    ]


def judge(
    steady_state: dict[str, object],
    totals: Totals,
    answers: list[Health] | None = None,
    complete: bool = True,
) -> Judgement:
    """Judge by one tolerance (and a loss that can't deviate, where none is given)."""
    read = SteadyState.model_validate({"loss": "100%", **steady_state})
    _, judgements = judge_phase(read, totals, answers or [], complete=complete)
    name = next(iter(steady_state))
    return next(judgement for judgement in judgements if judgement.tolerance == name)


@pytest.mark.parametrize(
    ("limit", "totals", "complete", "verdict", "observed"),
    [
        ("0%", counts(), True, "held", "0%"),
        ("0%", counts(lost=1), True, "deviated", "0.1%"),
        ("0%", counts(lost=1, not_yet_consumed=5), False, "deviated", "0.1%"),
        ("0.1%", counts(lost=1), True, "held", "0.1%"),
        ("0%", counts(), False, "inconclusive", "0%"),
        ("0%", counts(not_yet_consumed=3), True, "inconclusive", "0%"),
        ("5%", counts(lost=50, not_yet_consumed=1), True, "inconclusive", "5%"),
        ("0%", counts(acked=0, indeterminate=1000, consumed=0), True, "inconclusive", "nothing"),
        ("0%", counts(0), True, "inconclusive", "nothing"),
        ("0%", counts(1_000_000, lost=1), True, "deviated", "< 0.001%"),
    ],
)
def test_loss(limit: str, totals: Totals, complete: bool, verdict: Verdict, observed: str) -> None:
    judgement = judge({"loss": limit}, totals, complete=complete)
    assert (judgement.verdict, told(judgement).observed) == (verdict, observed)
    assert told(judgement).limit == f"at most {limit}"
    assert bool(judgement.reason) == (verdict != "held")


@pytest.mark.parametrize(
    ("totals", "complete", "verdict"),
    [
        (counts(), True, "held"),
        (counts(duplicates=1), True, "deviated"),
        (counts(duplicates=1), False, "deviated"),
        (counts(), False, "inconclusive"),
        (counts(consumed=0), True, "inconclusive"),
    ],
)
def test_duplicates(totals: Totals, complete: bool, verdict: Verdict) -> None:
    assert judge({"duplicates": "0%"}, totals, complete=complete).verdict == verdict


@pytest.mark.parametrize(
    ("totals", "complete", "verdict", "observed"),
    [
        (counts(), True, "held", "100%"),
        (counts(acked=990, indeterminate=10), True, "held", "99%"),
        (counts(acked=989, indeterminate=11), True, "deviated", "98.9%"),
        (counts(acked=980, rejected=20), True, "deviated", "98%"),
        (counts(acked=980), False, "inconclusive", "98%"),
        (counts(acked=980), True, "deviated", "98%"),
        (counts(acked=980, indeterminate=15), False, "deviated", "98%"),
        (counts(0), True, "inconclusive", "nothing"),
    ],
)
def test_availability(totals: Totals, complete: bool, verdict: Verdict, observed: str) -> None:
    judgement = judge({"availability": "99%"}, totals, complete=complete)
    assert (judgement.verdict, told(judgement).observed) == (verdict, observed)
    assert told(judgement).limit == "at least 99%"


def test_a_nearly_full_availability_is_not_written_as_full() -> None:
    judgement = judge({"availability": "100%"}, counts(1_000_000, acked=999_999, indeterminate=1))
    assert (judgement.verdict, told(judgement).observed) == ("deviated", "> 99.999%")


@pytest.mark.parametrize(
    ("tolerance", "histogram", "verdict"),
    [
        ("ack_p50", latencies(ms10=510, ms900=490), "held"),
        ("ack_p50", latencies(ms10=490, ms900=510), "deviated"),
        ("ack_p99", latencies(ms10=990, ms900=10), "held"),
        ("ack_p99", latencies(ms10=989, ms900=11), "deviated"),
        ("ack_max", latencies(ms10=1000), "held"),
        ("ack_max", latencies(ms10=999, ms900=1), "deviated"),
    ],
)
def test_latency_percentiles(tolerance: str, histogram: dict[int, int], verdict: Verdict) -> None:
    judgement = judge({tolerance: "500ms"}, counts(ack=histogram))
    assert judgement.verdict == verdict
    assert told(judgement).limit == "at most 500ms"
    end_to_end = judge(
        {tolerance.replace("ack", "end_to_end"): "500ms"}, counts(end_to_end=histogram)
    )
    assert (end_to_end.verdict, told(end_to_end).observed) == (
        judgement.verdict,
        told(judgement).observed,
    )


def test_records_that_were_never_acknowledged_are_slower_than_all_others() -> None:
    few = counts(acked=990, indeterminate=10, ack=latencies(ms10=980, ms400=10))
    assert judge({"ack_p99": "500ms"}, few).verdict == "held"
    many = counts(acked=980, indeterminate=20, ack=latencies(ms10=970, ms400=10))
    judgement = judge({"ack_p99": "500ms"}, many)
    assert judgement.verdict == "deviated"
    assert told(judgement).observed.startswith("> 40")
    assert told(judgement).reason == "20 records were never acknowledged"
    assert judge({"ack_p50": "500ms"}, many).verdict == "held"


def test_a_percentile_among_records_that_waited_says_for_how_long() -> None:
    waited = counts(
        acked=980, indeterminate=20, ack=latencies(ms10=980), ack_censored=latencies(ms30000=20)
    )
    judgement = judge({"ack_p99": "500ms"}, waited)
    assert (judgement.verdict, told(judgement).observed) == ("deviated", "> 30s")


def test_open_records_deviate_once_they_have_waited_longer_than_the_limit() -> None:
    waited = counts(acked=980, ack=latencies(ms10=980), ack_censored=latencies(ms700=20))
    judgement = judge({"ack_p99": "500ms"}, waited, complete=False)
    assert (judgement.verdict, told(judgement).reason) == (
        "deviated",
        "20 records are not acknowledged yet",
    )
    assert judge({"ack_p99": "800ms"}, waited, complete=False).verdict == "inconclusive"


def test_censored_records_push_the_percentile_up_among_those_that_arrived() -> None:
    totals = counts(acked=992, indeterminate=8, ack=latencies(ms10=989, ms900=3))
    assert judge({"ack_p99": "500ms"}, totals).verdict == "deviated"


def test_pending_records_count_once_everything_is_accounted_for() -> None:
    totals = counts(acked=980, ack=latencies(ms10=980))
    assert totals.pending == 20
    assert judge({"ack_p99": "500ms"}, totals, complete=True).verdict == "deviated"
    judgement = judge({"ack_p99": "500ms"}, totals, complete=False)
    assert (judgement.verdict, told(judgement).reason) == (
        "inconclusive",
        "20 records are still open",
    )
    assert judge({"ack_p50": "500ms"}, totals, complete=False).verdict == "held"


def test_rejected_records_were_never_sent_and_have_no_latency() -> None:
    totals = counts(acked=500, consumed=500, rejected=500, ack=latencies(ms10=500))
    assert judge({"ack_max": "500ms"}, totals).verdict == "held"


def test_acknowledged_records_that_were_not_read_back_count_for_end_to_end() -> None:
    arrived = latencies(ms10=980)
    lost = counts(consumed=980, lost=20, end_to_end=arrived)
    assert told(judge({"end_to_end_p99": "500ms"}, lost)).observed.startswith("> ")
    unseen = counts(consumed=980, not_yet_consumed=20, end_to_end=arrived)
    assert judge({"end_to_end_p99": "500ms"}, unseen, complete=False).verdict == "inconclusive"
    assert judge({"end_to_end_p99": "500ms"}, unseen, complete=True).verdict == "deviated"


@pytest.mark.parametrize(
    ("totals", "complete", "verdict", "observed"),
    [
        (counts(acked=0, indeterminate=1000), True, "deviated", "never"),
        (counts(acked=0), False, "inconclusive", "nothing"),
        (counts(acked=0, rejected=1000), True, "inconclusive", "nothing"),
        (counts(0), True, "inconclusive", "nothing"),
    ],
)
def test_latency_where_nothing_arrived(
    totals: Totals, complete: bool, verdict: Verdict, observed: str
) -> None:
    judgement = judge({"ack_p99": "500ms"}, totals, complete=complete)
    assert (judgement.verdict, told(judgement).observed) == (verdict, observed)


@pytest.mark.parametrize(
    ("answers", "verdict", "observed"),
    [
        (health(0, 0), "held", "0"),
        (health(0, 2, 1), "deviated", "2"),
        ([], "inconclusive", "nothing"),
        (health(5, answered=False), "inconclusive", "nothing"),
        (health(0) + health(9, answered=False), "inconclusive", "0"),
        (health(3) + health(0, answered=False), "deviated", "3"),
    ],
)
def test_under_replicated_partitions(
    answers: list[Health], verdict: Verdict, observed: str
) -> None:
    judgement = judge({"under_replicated_partitions": 1}, counts(0), answers)
    assert (judgement.verdict, told(judgement).observed) == (verdict, observed)
    assert told(judgement).limit == "at most 1"


def test_a_phase_has_a_judgement_for_each_tolerance_and_its_worst_verdict() -> None:
    read = SteadyState.model_validate(
        {"availability": "99%", "ack_p99": "1s", "under_replicated_partitions": 0}
    )
    totals = counts(acked=900, indeterminate=100, ack=latencies(ms10=900))
    verdict, judgements = judge_phase(read, totals, [], complete=True)
    assert verdict == "deviated"
    assert {one.tolerance: one.verdict for one in judgements} == {
        "loss": "held",
        "availability": "deviated",
        "ack_p99": "deviated",
        "under_replicated_partitions": "inconclusive",
    }


def test_a_probe_that_sent_nothing_never_says_held() -> None:
    every = {"availability": "0%", "duplicates": "100%", "ack_p50": "1h", "end_to_end_max": "1h"}
    read = SteadyState.model_validate({"loss": "100%", **every})
    verdict, judgements = judge_phase(read, Totals(), [], complete=True)
    assert verdict == "inconclusive"
    assert {one.verdict for one in judgements} == {"inconclusive"}


@given(st.permutations(["held", "deviated", "inconclusive", "held"]))
def test_the_worst_verdict_wins(verdicts: list[Verdict]) -> None:
    assert worst_verdict(verdicts) == "deviated"
    assert worst_verdict([one for one in verdicts if one != "deviated"]) == "inconclusive"
    assert worst_verdict([one for one in verdicts if one == "held"]) == "held"
    assert worst_verdict([]) == "inconclusive"


@given(
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(0, 50),
    st.integers(0, 50),
    st.sampled_from(["loss", "duplicates", "availability"]),
    st.sampled_from(["0%", "1%", "50%", "100%"]),
)
def test_more_knowledge_never_turns_a_verdict_around(
    acked: int, unknown: int, lost: int, pending: int, name: str, limit: str
) -> None:
    lost = min(lost, acked)
    totals = counts(
        acked + unknown + pending,
        acked=acked,
        indeterminate=unknown,
        lost=lost,
        consumed=acked - lost,
    )
    before = judge({name: limit}, totals, complete=False).verdict
    after = judge({name: limit}, totals, complete=True).verdict
    assert before in ("inconclusive", after)


@pytest.mark.parametrize(
    "name", ["under_replicated_partitions", "under_min_isr_partitions", "offline_partitions"]
)
def test_what_a_user_may_not_see_is_not_taken_for_good(name: str) -> None:
    whole = Health(
        elapsed=0, brokers=3, under_replicated=0, under_min_isr=0, offline=0, not_preferred=0
    )
    hidden = whole.model_copy(update={"partial": "topics of others are hidden"})
    assert observe_health(name, 0, [whole]).verdict == "held"
    assert observe_health(name, 0, [hidden]).verdict == "inconclusive"
    assert reason_words(observe_health(name, 0, [hidden]).reason) == "topics of others are hidden"
    bad = hidden.model_copy(update={"under_replicated": 1, "under_min_isr": 1, "offline": 1})
    assert observe_health(name, 0, [hidden, bad]).verdict == "deviated"
    assert observe_health("brokers", 3, [hidden]).verdict == "held"
