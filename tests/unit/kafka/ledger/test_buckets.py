from __future__ import annotations

from chaos_runner.kafka.ledger.buckets import Buckets, Slot
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import add, bin_of, percentile
from chaos_runner.measurements.named_records import LostRecord

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE


def test_a_bucket_is_told_again_only_when_it_changed() -> None:
    buckets = Buckets(start=1000.0)
    slot = Slot(3, "before", LED)
    buckets.schedule(slot).scheduled += 1
    (told,) = buckets.take_changed(1003.5)
    assert (told.second, told.elapsed, told.phase, told.group) == (
        3,
        1003.0,
        "before",
        LED,
    )
    buckets.at(slot).acked += 1
    assert [(bucket.scheduled, bucket.acked) for bucket in buckets.take_changed(1004)] == [(1, 1)]
    assert buckets.take_changed(1100.0) == [], "nothing is open, so its age says nothing"


def test_an_open_bucket_is_told_again_whenever_its_age_has_doubled() -> None:
    buckets = Buckets(start=0.0)
    buckets.schedule(Slot(0, "during")).scheduled += 5
    told = [now for now in range(1, 65) if buckets.take_changed(now)]
    assert told == [1, 2, 4, 8, 16, 32, 64]


def test_what_is_open_counts_as_waiting_since_the_end_of_its_second() -> None:
    buckets = Buckets(start=100.0)
    slot = Slot(2, "during")
    tally = buckets.schedule(slot)
    tally.scheduled, tally.acked, tally.not_yet_consumed = 10, 4, 3
    (told,) = buckets.take_changed(110.0)
    assert sum(told.ack_censored.values()) == 6
    assert sum(told.end_to_end_censored.values()) == 3
    waited = percentile(told.ack_censored, 50)
    assert waited is not None and abs(waited - 7000) < 7000 / 64
    tally.acked, tally.not_yet_consumed, tally.changed = 10, 0, True
    (told,) = buckets.take_changed(111.0)
    assert (told.ack_censored, told.end_to_end_censored) == ({}, {}), "it waits no more"


def test_one_second_may_belong_to_two_phases_and_two_groups() -> None:
    buckets = Buckets(start=0.0)
    buckets.schedule(Slot(3, "before", CONTROL)).scheduled += 2
    buckets.schedule(Slot(3, "during", CONTROL)).scheduled += 5
    buckets.schedule(Slot(3, "during", LED)).scheduled += 1
    told = {(told.phase, told.group): told.scheduled for told in buckets.take_changed(4.0)}
    assert told == {
        ("before", CONTROL): 2,
        ("during", CONTROL): 5,
        ("during", LED): 1,
    }
    assert buckets.second(3).scheduled == 8
    assert buckets.totals(4.0)["during"].scheduled == 6
    groups = buckets.group_totals(4.0)
    assert (
        groups[CONTROL]["during"].scheduled,
        groups[LED]["during"].scheduled,
    ) == (5, 1)
    assert "before" not in groups[LED]


def test_without_targets_there_are_no_groups_to_tell() -> None:
    buckets = Buckets(start=0.0)
    buckets.schedule(Slot(3, "before")).scheduled += 2
    assert buckets.group_totals(4.0) == {}


def test_settled_seconds_are_dropped_and_stay_in_the_totals() -> None:
    buckets = Buckets(start=0.0)
    settled, open_slot = Slot(1, "before", REPLICATED), Slot(2, "before", REPLICATED)
    buckets.schedule(settled).scheduled += 1
    buckets.at(settled).acked += 1
    add(buckets.at(settled).ack, {bin_of(5.0): 1})
    buckets.schedule(open_slot).scheduled += 1
    buckets.drop_settled(before=10)
    assert buckets.second(1).scheduled == 1, "what was never told must not be dropped"
    buckets.take_changed(3.0)
    buckets.drop_settled(before=10)
    assert buckets.second(1).scheduled == 0
    assert buckets.second(2).scheduled == 1
    for totals in (
        buckets.totals(3.0)["before"],
        buckets.group_totals(3.0)[REPLICATED]["before"],
    ):
        assert (totals.scheduled, totals.acked, sum(totals.ack.values())) == (2, 1, 1)


def test_a_late_duplicate_of_a_dropped_second_counts_in_the_totals() -> None:
    buckets = Buckets(start=0.0)
    slot = Slot(1, "before")
    buckets.schedule(slot).rejected += 1
    buckets.at(slot).scheduled += 1
    buckets.take_changed(2.0)
    buckets.drop_settled(before=10)
    buckets.at(slot).duplicates += 1
    assert buckets.take_changed(3.0) == []
    assert buckets.totals(3.0)["before"].duplicates == 1


def test_open_records_are_those_without_an_end() -> None:
    buckets = Buckets(start=0.0)
    tally = buckets.schedule(Slot(1, "before"))
    tally.scheduled, tally.rejected, tally.acked, tally.indeterminate, tally.not_yet_consumed = (
        10,
        1,
        4,
        2,
        3,
    )
    assert tally.open_records == 6
    assert buckets.open_records(before=2) == 6
    assert buckets.open_records(before=1) == 0


def test_only_the_first_hundred_lost_records_are_named() -> None:
    buckets = Buckets(start=0.0)
    for second in range(2):
        tally = buckets.schedule(Slot(second, "during"))
        for number in range(170):
            tally.name_lost(LostRecord(partition=0, sequence=number, offset=number))
        assert len(tally.lost_records) == 100
    assert len(buckets.totals(3.0)["during"].lost_records) == 100
