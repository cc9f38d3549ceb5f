"""What a report makes of many hosts: short where all went well, in full where it did not."""

from __future__ import annotations

from chaos_runner.journal.events import (
    FaultApplied,
    FaultEffect,
    FaultIntended,
    FaultReverted,
    HostVerified,
)
from chaos_runner.measurements.reading import said
from chaos_runner.report.charts.charts import charts_of
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.model import RunStory
from chaos_runner.report.tables.chronicle_table import chronicle_rows
from chaos_runner.report.tables.host_table import brief_hosts, full_hosts, host_commands
from tests.unit.report.journal_writer import BEFORE, FAULT, JournalWriter, latency_fault, proof_of
from tests.unit.report.stories import story_of
from tests.unit.report.test_html import Page

HOSTS = [f"kafka-{number:02}" for number in range(1, 31)]
DIRTY, UNSEEN = HOSTS[3], HOSTS[7]


def fleet() -> RunStory:
    """Tell a run on thirty hosts, of which one stays dirty and one showed no effect."""
    journal = JournalWriter()
    commands = {host: [f"tc qdisc add dev eth{host == DIRTY:d}"] for host in HOSTS}
    journal.start([latency_fault(targets=HOSTS, commands=commands)])
    journal.phase("inject", 1.0)
    for host in HOSTS:
        own = {"fault": FAULT, "host": host}
        journal.add(FaultIntended, 2.0, **own)
        journal.add(FaultApplied, 3.0, lease=15, fingerprint=BEFORE, **own)
        journal.add(FaultEffect, 3.1, seen=host != UNSEEN, readings=[said("rtt 101 ms")], **own)
        journal.add(FaultReverted, 60.0, channel="ansible", clean=True, **own)
        state = "dirty" if host == DIRTY else "clean"
        proof = {"proofs": [proof_of(BEFORE)]}
        journal.add(HostVerified, 61.0, host=host, state=state, **proof)
    return story_of(journal)


def test_hosts_on_which_all_went_well_are_shown_in_brief() -> None:
    story = fleet()
    assert [host.host for host in full_hosts(story)] == [DIRTY, UNSEEN]
    assert len(brief_hosts(story)) == 28
    page, markdown = Page(as_html(story)).text, as_markdown(story)
    for text in (page, markdown):
        assert "28 hosts clean" in text
        for host in HOSTS:
            assert host in text
    assert "kafka-01 rtt 101 ms 14:46:00 same as before" in page


def test_commands_that_hosts_have_in_common_are_shown_once() -> None:
    groups = {group.hosts: group.commands for group in host_commands(fleet())}
    assert groups == {
        "kafka-01, kafka-02 and 27 more": ("tc qdisc add dev eth0",),
        DIRTY: ("tc qdisc add dev eth1",),
    }


def test_what_one_moment_brought_to_many_hosts_is_one_line() -> None:
    lines = [(row.hosts, row.text) for row in chronicle_rows(fleet())]
    assert ("kafka-01, kafka-02 and 28 more", f"{FAULT} is on, with a lease of 15 s") in lines
    assert (UNSEEN, "no effect seen: rtt 101 ms") in lines
    assert len(lines) == 8


def test_polls_that_say_nothing_new_are_not_drawn_and_extremes_are() -> None:
    journal = JournalWriter()
    journal.start([])
    for second in range(3000):
        journal.health(float(second), under_replicated=7 if second == 1501 else second % 2)
    story = story_of(journal)
    cluster = charts_of(story, timeline_of(story).axis)[-1]
    paths = {line.name: line.path for line in cluster.lines}
    assert paths["brokers"].count("H") == 1
    noisy = paths["under-replicated partitions"]
    assert noisy.count("H") <= 1500
    levels = {float(part.partition("H")[0]) for part in noisy.split("V")[1:]}
    assert len(levels) == 3  # 0, 1, and the one poll with 7
