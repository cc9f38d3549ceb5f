"""A starved probe cannot tell how slow the cluster was, but what it lost is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Health, Totals
from chaos_runner.verdict.judgement import Verdict
from chaos_runner.verdict.short_of_cpu import short_of_cpu
from chaos_runner.verdict.tolerances import judge_phase
from chaos_runner.wording.reasons import reason_words
from tests.unit.told import told

COUNTS = Totals(scheduled=100, acked=90, consumed=90, lost=1, ack={bin_of(400): 90})


def answers(*sends: tuple[int, int]) -> list[Health]:
    """Return one health answer for each pair of sends and late sends."""
    return [
        Health(
            elapsed=float(second),
            brokers=3,
            under_replicated=0,
            offline=0,
            not_preferred=0,
            sends=sent,
            late_sends=late,
        )
        for second, (sent, late) in enumerate(sends)
    ]


@pytest.mark.parametrize(
    ("tolerance", "limit", "well", "starved"),
    [
        ("ack_p50", "500ms", "held", "held"),
        ("ack_p50", "100ms", "deviated", "inconclusive"),
        ("availability", "80%", "held", "held"),
        ("availability", "99%", "deviated", "inconclusive"),
        ("loss", "0%", "deviated", "deviated"),
        ("loss", "50%", "held", "held"),
        ("duplicates", "0%", "held", "held"),
        ("under_replicated_partitions", 0, "held", "held"),
    ],
)
def test_only_what_the_probes_delay_can_have_caused_is_doubted(
    tolerance: str, limit: str | int, well: Verdict, starved: Verdict
) -> None:
    steady_state = SteadyState.model_validate({"loss": "100%", tolerance: limit})
    for health, verdict in ((answers((100, 1)), well), (answers((100, 2)), starved)):
        _, judgements = judge_phase(steady_state, COUNTS, health, complete=True)
        judgement = next(one for one in judgements if one.tolerance == tolerance)
        assert judgement.verdict == verdict
        assert ("short of CPU" in told(judgement).reason) == (verdict != well)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=300))
def test_starved_means_a_p99_above_fifty_milliseconds(lateness: list[float]) -> None:
    health = answers(*[(1, int(late > 50)) for late in lateness])
    above_p99 = len(lateness) // 100
    p99 = sorted(lateness)[len(lateness) - above_p99 - 1]
    assert bool(short_of_cpu(health)) == (p99 > 50)


def test_the_whole_phase_decides_not_one_bad_second() -> None:
    assert short_of_cpu(answers((100, 5), *[(100, 0)] * 9)) is None
    assert "1.5% of its sends" in reason_words(short_of_cpu(answers((100, 15), *[(100, 0)] * 9)))
    assert short_of_cpu([]) is None
