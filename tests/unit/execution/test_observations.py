"""What the probe says becomes counts to judge; no record falls between two phases."""

from __future__ import annotations

import time

from chaos_runner.execution.observations import Observations
from chaos_runner.journal.events import ProbeBucket, Waiting
from chaos_runner.kafka.common.messages import BucketMessage, HealthMessage, WaitingMessage
from chaos_runner.measurements.model import Bucket, ControllerHealth, Health, Totals
from chaos_runner.measurements.named_records import LostRecord
from chaos_runner.measurements.phases import totals_to_judge
from tests.unit.conftest import OpenJournal


def bucket(second: int, phase: str, **counts: int) -> BucketMessage:
    elapsed = time.monotonic() - 30 + second
    return BucketMessage(
        bucket=Bucket(second=second, elapsed=elapsed, phase=phase).model_copy(update=counts)
    )


def observed(open_journal: OpenJournal) -> tuple[Observations, list[object]]:
    events: list[object] = []
    return Observations(open_journal(events.append)), events


def test_a_later_telling_of_a_second_wins(open_journal: OpenJournal) -> None:
    observations, _ = observed(open_journal)
    observations.receive(bucket(1, "before", scheduled=100, acked=60))
    observations.receive(bucket(1, "before", scheduled=100, acked=100, consumed=100))
    totals = observations.totals("before")
    assert (totals.scheduled, totals.acked, totals.pending) == (100, 100, 0)


def test_the_same_second_counts_for_two_phases(open_journal: OpenJournal) -> None:
    observations, _ = observed(open_journal)
    observations.receive(bucket(1, "before", acked=40))
    observations.receive(bucket(1, "inject", acked=60))
    assert observations.totals("before").acked == 40
    assert observations.totals("inject").acked == 60


def test_journalled_times_are_on_the_clock_of_the_run(open_journal: OpenJournal) -> None:
    observations, events = observed(open_journal)
    message = bucket(1, "before")
    observations.receive(message)
    (event,) = events
    assert isinstance(event, ProbeBucket)
    assert event.bucket.elapsed < 0
    assert event.bucket.elapsed == round(message.bucket.elapsed - observations._journal.started, 3)


def test_health_belongs_to_the_phase_it_came_in(open_journal: OpenJournal) -> None:
    observations, _ = observed(open_journal)
    observations.enter_phase("during")
    health = Health(
        elapsed=time.monotonic(), brokers=3, under_replicated=2, offline=0, not_preferred=1
    )
    observations.receive(HealthMessage(health=health))
    assert observations.health_of("before") == []
    assert observations.health_of("during") == [health]


def test_during_answers_for_every_record_from_inject_to_recovery() -> None:
    totals = {
        "before": Totals(acked=10, lost=1),
        "inject": Totals(acked=1, lost=1, ack={1: 1}),
        "during": Totals(acked=2, ack={2: 2}),
        "roll-back": Totals(
            acked=3,
            lost=1,
            lost_records=[LostRecord(partition=0, sequence=7, offset=9)],
            ack={3: 3},
        ),
        "after": Totals(acked=10),
    }
    judged = totals_to_judge(totals, "during")
    assert (judged.acked, judged.lost, list(map(str, judged.lost_records))) == (6, 2, ["0:7@9"])
    assert judged.ack == {2: 2}
    assert totals_to_judge(totals, "before") == totals["before"]
    assert totals_to_judge(totals, "after") == totals["after"]


def test_what_the_probe_waits_for_is_journalled(open_journal: OpenJournal) -> None:
    observations, events = observed(open_journal)
    observations.receive(WaitingMessage(what="the cluster to be quiet: 2 records are under way"))
    (event,) = events
    assert isinstance(event, Waiting)
    assert event.what == "the cluster to be quiet: 2 records are under way"


def test_answers_of_a_day_hold_what_is_equal_once(open_journal: OpenJournal) -> None:
    observations, _ = observed(open_journal)
    told = [
        Health(
            elapsed=float(second),
            brokers=2,
            broker_ids=[1, 2],
            leaders={"0": 1, "1": 1 if second == 3 else 2},
            under_replicated=0,
            offline=0,
            not_preferred=0,
        )
        for second in range(5)
    ]
    told[4] = told[4].model_copy(
        update={"controller": ControllerHealth(age=1, active=True, milliseconds=2)}
    )
    for health in told:
        observations.receive(HealthMessage(health=health))
    kept = observations.health_of("warm-up")
    assert kept == told
    assert [each.model_fields_set for each in kept] == [each.model_fields_set for each in told]
    assert len({id(each.broker_ids) for each in kept}) == 1
    assert len({id(each.leaders) for each in kept}) == 3
