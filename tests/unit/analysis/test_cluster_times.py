"""Times as the cluster's metadata told them."""

from __future__ import annotations

from chaos_runner.analysis.cluster_times import cluster_times
from chaos_runner.analysis.moments import Time
from chaos_runner.measurements.model import Health
from tests.unit.analysis.seconds import START, moments
from tests.unit.told import ToldTime, told_time

LED = {"0": 1, "1": 2}
MOVED = {"0": 1, "1": 3}


def answer(second: float, **changes: object) -> Health:
    fine = {"brokers": 4, "under_replicated": 0, "offline": 0, "not_preferred": 0, "leaders": LED}
    return Health.model_validate({"elapsed": START + second, **fine, **changes})


def outage() -> list[Health]:
    """Return a broker gone at 10, fenced at 19, back at 40, in sync at 46, leading at 50."""
    gone = {"brokers": 3, "under_replicated": 2}
    return [
        *(answer(second) for second in range(19)),
        answer(19, brokers=3, offline=1, under_replicated=2, leaders={"0": 1, "1": -1}),
        *(answer(second, leaders=MOVED, not_preferred=1, **gone) for second in range(20, 40)),
        *(
            answer(second, leaders=MOVED, not_preferred=1, under_replicated=2)
            for second in range(40, 46)
        ),
        *(answer(second, leaders=MOVED, not_preferred=1) for second in range(46, 50)),
        *(answer(second) for second in range(50, 60)),
    ]


def test_an_outage_as_the_metadata_tells_it() -> None:
    found = cluster_times(outage(), moments(10, 38, 39.5))
    assert found is not None
    assert told_time(found.detect) == ToldTime(9, "1 offline, 2 under-replicated, 1 broker missing")
    assert found.failover == Time(seconds=10)
    assert found.in_sync == Time(seconds=6.5)
    assert found.preferred == Time(seconds=10.5)


def test_what_was_not_seen_to_come_back_is_censored() -> None:
    found = cluster_times(outage()[:48], moments(10, 38, 39.5))
    assert found is not None
    assert found.in_sync == Time(seconds=6.5)
    assert (found.preferred.seconds, found.preferred.censored) == (7.5, True)


def test_a_partition_without_leader_at_the_end_of_the_fault_has_not_failed_over() -> None:
    polls = outage()[:19] + [
        answer(second, offline=1, leaders={"0": 1, "1": -1}) for second in range(19, 40)
    ]
    found = cluster_times(polls, moments(10, 38, 39.5))
    assert found is not None
    assert (found.failover.seconds, found.failover.censored) == (28, True)


def test_a_cluster_that_noticed_nothing_says_so() -> None:
    found = cluster_times([answer(second) for second in range(60)], moments(10, 38, 39.5))
    assert found is not None
    assert {found.detect.seconds, found.failover.seconds, found.in_sync.seconds} == {None}
    assert told_time(found.in_sync).note == "all the time"


def test_polls_without_an_answer_say_nothing() -> None:
    silent = [answer(second, answered=False, brokers=0) for second in range(60)]
    assert cluster_times(silent, moments(10, 38, 39.5)) is None
    polls = [answer(second) for second in range(10)] + silent[10:]
    found = cluster_times(polls, moments(10, 38, None))
    assert found is not None
    assert found.detect.seconds is None
    assert told_time(found.failover).note == "the cluster did not answer while the fault was on"
    assert told_time(found.in_sync).note == "no roll-back was verified"
