from __future__ import annotations

from chaos_runner.journal.events import FaultApplied, FaultReverted
from chaos_runner.report.charts.chart import Chart
from chaos_runner.report.charts.charts import charts_of
from chaos_runner.report.charts.downsampling import columns_of
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.story.model import RunStory
from tests.unit.report import journals
from tests.unit.report.journal_writer import BEFORE, FAULT, JournalWriter, latency_fault
from tests.unit.report.stories import story_of


def charts(story: RunStory) -> dict[str, Chart]:
    return {chart.key: chart for chart in charts_of(story, timeline_of(story).axis)}


def paths(chart: Chart) -> dict[str, str]:
    return {line.name: line.path for line in chart.lines}


def test_a_run_has_its_four_charts() -> None:
    assert list(charts(story_of(journals.held()))) == [
        "throughput",
        "trouble",
        "latency",
        "cluster",
    ]


def test_seconds_without_data_break_every_line() -> None:
    drawn = charts(story_of(journals.inconclusive()))
    for chart in (drawn["throughput"], drawn["latency"], drawn["cluster"]):
        for name, path in paths(chart).items():
            # No partition was offline in what was written down, so there is no line to break.
            assert path.count("M") == (0 if name == "offline partitions" else 2), name
    whole = charts(story_of(journals.held()))
    assert paths(whole["throughput"])["acknowledged"].count("M") == 1


def test_a_poll_without_answer_breaks_the_line_of_the_cluster() -> None:
    journal = JournalWriter()
    journal.start([])
    for second in range(6):
        journal.health(float(second), answered=second != 3)
    assert paths(charts(story_of(journal))["cluster"])["brokers"].count("M") == 2


def test_trouble_is_drawn_where_there_is_some_and_counted_where_there_is_none() -> None:
    trouble = charts(story_of(journals.deviated()))["trouble"]
    assert {line.name: line.note for line in trouble.lines} == {
        "lost": "5",
        "indeterminate": "40",
        "not yet consumed": "0",
        "refused": "7",
    }
    assert paths(trouble)["not yet consumed"] == ""
    assert paths(trouble)["lost"] != ""
    assert trouble.quiet == ""


def test_no_trouble_claims_no_more_than_was_written_down() -> None:
    assert charts(story_of(journals.held()))["trouble"].quiet == "None"
    quiet = charts(story_of(journals.inconclusive()))["trouble"].quiet
    assert quiet == "None in what was written down"


def test_a_tip_says_what_happened_in_its_second() -> None:
    tips = charts(story_of(journals.deviated()))["trouble"].tips
    assert len(tips) == 84
    tip = next(tip for tip in tips if "14:45:51" in tip.text)
    assert tip.text.startswith("14:45:51 UTC, 0:51 into the run · during\n")
    assert "lost 0, indeterminate 40, not yet consumed 0, refused 0" in tip.text


def test_a_long_run_is_gathered_into_few_columns_without_losing_a_record() -> None:
    journal = JournalWriter()
    journal.start([])
    for second in range(1201):
        lost = 3 if second == 700 else 0
        ack = 900.0 if second == 700 else 1.0
        journal.second(
            second, "during", float(second), ack=ack, scheduled=2, acked=2 + lost, lost=lost
        )
    story = story_of(journal)
    columns = columns_of(story.seconds)
    assert len(columns) == 401
    assert sum(column.counts.lost for column in columns) == 3
    assert columns[0].ack.p50 is not None
    assert columns[0].ack.p50 < 2
    worst = columns[700 // 3].ack.p99
    assert worst is not None
    assert worst > 500
    assert [column.rate("scheduled") for column in columns[:2]] == [2.0, 2.0]
    assert charts(story)["trouble"].unit == "records per 3 seconds"


def test_the_fault_window_is_shaded_from_first_on_to_last_off() -> None:
    timeline = timeline_of(story_of(journals.held()))
    (band,) = timeline.bands
    assert (band.left, band.width) == ("37.98%", "35.41%")  # 35.4 s and 33 s of 93.2 s
    assert band.style == ""
    assert timeline.faults[0].wide == "kafka-4: delay 100ms to all peers"
    assert timeline.faults[0].narrow == "kafka-4"


def test_a_window_whose_end_was_not_seen_reaches_the_end_of_the_chart() -> None:
    story = story_of(journals.killed())
    (band,) = timeline_of(story).bands
    assert band.style == "open"
    assert float(band.left[:-1]) + float(band.width[:-1]) == 100


def test_windows_that_overlap_are_shaded_once_and_listed_apart() -> None:
    faults = [latency_fault(fault=f"k_{number}") for number in (1, 2, 3)]
    journal = JournalWriter()
    journal.start(faults)
    for fault, on, off in (("k_1", 10, 30), ("k_2", 20, 40), ("k_3", 60, 70)):
        own = {"fault": fault, "host": "kafka-4"}
        journal.add(FaultApplied, on, lease=15, fingerprint=BEFORE, **own)
        journal.add(FaultReverted, off, channel="ansible", clean=True, **own)
    journal.phase("after", 100.0)
    timeline = timeline_of(story_of(journal))
    assert [(band.left, band.width) for band in timeline.bands] == [
        ("10.00%", "30.00%"),
        ("60.00%", "10.00%"),
    ]
    assert len(timeline.faults) == 3


def test_labels_are_shown_only_where_they_have_room() -> None:
    timeline = timeline_of(story_of(journals.held()))
    labels = {block.tip.split(":")[0]: (block.wide, block.narrow) for block in timeline.phases}
    assert labels["during"] == ("during ✓", "during ✓")
    assert labels["before"] == ("before ✓", "before")
    assert labels["inject"] == ("inject", "")
    assert labels["verify"] == ("", "")


def test_the_bar_of_many_hosts_counts_them_where_their_names_have_no_room() -> None:
    hosts = [f"broker-{number}.stream.example.net" for number in range(1, 7)]
    journal = JournalWriter()
    journal.start([latency_fault(targets=hosts)])
    own = {"fault": FAULT, "host": hosts[0]}
    journal.add(FaultApplied, 35.0, lease=15, fingerprint=BEFORE, **own)
    journal.add(FaultReverted, 68.0, channel="ansible", clean=True, **own)
    journal.phase("after", 95.0)
    (bar,) = timeline_of(story_of(journal)).faults
    assert (bar.wide, bar.narrow) == ("6 hosts: delay 100ms to all peers", "6 hosts")
