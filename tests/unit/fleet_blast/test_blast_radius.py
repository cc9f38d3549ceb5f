"""Whom the faults would hurt, in known clusters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm, blast_radius
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.experiment.allowance import Allowance
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.measurements.cluster_snapshot import (
    ClusterSnapshot,
    Partition,
    Voter,
    coordinating_partition,
)
from tests.unit.fleet_blast.clusters import (
    NAMES,
    brokers,
    cut_off,
    facts,
    inventory,
    ring,
    server,
    snapshot,
)

OFFSETS = "__consumer_offsets"


def test_one_broker_of_four_is_no_harm_with_three_replicas() -> None:
    """It is what the examples do to the lab."""
    cluster = snapshot(
        *ring("orders"), *ring(OFFSETS), groups=("payments",), orders=2, **{OFFSETS: 2}
    )
    found = blast_radius(cut_off("kafka-2"), inventory(), cluster)
    assert (found.gone, found.at_risk, found.unknown, found.notes) == (["kafka-2"], [], "", [])
    assert found.quorum is not None
    assert found.quorum.state == "holds"
    assert found.topics == [
        TopicHarm(topic=OFFSETS, on_targets=3, lose_leader=1),
        TopicHarm(topic="orders", on_targets=3, lose_leader=1),
    ]
    assert forbidden_by(found, Allowance()) == []


def test_two_brokers_push_partitions_below_their_limit_and_break_the_quorum() -> None:
    cluster = snapshot(*ring("orders"), *ring("single", 1), orders=2, single=1)
    found = blast_radius(cut_off("kafka-1", "kafka-2"), inventory(), cluster)
    assert found.topics == [
        TopicHarm(topic="single", on_targets=2, lose_leader=2, offline=2),
        TopicHarm(topic="orders", on_targets=4, lose_leader=2, under_min_isr=2),
    ]
    refused = forbidden_by(found, Allowance())
    assert [problem.text for problem in refused] == [
        "the quorum of the controllers breaks: 1 of 3 voters stay together, 2 are needed",
        "2 topics would go offline or below min.insync.replicas: single, orders",
    ]
    assert "allow: {topics: [single]}" in refused[1].hint
    allowed = Allowance(quorum=True, topics=["single", "ord*"])
    assert forbidden_by(found, allowed) == []
    assert len(forbidden_by(found, Allowance(quorum=True, topics=["single"]))) == 1


def test_kafkas_own_topics_must_be_named_as_such() -> None:
    cluster = snapshot(*ring(OFFSETS, 1), groups=("payments",), **{OFFSETS: 1})
    leader = coordinating_partition("payments", 4) + 1
    found = blast_radius(cut_off(f"kafka-{leader}"), inventory(), cluster)
    assert (found.groups, found.stuck_groups) == ([], ["payments"])
    assert forbidden_by(found, Allowance(topics=["*"])) != []
    assert forbidden_by(found, Allowance(topics=["__*"])) == []


def test_groups_whose_coordinator_goes_find_another() -> None:
    cluster = snapshot(*ring(OFFSETS), groups=("payments", "orders"), **{OFFSETS: 2})
    leader = coordinating_partition("payments", 4) + 1
    found = blast_radius(cut_off(f"kafka-{leader}"), inventory(), cluster)
    moved = [
        group for group in ("orders", "payments") if coordinating_partition(group, 4) == leader - 1
    ]
    assert (found.groups, found.stuck_groups) == (moved, [])
    assert "payments" in moved


def test_a_leader_cut_from_its_followers_is_left_with_too_few_in_sync() -> None:
    """It still reaches the active controller, so that it stays the leader."""
    led = {number: Voter((f"192.0.2.{number}",), leads=number == 3) for number in (1, 2, 3)}
    cluster = snapshot(Partition("orders", 0, 4, (4, 1, 2), (4, 1, 2)), orders=2)
    cluster = replace(cluster, voters=led)
    peers = NetworkPartition(peers=["kafka-1", "kafka-2"])
    targeted = [TargetedHosts(peers, ("kafka-4",), ("192.0.2.1", "192.0.2.2"))]
    found = blast_radius(targeted, inventory(), cluster)
    assert (found.gone, found.at_risk) == ([], ["kafka-1", "kafka-2", "kafka-4"])
    assert found.topics == [TopicHarm(topic="orders", on_targets=1, under_min_isr=1)]


def test_voters_that_no_longer_reach_a_majority_break_the_quorum() -> None:
    names = tuple(f"kafka-{number}" for number in range(1, 6))
    two_from_two = TargetedHosts(
        NetworkPartition(peers=["kafka-3", "kafka-4"]),
        ("kafka-1", "kafka-2"),
        ("192.0.2.3", "192.0.2.4"),
    )
    fleet, empty = inventory(names, names), ClusterSnapshot(brokers(5), ())
    found = blast_radius([two_from_two], fleet, empty).quorum
    assert found is not None
    assert found.state == "holds"  # kafka-5 reaches everybody
    without_fifth = blast_radius([two_from_two, *cut_off("kafka-5")], fleet, empty).quorum
    assert without_fifth is not None
    assert without_fifth.state == "breaks"


@pytest.mark.parametrize(
    ("targets", "state"),
    [((), "holds"), (("kafka-1",), "may break"), (("kafka-1", "kafka-2"), "may break")],
)
def test_where_nobody_knows_who_votes_any_machine_may_be_the_only_one(
    targets: tuple[str, ...], state: str
) -> None:
    found = blast_radius(cut_off(*targets), inventory(()), snapshot()).quorum
    assert found is not None
    assert found.state == state


def asked(*voters: int, node: int = 0) -> dict[str, PreflightFacts]:
    """Return what four hosts tell of the server on each: its number, and who votes."""
    return {
        name: facts(server().model_copy(update={"node": node or number, "voters": list(voters)}))
        for number, name in enumerate(NAMES, 1)
    }


@pytest.mark.parametrize(
    ("told", "targets", "state"),
    [
        (asked(1), ("kafka-1",), "breaks"),
        (asked(1), ("kafka-2", "kafka-3"), "holds"),
        (asked(1, 2, 3), ("kafka-1",), "holds"),
        (asked(1, 2, 3), ("kafka-1", "kafka-2"), "breaks"),
        (asked(1, 8, 9), ("kafka-1", "kafka-2"), "holds"),
        (asked(8, 9, 10), NAMES, "holds"),
        (asked(), ("kafka-1", "kafka-2"), "may break"),
        (asked(1, node=-1), ("kafka-1", "kafka-2"), "breaks"),  # it is broker 1 as well
        (asked(8, node=-1), ("kafka-1", "kafka-2"), "may break"),
        (asked(1, node=1), ("kafka-1", "kafka-2"), "may break"),
        ({**asked(1), "kafka-4": asked(1, 2)["kafka-4"]}, ("kafka-2", "kafka-3"), "may break"),
    ],
)
def test_without_a_group_of_controllers_the_servers_tell_who_votes(
    told: dict[str, PreflightFacts], targets: tuple[str, ...], state: str
) -> None:
    found = blast_radius(cut_off(*targets), inventory(()), snapshot(), told).quorum
    assert found is not None
    assert found.state == state, found


@pytest.mark.parametrize(
    ("voters", "targets", "state", "text"),
    [
        # the group of controllers names three, and only the first votes
        ((1,), ("kafka-1",), "breaks", "0 of 1 voters"),
        ((1,), ("kafka-2", "kafka-3"), "holds", "1 of 1 voters"),
        ((1, 2, 3, 4, 9), ("kafka-1", "kafka-2"), "holds", "3 of 5 voters"),
        ((1, 2, 9), ("kafka-1", "kafka-2"), "breaks", "1 of 3 voters"),
    ],
)
def test_who_votes_is_what_the_cluster_tells_and_not_a_group(
    voters: tuple[int, ...], targets: tuple[str, ...], state: str, text: str
) -> None:
    told = {number: Voter((f"192.0.2.{number}",)) for number in voters}
    cluster = replace(snapshot(), voters=told)
    for known in ({}, asked(1, 2, 3)):
        found = blast_radius(cut_off(*targets), inventory(), cluster, known).quorum
        assert found is not None
        assert (found.state, text in found.text) == (state, True), found


def test_a_voter_that_is_silent_already_stays_with_nobody() -> None:
    told = {number: Voter((f"192.0.2.{number}",), silent=number == 3) for number in (1, 2, 3)}
    cluster = replace(snapshot(), voters=told)
    found = blast_radius(cut_off("kafka-1"), inventory(), cluster).quorum
    assert found is not None
    assert (found.state, "kafka-3" in found.text) == ("breaks", True)
    assert blast_radius(cut_off("kafka-4"), inventory(), cluster).quorum != found


def test_voters_that_cannot_be_placed_are_not_taken_from_a_group_of_another_size() -> None:
    cluster = replace(snapshot(), voters=dict.fromkeys((7, 8, 9, 10, 11), Voter()))
    found = blast_radius(cut_off("kafka-1"), inventory(), cluster).quorum
    assert found is not None
    assert found.state == "may break"
    of_three = replace(cluster, voters=dict.fromkeys((7, 8, 9), Voter()))
    found = blast_radius(cut_off("kafka-1"), inventory(), of_three).quorum
    assert found is not None
    assert (found.state, found.text[:6]) == ("holds", "2 of 3")


def with_zookeeper(*, node: int = -1) -> dict[str, PreflightFacts]:
    """Return what hosts tell of which the first three have a server of ZooKeeper beside them."""
    kafka = server().model_copy(update={"node": node})
    keeper = server("zookeeper.service", what="zookeeper")
    return {name: facts(kafka) if name == "kafka-4" else facts(kafka, keeper) for name in NAMES}


def test_without_kraft_a_broker_that_no_zookeeper_hears_is_gone() -> None:
    peers = tuple(f"192.0.2.{number}" for number in (1, 2, 3))
    cut = [TargetedHosts(NetworkPartition(peers=list(NAMES[:3])), ("kafka-4",), peers)]
    found = blast_radius(cut, inventory(()), snapshot(), with_zookeeper())
    assert (found.gone, found.at_risk) == (["kafka-4"], ["kafka-1", "kafka-2", "kafka-3"])
    found = blast_radius(
        [replace(cut[0], peers=peers[:2])], inventory(()), snapshot(), with_zookeeper()
    )
    assert found.gone == []  # the third goes on with it


@pytest.mark.parametrize(
    ("targets", "node", "state"),
    [
        (("kafka-4",), -1, "holds"),
        (("kafka-1",), -1, "holds"),
        (("kafka-1", "kafka-2"), -1, "breaks"),
        (("kafka-4",), 4, "may break"),  # it has a metadata log: ZooKeeper is left from before
    ],
)
def test_without_kraft_the_servers_of_zookeeper_are_the_voters(
    targets: tuple[str, ...], node: int, state: str
) -> None:
    told = with_zookeeper(node=node)
    found = blast_radius(cut_off(*targets), inventory(()), snapshot(), told).quorum
    assert found is not None
    assert found.state == state, found


def test_a_target_that_is_no_live_broker_leaves_the_radius_unknown() -> None:
    alive = {number: broker for number, broker in brokers().items() if number != 3}
    found = blast_radius(cut_off("kafka-3"), inventory(), ClusterSnapshot(alive, ()))
    assert "kafka-3" in found.unknown
    assert len(forbidden_by(found, Allowance())) == 1
    assert forbidden_by(found, Allowance(unknown_blast_radius=True)) == []


def test_what_could_not_be_read_is_told() -> None:
    cluster = snapshot(*ring("orders"), groups=None)
    notes = blast_radius(cut_off("kafka-1"), inventory(), cluster).notes
    assert len(notes) == 2
    assert "min.insync.replicas of 1 topics" in notes[0]


def test_thousands_of_names_do_not_fill_the_screen_or_the_journal() -> None:
    topics = [TopicHarm(topic=f"t-{number}", on_targets=1, offline=1) for number in range(999)]
    radius = BlastRadius(topics=topics)
    (problem,) = forbidden_by(radius, Allowance())
    assert "999 topics" in problem.text
    assert "and 989 more" in problem.text
    assert len(radius.shortened(50).topics) == 50


@pytest.mark.parametrize(
    ("group", "hashed"),
    [("", 0), ("a", 97), ("hello", 99162322), ("polygenelubricants", 0), ("\U0001f600", 1772899)],
)
def test_a_group_is_coordinated_where_javas_hash_says(group: str, hashed: int) -> None:
    assert coordinating_partition(group, 2**31) == hashed
    assert coordinating_partition(group, 50) == hashed % 50
    assert coordinating_partition(group, 0) == -1
