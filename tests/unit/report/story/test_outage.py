"""A journal becomes what clients went through, group by group, and says so plainly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import log
from typing import Any

from chaos_runner.analysis.interval import Change
from chaos_runner.analysis.moments import Time
from chaos_runner.journal.events import HostVerified, OutcomesMeasured
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.reason import Reason
from chaos_runner.report.story.client_view import ClientView, GroupStory
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.tables.effect_text import effect_sentences
from chaos_runner.report.tables.group_table import group_rows
from chaos_runner.report.tables.ledger_summary import absent_classes, ledger_rows
from chaos_runner.report.tables.time_table import time_table
from tests.unit.report import journals
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of
from tests.unit.told import ToldTime, told_time

LED, REPLICATED, CONTROL = Exposure.LEADER, Exposure.FOLLOWER, Exposure.NONE


def without(value: Any, names: Sequence[str]) -> Any:
    """Return JSON without some fields, however deep."""
    if isinstance(value, dict):
        return {name: without(each, names) for name, each in value.items() if name not in names}
    return [without(each, names) for each in value] if isinstance(value, list) else value


def view_of(story: RunStory) -> ClientView:
    assert story.clients is not None
    return story.clients


def group(view: ClientView, name: Exposure) -> GroupStory:
    return next(each for each in view.groups if each.group == name)


def test_each_group_has_its_own_outage() -> None:
    view = view_of(story_of(outage()))
    assert [each.group for each in view.groups] == [
        LED,
        REPLICATED,
        CONTROL,
    ]
    led, control = group(view, LED), group(view, CONTROL)
    assert led.partitions == ("3",)
    assert led.during is not None
    assert (led.during.scheduled, led.during.acked) == (750, 490)
    assert led.during.ack.bounds == ("p99", "max")
    assert led.times is not None
    assert led.times.detect == Time(seconds=0.6)
    assert led.times.failover == Time(seconds=11.6)
    assert led.times.recover == Time(seconds=0)
    assert told_time(led.times.outage) == ToldTime(11.2, "partition 3")
    assert led.times.bad_seconds == 11
    assert control.times is not None
    assert control.times.bad_seconds == 0
    assert control.times.outage.seconds == 0
    assert control.effect is not None
    assert control.effect.availability is not None
    assert control.effect.availability.change == 0


def test_the_cluster_tells_its_own_times() -> None:
    cluster = view_of(story_of(outage())).cluster
    assert cluster is not None
    assert told_time(cluster.detect) == ToldTime(9.9, "9 under-replicated, 1 broker missing")
    assert cluster.in_sync == Time(seconds=4.3)
    assert cluster.preferred == Time(seconds=18.3)


def test_the_sentences_say_what_it_cost_whom() -> None:
    availability, latency, how = effect_sentences(view_of(story_of(outage())))
    assert availability == (
        "The fault cost partitions led by a target 35 percentage points of availability; "
        "partitions replicated on a target: nothing; partitions of the control group: "
        "nothing."
    )
    assert latency.startswith("Acknowledgements took at least 14 times as long on partitions led")
    assert latency.endswith("on partitions of the control group: no longer than before.")
    assert "less what the partitions of the control group went through" in how


def test_a_large_factor_is_a_number_people_read() -> None:
    view = view_of(story_of(outage()))
    effect = group(view, LED).effect
    assert effect is not None
    slow = Change(change=log(1534), low=None, high=None)
    effect = effect.model_copy(update={"latency": slow, "latency_is_bound": False})
    led = group(view, LED).model_copy(update={"effect": effect})
    view = view.model_copy(update={"groups": (led,)})
    _, latency, _ = effect_sentences(view)
    assert latency.startswith("Acknowledgements took 1,500 times as long (too few seconds")


def test_without_a_control_group_the_sentences_say_so_and_why() -> None:
    view = view_of(story_of(outage(control=False)))
    assert [each.group for each in view.groups] == [LED, REPLICATED]
    assert view.why_no_control == (
        "with 3 brokers and 3 replicas, every partition has a replica on a target; "
        "it takes more brokers than replicas"
    )
    availability, _, how = effect_sentences(view)
    assert availability.startswith("The fault cost partitions led by a target 35 percentage points")
    assert how.startswith(f"There is no control group: {view.why_no_control}.")


def test_the_account_names_what_there_was_and_what_there_was_not() -> None:
    story = story_of(outage())
    assert [(row.name, row.records) for row in ledger_rows(story)] == [
        ("Indeterminate", "260"),
        ("Missed by the reader", "2"),
    ]
    assert absent_classes(story) == (
        "lost, refused, not yet consumed, duplicate, reordered, removed unread, withdrawn, "
        "corrupt, phantom and foreign"
    )


def test_duplicates_break_a_promise_only_to_an_idempotent_producer() -> None:
    for idempotent, level in (("true", "bad"), ("false", "doubtful")):
        journal = JournalWriter()
        journal.start([])
        journal.probe_started(1.0, client={"enable.idempotence": idempotent})
        journal.second(1, "during", 2.0, duplicates=3)
        (row,) = ledger_rows(story_of(journal))
        assert (row.name, row.records, row.level) == ("Duplicate", "3", level)


def test_anomalies_are_remarked_on() -> None:
    journal = outage(finished=False)
    journal.probe_finished(93.0, anomalies={"corrupt": 1, "phantom": 2, "trimmed": 3})
    texts = [remark.text for remark in story_of(journal).remarks]
    assert texts[:2] == [
        "1 record with a wrong checksum.",
        "2 records never sent and yet read (phantom).",
    ]
    assert "3 records removed by retention unread." in texts


def test_a_client_that_was_replaced_is_remarked_on() -> None:
    journal = outage(finished=False)
    journal.probe_finished(93.0, anomalies={"rebuilt_readers": 2, "rebuilt_producers": 1})
    texts = " ".join(remark.text for remark in story_of(journal).remarks)
    assert "2 readers of the probe stood still where another client did not" in texts
    assert "1 producer of the probe stood still" in texts


def test_the_group_table_has_a_row_before_and_one_during() -> None:
    rows = group_rows(view_of(story_of(outage())))
    assert [(row.name, row.cells[0]) for row in rows[:2]] == [
        ("Led by a target", "before"),
        ("Led by a target", "during"),
    ]
    assert rows[0].cells[1] == "100.0 %"
    assert rows[1].cells[1] == "65.3 %"
    assert rows[1].cells[3].startswith("> 9.")


def test_times_stand_side_by_side() -> None:
    table = time_table(view_of(story_of(outage())))
    assert table is not None
    assert table.headings == (
        "Clients saw",
        "Led by a target",
        "Replicated on a target",
        "Control group",
        "The cluster told",
    )
    rows = {row.name: [cell.text for cell in row.cells] for row in table.rows}
    assert rows == {
        "Noticed": ["0.6 s", "0.6 s", "0.6 s", "—", "9.9 s"],
        "Failed over": ["12 s", "12 s", "11 s", "—", "9.9 s"],
        "Recovered": ["0 s", "0 s", "0 s", "0 s", "4.3 s"],
        "Longest outage": ["11 s", "11 s", "1.3 s", "< 1 s", "—"],
        "Bad seconds": ["11 of 56", "11 of 56", "10 of 56", "0 of 56", "—"],
    }


def test_a_killed_run_claims_no_outage_and_judges_no_second_that_was_under_way() -> None:
    journal = outage(finished=False)
    story = story_of(journal)
    view = view_of(story)
    assert view.outages is None
    assert story.ledger is not None
    assert story.ledger.anomalies is None
    assert view.times is not None
    assert told_time(view.times.outage).note == "the probe gave no account of outages"
    assert view.times.watched_seconds == 51


def test_a_host_that_is_not_proved_clean_has_no_recovery() -> None:
    journal = outage()
    journal.add(HostVerified, 92.0, host="kafka-4", state="unknown")
    times = view_of(story_of(journal)).times
    assert times is not None
    assert told_time(times.recover) == ToldTime(None, "no roll-back was verified")


def test_the_times_that_the_run_has_judged_are_shown_and_not_worked_out_again() -> None:
    journal = outage()
    recovery = Time(seconds=7.5, censored=True, reason=Reason(code="few_good_at_end_of_run"))
    partition = Time(seconds=9.1, reason=Reason(code="outage_of_partition", partition=2))
    journal.add(OutcomesMeasured, 93.1, recovery=recovery, outage=partition, control=None)
    view = view_of(story_of(journal))
    assert view.times is not None
    assert (view.times.recover, view.times.outage) == (recovery, partition)
    assert group(view, LED).times is not None


def test_a_run_in_which_no_fault_was_on_has_no_outage() -> None:
    journal = JournalWriter()
    journal.start([])
    journal.second(1, "before", 2.0)
    assert story_of(journal).clients is None


def test_old_journals_without_groups_still_tell_the_times() -> None:
    journal = journals.held()
    new = ("groups", "anomalies", "outages", "ack_censored", "end_to_end_censored", "profile")
    journal.lines = [
        json.dumps(without(json.loads(line), (*new, "exposure", "group", "reordered")))
        for line in journal.lines
    ]
    story = story_of(journal)
    view = view_of(story)
    assert view.groups == ()
    assert view.times is not None
    assert view.times.bad_seconds == 31
    assert view.why_no_control.startswith("the journal does not tell which partitions")
    assert effect_sentences(view) == ()
    assert story.ledger is not None
    assert story.ledger.anomalies is None
    assert told_time(view.times.outage).note == "the probe gave no account of outages"
