from __future__ import annotations

from chaos_runner.kafka.buckets import Buckets, Slot


def test_a_bucket_is_told_again_only_when_it_changed() -> None:
    buckets = Buckets(start=1000.0)
    slot = Slot(3, "before")
    buckets.schedule(slot).scheduled += 1
    (told,) = buckets.take_changed()
    assert (told.second, told.elapsed, told.phase, told.scheduled) == (3, 1003.0, "before", 1)
    assert buckets.take_changed() == []
    buckets.at(slot).acked += 1
    assert [(bucket.scheduled, bucket.acked) for bucket in buckets.take_changed()] == [(1, 1)]


def test_one_second_may_belong_to_two_phases() -> None:
    buckets = Buckets(start=0.0)
    buckets.schedule(Slot(3, "before")).scheduled += 2
    buckets.schedule(Slot(3, "during")).scheduled += 5
    assert {bucket.phase: bucket.scheduled for bucket in buckets.take_changed()} == {
        "before": 2,
        "during": 5,
    }
    assert buckets.second(3).scheduled == 7


def test_settled_seconds_are_dropped_and_stay_in_the_totals() -> None:
    buckets = Buckets(start=0.0)
    settled, open_slot = Slot(1, "before"), Slot(2, "before")
    buckets.schedule(settled).scheduled += 1
    buckets.at(settled).acked += 1
    buckets.at(settled).note_ack(5.0)
    buckets.schedule(open_slot).scheduled += 1
    buckets.drop_settled(before=10)
    assert buckets.second(1).scheduled == 1, "what was never told must not be dropped"
    buckets.take_changed()
    buckets.drop_settled(before=10)
    assert buckets.second(1).scheduled == 0
    assert buckets.second(2).scheduled == 1
    totals = buckets.totals()["before"]
    assert (totals.scheduled, totals.acked, sum(totals.ack.values())) == (2, 1, 1)


def test_a_late_duplicate_of_a_dropped_second_counts_in_the_totals() -> None:
    buckets = Buckets(start=0.0)
    slot = Slot(1, "before")
    buckets.schedule(slot).rejected += 1
    buckets.at(slot).scheduled += 1
    buckets.take_changed()
    buckets.drop_settled(before=10)
    buckets.at(slot).duplicates += 1
    assert buckets.take_changed() == []
    assert buckets.totals()["before"].duplicates == 1


def test_open_records_are_those_without_an_end() -> None:
    buckets = Buckets(start=0.0)
    tally = buckets.schedule(Slot(1, "before"))
    tally.scheduled, tally.rejected, tally.acked, tally.unknown, tally.unseen = 10, 1, 4, 2, 3
    assert tally.open_records == 6
    assert buckets.open_records(before=2) == 6
    assert buckets.open_records(before=1) == 0


def test_only_the_first_hundred_lost_records_are_named() -> None:
    buckets = Buckets(start=0.0)
    for second in range(2):
        names = [f"0:{number}@{number}" for number in range(70)]
        buckets.schedule(Slot(second, "during")).lost_records = names
    assert len(buckets.totals()["during"].lost_records) == 100
