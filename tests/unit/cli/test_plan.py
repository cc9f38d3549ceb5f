"""What `plan` shows of whom the faults would hurt, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.cli.plan import _as_json, _as_text
from chaos_runner.errors import ProbeError, RefusedError
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot, Partition
from tests.unit.planning.test_planner import WHOLE, planned

ONE = "  - network_partition:\n    targets: {hosts: kafka-3}\n"
TWO = "  - network_partition:\n    targets: {group: kafka_broker, count: 2}\n"
SILENT = ProbeError("no Kafka bootstrap server can be reached from here")


def lines_of(text: str) -> dict[str, str]:
    """Return the lines of a plan by their first word."""
    return {words[0]: " ".join(words[1:]) for line in text.splitlines() if (words := line.split())}


def test_a_plan_shows_whom_its_faults_hurt(tmp_path: Path) -> None:
    lines = lines_of(_as_text(planned(tmp_path, ONE)))
    assert lines["gone"] == "kafka-3 of the Kafka hosts"
    assert lines["quorum"].startswith("holds")
    assert lines["partitions"].startswith("3 have a replica there: 1 lose their leader, 0 fall")
    assert lines["topics"] == "1 on the targets, the worst: orders (1 without their leader)"


def test_the_same_as_json(tmp_path: Path) -> None:
    radius = _as_json(planned(tmp_path, ONE))["blast_radius"]
    assert isinstance(radius, dict)
    assert radius["gone"] == ["kafka-3"]
    assert radius["partitions"] == {
        "on_targets": 3,
        "lose_leader": 1,
        "under_min_isr": 0,
        "offline": 0,
    }
    assert radius["worst_topics"][0]["topic"] == "orders"
    assert radius["harmed_topics"] == []


def test_guards_and_their_commands_are_shown(tmp_path: Path) -> None:
    plan = planned(tmp_path, f"{ONE}safeguards:\n  - command: [./check, 'a b']\n    hold: 3s\n")
    assert lines_of(_as_text(plan))["safeguard"] == "command ./check 'a b' for 3s"
    assert _as_json(plan)["safeguards"] == ["command ./check 'a b' for 3s"]


def test_harm_to_others_is_refused_unless_it_is_allowed_by_name(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"blast radius: 1 topics .*: orders") as refused:
        planned(tmp_path, f"{TWO}allow: {{quorum: true}}\n").refuse_if_unsafe()
    assert "allow: {topics: [orders]}" in refused.value.message
    untold = replace(WHOLE, voters={})
    with pytest.raises(RefusedError, match="the quorum of the controllers may break"):
        planned(tmp_path, f"{TWO}allow: {{topics: [orders]}}\n", cluster=untold).refuse_if_unsafe()
    allowed = f"{TWO}allow: {{quorum: true, topics: ['or*']}}\n"
    planned(tmp_path, allowed, cluster=untold).refuse_if_unsafe()


def test_a_silent_cluster_is_told_and_refused_unless_allowed(tmp_path: Path) -> None:
    plan = planned(tmp_path, ONE, cluster=SILENT)
    assert lines_of(_as_text(plan))["hurts"] == f"unknown: {SILENT.message}"
    assert _as_json(plan)["blast_radius"] == {"unknown": SILENT.message}
    with pytest.raises(RefusedError, match="whom the faults would hurt is not known"):
        plan.refuse_if_unsafe()
    allowed = f"{ONE}allow: {{unknown_blast_radius: true}}\n"
    planned(tmp_path, allowed, cluster=SILENT).refuse_if_unsafe()


def test_problems_of_hosts_and_harm_are_told_together(tmp_path: Path) -> None:
    everywhere = "  - network_partition:\n    targets: {group: kafka_broker}\n"
    with pytest.raises(RefusedError) as refused:
        planned(tmp_path, everywhere, silent="kafka-1", cluster=WHOLE).refuse_if_unsafe()
    for part in ("kafka-1: cannot be reached", "blast radius: the quorum", "go offline"):
        assert part in refused.value.message


def test_names_of_groups_cannot_harm_a_terminal(tmp_path: Path) -> None:
    """A topic's name has letters, digits and `. _ -`; a consumer group's may be anything."""
    offsets = Partition("__consumer_offsets", 0, 3, (3, 1, 2), (3, 1, 2))
    cluster = ClusterSnapshot(WHOLE.brokers, (offsets,), {}, ("pay\x1b[31m",))
    text = _as_text(planned(tmp_path, ONE, cluster=cluster))
    assert "find another coordinator: pay\\x1b[31m" in text
