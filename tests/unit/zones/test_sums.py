"""Together is the sum of the zones, wherever seconds, phases and accounts are added up."""

from __future__ import annotations

import pytest

from chaos_runner.analysis.run_seconds import RunSeconds
from chaos_runner.analysis.second_summarizer import (
    COMPLETE_AFTER,
    LONGEST_SILENCE,
    SecondSummarizer,
)
from chaos_runner.kafka.common.messages import Finished
from chaos_runner.kafka.zones.merging import merged
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Anomalies, Bucket, Outage, Totals
from chaos_runner.measurements.named_records import LostRecord
from chaos_runner.measurements.series import Series

ZONES = ("", "node-a", "node-b")


def bucket(
    second: int, zone: str, acked: int, group: Exposure = Exposure.NONE, phase: str = "during"
) -> Bucket:
    return Bucket(
        second=second, elapsed=100.0 + second, phase=phase, group=group, zone=zone,
        scheduled=10, acked=acked, consumed=acked, ack={5: acked}, end_to_end={9: acked},
    )  # fmt: skip


def buckets() -> list[Bucket]:
    return [
        bucket(second, zone, 10 if zone != "node-a" else second % 10, group)
        for second in range(40)
        for zone in ZONES
        for group in (Exposure.LEADER, Exposure.NONE)
    ]


def test_a_second_has_a_part_for_each_zone_and_a_later_one_takes_its_place_alone() -> None:
    series = Series([bucket(1, "", 10), bucket(1, "node-a", 4)])
    series.take(bucket(1, "node-a", 7))
    (second,) = series
    assert (second.whole.acked, second.whole.scheduled) == (17, 20)
    assert series.totals("during").acked == series.count("acked") == 17
    assert series.totals("during", Exposure.NONE).acked == 17


def test_the_seconds_of_a_report_are_summed_alike_and_split_by_zone() -> None:
    found = RunSeconds()
    for number in range(40):
        found.add([each for each in buckets() if each.second == number], final=True)
    series = Series(buckets())
    assert found.totals("during").acked == series.totals("during").acked
    parts = found.zones()
    assert list(parts) == list(ZONES)
    assert sum(each["during"].acked for each in parts.values()) == found.totals("during").acked
    for group in (Exposure.LEADER, Exposure.NONE):
        assert found.totals("during", group).acked == series.totals("during", group).acked
    assert found.of()[3].scheduled == 60


def test_what_a_fault_cost_a_group_is_of_all_zones_together() -> None:
    whole, one = RunSeconds(), RunSeconds()
    for phase, start in (("before", 0), ("during", 20)):
        for second in range(start, start + 20):
            share = 10 if phase == "before" else 4
            parts = [
                bucket(second, zone, share if zone else 10, Exposure.LEADER, phase)
                for zone in ("", "node-a")
            ]
            whole.add([*parts, bucket(second, "", 10, Exposure.NONE, phase)], final=True)
            summed = parts[0].model_copy(
                update={"scheduled": 20, "acked": 10 + share, "ack": {5: 10 + share}}
            )
            one.add([summed, bucket(second, "", 10, Exposure.NONE, phase)], final=True)
    assert whole.effects()[0].availability == one.effects()[0].availability


def test_one_place_alone_has_no_zones() -> None:
    found = RunSeconds()
    found.add([bucket(1, "", 10)], final=True)
    assert found.zones() == {}


@pytest.mark.parametrize("behind", [COMPLETE_AFTER + 50, LONGEST_SILENCE - 50])
def test_what_a_zone_tells_after_a_cut_is_summarized_with_the_others(behind: int) -> None:
    summarizer = SecondSummarizer()
    found = RunSeconds()
    told = [bucket(second, zone, 10) for second in range(5) for zone in ("", "node-a")]
    told += [bucket(second, "", 10) for second in range(5, behind)]
    told += [bucket(second, "node-a", 10) for second in range(5, behind)]
    told += [bucket(second, zone, 10) for second in range(behind, 2000) for zone in ("", "node-a")]
    for each in told:
        if summarized := summarizer.take(each):
            found.add_summarized(summarized)
    parts = found.zones()
    assert parts["node-a"]["during"].scheduled == parts[""]["during"].scheduled == 10 * len(found)
    assert len(found) > behind


def account(acked: int, outage: float) -> Finished:
    lost = [LostRecord(partition=1, sequence=2, offset=3)]
    totals = Totals(scheduled=10, acked=acked, ack={5: acked}, lost=1, lost_records=lost)
    return Finished(
        request=4,
        complete=True,
        totals={"during": totals},
        groups={"none": {"during": totals}},
        anomalies=Anomalies(corrupt=1),
        outages=[Outage(partition=1, start=outage)],
    )


def test_accounts_add_up_and_single_things_say_whose_they_are() -> None:
    whole = merged({"": account(10, 1.0), "node-a": account(3, 2.0)}, {})
    assert whole.complete
    assert (whole.totals["during"].acked, whole.groups["none"]["during"].lost) == (13, 2)
    assert [each.zone for each in whole.totals["during"].lost_records] == ["", "node-a"]
    assert [(each.zone, each.start) for each in whole.outages] == [("", 1.0), ("node-a", 2.0)]
    assert whole.anomalies.corrupt == 2
    assert {zone: each["during"].acked for zone, each in whole.zones.items()} == {
        "": 10,
        "node-a": 3,
    }


def test_a_zone_without_an_account_makes_the_whole_incomplete_and_is_named() -> None:
    whole = merged({"": account(10, 1.0)}, {"node-a": "it ended"})
    assert not whole.complete
    assert whole.reason == "zone node-a: it ended"
