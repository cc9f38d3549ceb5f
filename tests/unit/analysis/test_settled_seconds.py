"""Seconds of which nothing more is told are judged as those that are kept whole."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.analysis.moments import Moments
from chaos_runner.analysis.settled_seconds import ClientSeconds
from chaos_runner.analysis.times import recovery_time
from chaos_runner.analysis.windows import Normal, windows_of
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Bucket
from chaos_runner.measurements.series import Series

NORMAL = Normal(end_to_end_p99=100.0, baseline_p99=30.0)
START = 1000.0
TOLD_FOR = 60
"""Seconds for which a probe tells a second that has settled again."""


def told(second: int, state: str, group: Exposure, phase: str) -> Bucket:
    """Return a second that is good, slow, rejected or lost in part, or still on its way."""
    acked = {"rejected": 50, "open": 90}.get(state, 100)
    read = acked - (10 if state in ("open", "lost") else 0)
    return Bucket(
        second=second,
        elapsed=START + second + (0.5 if group is Exposure.NONE else 0.0),
        phase=phase,
        group=group,
        scheduled=100,
        rejected=50 if state == "rejected" else 0,
        acked=acked,
        consumed=read,
        lost=10 if state == "lost" else 0,
        not_yet_consumed=10 if state == "open" else 0,
        ack={500: acked},
        end_to_end={1500 if state == "slow" else 700: read},
        ack_censored={600: 10} if state == "open" else {},
    )


STATES = st.lists(
    st.tuples(st.sampled_from(["good", "good", "good", "slow", "rejected", "lost"]), st.booleans()),
    min_size=20,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(STATES, st.integers(0, 400), st.data())
def test_they_are_judged_as_whole_ones_are(
    states: list[tuple[str, bool]], since: int, data: st.DataObject
) -> None:
    small, whole = ClientSeconds(), Series()
    settles: dict[int, list[Bucket]] = {}
    length = 400
    for second in range(length):
        state, is_late = states[second % len(states)]
        phase = "during" if second < 200 else "recovery"
        every = [told(second, state, group, phase) for group in (Exposure.LEADER, Exposure.NONE)]
        first = [told(second, "open", each.group, phase) for each in every]
        wait = data.draw(st.integers(1, 300)) if is_late and second % 7 == 0 else 1
        settles.setdefault(second + wait, []).extend(every)
        again = settles.pop(second, [])
        settles.setdefault(second + TOLD_FOR - 1, []).extend(
            each for each in again if each.second > second - 2
        )
        for bucket in (*first, *again):
            small.series.take(bucket)
            whole.take(bucket)
    assert len(small.series) < len(whole)
    assert small.series.end == whole.end
    for phase in ("during", "recovery"):
        assert small.series.totals(phase) == whole.totals(phase)
        assert small.series.totals(phase, Exposure.NONE) == whole.totals(phase, Exposure.NONE)
    moment = START + since + 0.25
    wanted = [each for each in windows_of(whole, NORMAL) if each.start + 1.0 > moment]
    assert windows_of(small.later_than(moment), NORMAL) == wanted
    moments = Moments(on=START, roll_back=None, verified=moment, end=START + length)
    times = (
        recovery_time(windows_of(own, NORMAL), moments) for own in (small.later_than(moment), whole)
    )
    assert next(times) == next(times)


def test_a_day_takes_little_room() -> None:
    seconds = ClientSeconds()
    for second in range(4000):
        seconds.series.take(told(second, "good", Exposure.ALL, "during"))
    assert len(seconds.series) == 121
    assert len(seconds.later_than(0.0)) == 4000
