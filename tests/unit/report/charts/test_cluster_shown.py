"""What a fault was expected to do to the cluster, what it did, and what would have ended it."""

from __future__ import annotations

import json

import pytest

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm
from chaos_runner.blast_radius.quorum import QuorumImpact
from chaos_runner.fleet.fail_safes import FailSafe
from chaos_runner.journal.events import FaultApplied, FaultReverted, HostVerified, SafeguardTripped
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import ControllerHealth, GroupHealth
from chaos_runner.measurements.reading import NetworkPath, Reading
from chaos_runner.report.charts.charts import charts_of
from chaos_runner.report.charts.timeline import timeline_of
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.tables.cluster_table import cluster_table
from chaos_runner.report.tables.expectation import expectations
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.limits import limit_of
from chaos_runner.verdict.safeguards import Condition
from tests.unit.report import journals
from tests.unit.report.journal_writer import (
    BEFORE,
    FAULT,
    JournalWriter,
    latency_fault,
    proof_of,
)
from tests.unit.report.journals import PHASES
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of
from tests.unit.report.story.test_outage import without
from tests.unit.report.test_html import Page
from tests.unit.told import told_time

RADIUS = BlastRadius(
    gone=["kafka-4"],
    at_risk=["kafka-1"],
    quorum=QuorumImpact(state="holds", text="2 of 3 voters stay together, 2 are needed"),
    topics=[TopicHarm(topic="orders", on_targets=3, lose_leader=2, under_min_isr=1)],
    groups=["payments"],
    notes=["the consumer groups could not be listed"],
)
FAIL_SAFES = [
    FailSafe(name="kernel expiry", fires="no timeout of the kernel ends it", there=False),
    FailSafe(name="lease watchdog", fires="15s after the control node's last renewal"),
]
ROUND_TRIP = Reading(
    name="round_trip",
    value=0.5,
    unit="ms",
    before=0.4,
    path=NetworkPath(interface="eth1", destination="198.18.0.1"),
)
AFTERWARDS = "198.18.0.1 by eth1: round trip 0.5 ms (0.4 ms before)"


def cluster_run(radius: BlastRadius | None = RADIUS) -> JournalWriter:
    """Write a run in which more happened to the cluster than was expected."""
    journal = JournalWriter()
    fault = latency_fault(fail_safes={"kafka-4": FAIL_SAFES})
    journal.start([fault], blast_radius=radius.model_dump() if radius else None)
    for phase, elapsed in PHASES:
        journal.phase(phase, elapsed)
        if phase == "warm-up":
            journal.probe_started(elapsed, exposure={"0": Exposure.FOLLOWER, "1": Exposure.LEADER})
    for second in range(16, 91):
        journal.second(second - 16, "before" if second < 31 else "during", float(second))
        _health(journal, second)
    host = {"fault": FAULT, "host": "kafka-4"}
    journal.add(FaultApplied, 35.4, lease=15, fingerprint=BEFORE, **host)
    watched = Condition(tolerance="ack_p99", limit=limit_of("ack_p99", 1.0), hold=5)
    seen = Observation(value=4.2, unit="seconds")
    journal.add(SafeguardTripped, 52.0, safeguard=watched, observed=seen, since=46.5)
    journal.add(FaultReverted, 52.6, channel="ssh", clean=True, **host)
    journal.add(
        HostVerified, 69.5, host="kafka-4", state="clean", proofs=[proof_of("", "", ROUND_TRIP)]
    )
    return journal


def _health(journal: JournalWriter, second: int) -> None:
    on = 40 <= second < 60
    journal.health(
        second + 0.3,
        under_replicated=7 if on else 0,
        brokers=3 if on else 4,
        under_min_isr=3 if on else 0,
        offline=1 if second == 41 else 0,
        leader_moves=2 if second == 40 else 0,
        isr_shrinks=7 if second == 40 else 0,
        isr_expands=7 if second == 60 else 0,
        controller=ControllerHealth(active=second != 41, age=0.5, milliseconds=4),
        groups={"payments": GroupHealth(status="STALL" if on else "OK", lag=second, age=1)},
    )


def test_what_was_expected_stands_beside_what_came() -> None:
    rows = {row.what: row for row in expectations(story_of(cluster_run()))}
    told = {what: (row.expected, row.came) for what, row in rows.items()}
    assert told == {
        "Kafka hosts gone": ("kafka-4", "1 broker missing"),
        "Kafka hosts slow or cut from some": ("kafka-1", "—"),
        "Partitions that change their leader": ("2, and 1 of the probe's own", "2"),
        "Partitions below min.insync.replicas": ("1", "3"),
        "Partitions offline": ("0", "1"),
        "Quorum of the controllers": (
            "holds: 2 of 3 voters stay together, 2 are needed",
            "no active one in 1 answer",
        ),
        "Consumer groups that find another coordinator": ("payments", "payments: see below"),
    }
    doubtful = {what for what, row in rows.items() if row.level}
    assert doubtful == {
        "Partitions below min.insync.replicas",
        "Partitions offline",
        "Quorum of the controllers",
    }


