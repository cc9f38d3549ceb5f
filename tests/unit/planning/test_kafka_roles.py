"""Targets by the part that they play in Kafka: who leads, follows, coordinates, controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.targets import Targets
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.server_facts import ServerProcess
from chaos_runner.fleet.targets import select_targets
from chaos_runner.measurements.cluster_snapshot import (
    ClusterSnapshot,
    Partition,
    coordinating_partition,
)
from chaos_runner.planning.kafka_roles import Eyes, default_group, role_holders, role_words
from tests.unit.fleet_blast.clusters import NAMES, brokers, inventory, ring, snapshot


def targets(**values: object) -> Targets:
    return Targets.model_validate(values)


def eyes(
    cluster: ClusterSnapshot | None, facts: Mapping[str, PreflightFacts] | None = None
) -> Eyes:
    return Eyes(inventory(), cluster, facts or {})


def running(node: int, leader: int, epoch: int) -> PreflightFacts:
    server = ServerProcess(process=7, node=node, leader=leader, epoch=epoch)
    return PreflightFacts(ok=True, servers=(server,))


def holders(asked: Targets, seen: Eyes) -> tuple[str, ...]:
    return role_holders(asked, NAMES, seen)


def test_without_a_role_all_are_candidates() -> None:
    assert holders(targets(group="kafka_broker"), eyes(None)) == NAMES


def test_the_leader_and_the_followers_of_a_partition() -> None:
    cluster = snapshot(Partition("orders", 0, 3, (2, 3, 4), (3, 4)))
    assert holders(targets(leader_of="orders-0"), eyes(cluster)) == ("kafka-3",)
    # The preferred leader that is out of sync is a follower all the same.
    assert holders(targets(follower_of="orders-0"), eyes(cluster)) == ("kafka-2", "kafka-4")


def test_a_topic_with_a_dash_and_a_number_in_its_name() -> None:
    cluster = snapshot(Partition("orders-2026", 11, 1, (1,), (1,)))
    assert holders(targets(leader_of="orders-2026-11"), eyes(cluster)) == ("kafka-1",)


@given(st.text(min_size=1, max_size=20))
def test_the_coordinator_leads_the_groups_partition_of_the_offsets(group: str) -> None:
    cluster = snapshot(*ring("__consumer_offsets"))
    expected = NAMES[coordinating_partition(group, 4)]
    assert holders(targets(coordinator_of=group), eyes(cluster)) == (expected,)


def test_the_brokers_of_a_rack() -> None:
    racks = {
        number: replace(each, rack="a" if number < 3 else "b") for number, each in brokers().items()
    }
    cluster = replace(snapshot(), brokers=racks)
    assert holders(targets(rack="b"), eyes(cluster)) == ("kafka-3", "kafka-4")
    with pytest.raises(RefusedError, match="no live broker is in rack `c`; their racks are a, b"):
        holders(targets(rack="c"), eyes(cluster))


def test_the_active_controller_is_what_the_latest_epoch_says() -> None:
    facts = {
        "kafka-1": running(node=1, leader=1, epoch=4),  # cut off since its epoch ended
        "kafka-2": running(node=2, leader=3, epoch=5),
        "kafka-3": running(node=3, leader=3, epoch=5),
    }
    assert holders(targets(controller="active"), eyes(None, facts)) == ("kafka-3",)


def test_a_controller_that_nobody_knows_or_that_runs_elsewhere_is_refused() -> None:
    asked = targets(controller="active")
    with pytest.raises(RefusedError, match="no host knows the active controller"):
        holders(asked, eyes(None, {"kafka-1": PreflightFacts(ok=True, servers=None)}))
    with pytest.raises(RefusedError, match="node 9, which runs on none of the hosts asked"):
        holders(asked, eyes(None, {"kafka-1": running(node=1, leader=9, epoch=2)}))


def test_controllers_are_looked_for_among_the_controllers() -> None:
    assert default_group(targets(controller="active"), inventory()) == "kafka_controller"
    assert default_group(targets(controller="active"), inventory(voters=())) == "kafka_broker"
    named = targets(controller="active", group="kafka_broker")
    assert default_group(named, inventory()) == "kafka_broker"


@pytest.mark.parametrize(
    ("asked", "cluster", "words"),
    [
        ({"leader_of": "orders-0"}, None, "the cluster does not answer"),
        ({"leader_of": "orders-0"}, snapshot(), "the cluster shows no topic `orders`"),
        (
            {"leader_of": "orders-7"},
            snapshot(Partition("orders", 0, 1, (1,), (1,))),
            "topic `orders` has 1 partitions, and no number 7",
        ),
        (
            {"leader_of": "orders-0"},
            snapshot(Partition("orders", 0, -1, (1,), ())),
            "orders-0 has no leader at the moment",
        ),
        (
            {"follower_of": "orders-0"},
            snapshot(Partition("orders", 0, 1, (1,), (1,))),
            "orders-0 has no follower",
        ),
        ({"coordinator_of": "payments"}, snapshot(), "nobody coordinates group payments"),
        (
            {"leader_of": "orders-0"},
            snapshot(Partition("orders", 0, 9, (9,), (9,))),
            "is broker 9, which is on none of the hosts",
        ),
    ],
)
def test_who_cannot_be_found_is_refused(
    asked: dict[str, str], cluster: ClusterSnapshot | None, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        holders(targets(**asked), eyes(cluster))


def test_one_who_is_no_candidate_is_refused_by_name() -> None:
    cluster = snapshot(Partition("orders", 0, 4, (4,), (4,)))
    with pytest.raises(RefusedError, match="is kafka-4, and that is not among the hosts"):
        role_holders(targets(leader_of="orders-0"), NAMES[:3], eyes(cluster))


def test_the_rest_of_the_group_is_the_control() -> None:
    asked = targets(follower_of="orders-0", count=1)
    selection = select_targets(asked, NAMES, NAMES, holders=("kafka-2", "kafka-4"))
    assert len(selection.targets) == 1
    assert set(selection.targets) <= {"kafka-2", "kafka-4"}
    assert set(selection.targets) | set(selection.control) == set(NAMES)
    assert selection.passed_over == {}


def test_one_part_at_a_time_and_well_written() -> None:
    with pytest.raises(ValidationError, match="stands beside `controller`"):
        targets(controller="active", leader_of="orders-0")
    with pytest.raises(ValidationError, match="a topic and the number of a partition"):
        targets(leader_of="orders")
    assert role_words(targets(follower_of="orders-0")) == "a follower of orders-0"
