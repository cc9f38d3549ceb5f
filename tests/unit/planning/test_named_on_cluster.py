"""What a fault names on the cluster and is not there is told in the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.measurements.cluster_snapshot import OFFSETS_TOPIC, ClusterSnapshot, Partition
from tests.unit.planning.test_cluster_plan import planned as planned_on_cluster
from tests.unit.planning.test_planner import WHOLE
from tests.unit.planning.test_planner import planned as planned_on_hosts

CLUSTER = replace(
    WHOLE,
    partitions=(*WHOLE.partitions, Partition(OFFSETS_TOPIC, 0, 2, (2, 3), (2, 3))),
    groups=("billing", "payments"),
)
NO_GROUP = "the cluster shows no consumer group `paymets` (its groups: billing, payments)"


def notes_on(tmp_path: Path, group: str, cluster: ClusterSnapshot) -> list[str]:
    fault = f"  - network_partition:\n    targets: {{coordinator_of: {group}}}\n"
    return planned_on_hosts(tmp_path, fault, cluster=cluster).faults[0].notes


def test_the_coordinator_of_no_group_is_told_and_how_to_mend_it(tmp_path: Path) -> None:
    (note,) = notes_on(tmp_path, "paymets", CLUSTER)
    assert note.startswith(NO_GROUP)
    assert "write its name as Kafka does, or start its consumers" in note


def test_a_group_that_is_there_or_may_be_there_needs_no_note(tmp_path: Path) -> None:
    assert notes_on(tmp_path, "payments", CLUSTER) == []
    assert notes_on(tmp_path, "paymets", replace(CLUSTER, groups=None)) == []


def rebalanced(group: str, *topics: str) -> Mapping[str, object]:
    options = {"group": group, "topics": list(topics)}
    return {"group_rebalance": options}


@pytest.mark.parametrize(
    ("group", "topic", "words"),
    [
        ("paymets", "orders", "shows no consumer group `paymets`"),
        ("payments", "odrers", "shows no topic `odrers`"),
    ],
)
def test_a_rebalance_of_what_is_not_there_is_refused(group: str, topic: str, words: str) -> None:
    fault = rebalanced(group, topic)
    with pytest.raises(RefusedError, match=words):
        planned_on_cluster(fault, cluster=CLUSTER)
    hidden = replace(CLUSTER, partial="topics of others may be hidden")
    (note,) = planned_on_cluster(fault, cluster=hidden).faults[0].notes
    assert words in note


def test_topics_that_are_not_there_are_told() -> None:
    fault = {"leader_move": {"topics": ["order*", "logs-*"]}, "targets": {"group": "kafka_broker"}}
    plan = planned_on_cluster(fault, cluster=CLUSTER)
    assert plan.faults[0].notes == ["the cluster shows no topic `logs-*`"]
    every = {"leader_move": {}, "targets": {"group": "kafka_broker"}}
    assert planned_on_cluster(every, cluster=replace(CLUSTER, partitions=())).faults[0].notes == []