def test_the_cluster_is_told_before_during_and_after() -> None:
    table = cluster_table(story_of(cluster_run()))
    assert table is not None
    assert table.headings == ("Before", "During", "After")
    rows = {row.name: [cell.text for cell in row.cells] for row in table.rows}
    assert rows == {
        "Live brokers": ["4", "3", "4"],
        "Under-replicated": ["0", "7", "0"],
        "Below the minimum ISR": ["0", "3", "0"],
        "Offline": ["0", "1", "0"],
        "Not led by the preferred": ["0", "0", "0"],
        "Leaders moved": ["0", "2", "0"],
        "Replicas left / joined the ISR": ["0 / 0", "7 / 7", "0 / 0"],
        "Active controller": ["answered", "absent in 1 of 45 answers", "answered"],
        "Group payments": [
            "OK, 30 records behind",
            "STALL, 75 records behind",
            "OK, 90 records behind",
        ],
    }


def test_a_group_that_did_not_answer_is_not_told_as_it_was_before() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    for phase, elapsed in PHASES:
        journal.phase(phase, elapsed)
    well = GroupHealth(status="OK", lag=4, age=1)
    for second in range(16, 91):
        age = max(1, second - 31)
        journal.health(
            second + 0.3,
            groups={"payments": well.model_copy(update={"age": age if second < 60 else 1})},
            unanswered_groups=["orders"],
        )
    table = cluster_table(story_of(journal))
    assert table is not None
    rows = {row.name: row for row in table.rows}
    before, during, after = rows["Group payments"].cells
    assert (before.text, before.level) == ("OK, 4 records behind", "")
    assert during.text.startswith("OK, 4 records behind; no answer ")
    assert during.level == "doubtful"
    assert (after.text, after.level) == ("OK, 4 records behind", "")
    assert {cell.text for cell in rows["Group orders"].cells} == {"no answer"}


def test_partitions_below_min_isr_have_a_curve() -> None:
    story = story_of(cluster_run())
    (chart,) = [each for each in charts_of(story, timeline_of(story).axis) if each.key == "cluster"]
    lines = {line.name: line.path for line in chart.lines}
    assert lines["below min.insync.replicas"].startswith("M")


def test_a_failover_waits_for_partitions_below_min_isr() -> None:
    clients = story_of(cluster_run()).clients
    assert clients is not None
    assert clients.cluster is not None
    assert told_time(clients.cluster.detect).note == (
        "3 below min.insync.replicas, 7 under-replicated, 1 broker missing"
    )
    # They were back at 60.3, with the fault on since 35.4.
    assert clients.cluster.failover.seconds == 24.9


@pytest.mark.parametrize(
    "words",
    [
        "Safeguard ack_p99 at most 1s for 5s tripped: 4.2s; beyond its limit for 5.5 s; the first "
        "host was free 0.6 s later.",
        f"afterwards: {AFTERWARDS}",
        "What would have taken it back on kafka-4",
        "kernel expiry absent: no timeout of the kernel ends it",
        "orders 3 partitions there: 1 below min.insync.replicas, 2 without their leader",
        "Note: the consumer groups could not be listed.",
        "client profile defaults",
    ],
)
def test_the_page_shows(words: str) -> None:
    assert words in Page(as_html(story_of(cluster_run()))).text


@pytest.mark.parametrize(
    "words",
    [
        "| Partitions offline | 0 | 1 |",
        "| Live brokers: the fewest | 4 | 3 | 4 |",
        f"Afterwards on kafka-4: {AFTERWARDS}",
        "| lease watchdog | 15s after the control node's last renewal |",
        "- Client profile: defaults",
    ],
)
def test_the_markdown_shows(words: str) -> None:
    assert words in as_markdown(story_of(cluster_run())).splitlines()


def test_what_was_not_known_beforehand_is_said() -> None:
    radius = BlastRadius(unknown="no broker answered")
    story = story_of(cluster_run(radius))
    assert expectations(story) == ()
    said = "Whom the faults would hurt was not known beforehand: no broker answered."
    assert said in Page(as_html(story)).text


def test_a_fault_that_was_never_held_says_why_its_cost_is_not_known() -> None:
    journal = outage()
    journal.lines = [line for line in journal.lines if '"phase":"during"' not in line]
    html, markdown = as_html(story_of(journal)), as_markdown(story_of(journal))
    for text in (Page(html).text, markdown):
        assert "is not known: no record is of the time for which it was held." in text


def test_journals_of_earlier_versions_claim_no_changes() -> None:
    journal = journals.held()
    new = ("leader_moves", "isr_shrinks", "isr_expands", "under_min_isr", "controller", "groups")
    journal.lines = [json.dumps(without(json.loads(line), new)) for line in journal.lines]
    story = story_of(journal)
    assert expectations(story) == ()
    table = cluster_table(story)
    assert table is not None
    rows = [row.name for row in table.rows]
    assert rows == ["Live brokers", "Under-replicated", "Offline", "Not led by the preferred"]


@pytest.mark.parametrize("kind", ["probe", "baseline"])
def test_a_run_without_faults_is_called_what_it_is(kind: str) -> None:
    journal = JournalWriter()
    journal.start([], kind=kind)
    journal.phase("before", 1.0)
    for second in range(10):
        journal.second(second, "before", second + 1.0)
    journal.probe_finished(20.0, anomalies={"foreign": 3})
    text = Page(as_html(story_of(journal))).text
    for words in (f"chaos-runner · {kind}", "without faults", "End to end p99", "Foreign 3"):
        assert words in text
    for words in ("no host", "Hosts", "recover"):
        assert words not in text
    assert as_markdown(story_of(journal)).count(f"- {kind.capitalize()} ") == 1
