"""A broker that the active controller does not hear is fenced, whatever others it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chaos_runner.blast_radius.blast_radius import BlastRadius, TopicHarm, blast_radius
from chaos_runner.blast_radius.fault_impact import TargetedHosts
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.experiment.allowance import Allowance
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot, Partition, Voter
from tests.unit.fleet_blast.clusters import facts, inventory, server, snapshot

SINGLE = snapshot(Partition("single", 0, 4, (4,), (4,)), single=1)
"""Its one replica is on kafka-4, which is no controller."""


def led_by(leader: int, *ports: int) -> ClusterSnapshot:
    """Return the cluster with the first three hosts as its voters, and one that leads."""
    voters = {
        number: Voter((f"192.0.2.{number}",), leads=number == leader, ports=ports)
        for number in (1, 2, 3)
    }
    return replace(SINGLE, voters=voters)


def cut_from(*peers: int, target: int = 4, ports: tuple[int | str, ...] = ()) -> TargetedHosts:
    """Return a partition of one host from others, by their numbers."""
    options = NetworkPartition.model_validate(
        {"peers": [f"kafka-{number}" for number in peers], "ports": list(ports)}
    )
    addresses = tuple(f"192.0.2.{number}" for number in peers)
    return TargetedHosts(options, (f"kafka-{target}",), addresses)


def radius(
    cluster: ClusterSnapshot,
    *cuts: TargetedHosts,
    told: Mapping[str, PreflightFacts] | None = None,
) -> BlastRadius:
    return blast_radius(cuts, inventory(), cluster, told)


def test_a_broker_cut_from_the_active_controller_is_missed() -> None:
    found = radius(led_by(2), cut_from(2))
    assert (found.gone, found.at_risk) == (["kafka-4"], ["kafka-2"])
    assert found.topics == [TopicHarm(topic="single", on_targets=1, lose_leader=1, offline=1)]
    assert "single" in forbidden_by(found, Allowance())[0].text
    assert found.quorum is not None
    assert found.quorum.text == "3 of 3 voters stay together, 2 are needed"


def test_a_broker_cut_from_the_other_controllers_alone_is_not() -> None:
    found = radius(led_by(2), cut_from(1, 3))
    assert (found.gone, found.unknown, forbidden_by(found, Allowance())) == ([], "", [])


@pytest.mark.parametrize(
    ("ports", "told", "gone"),
    [
        ((9092,), (), []),  # which brokers advertise
        ((9093,), (), ["kafka-4"]),  # nobody tells, so it may be the controllers'
        ((9094,), (9093,), []),
        ((9092, 9093), (9093,), ["kafka-4"]),
        (("9000-9100",), (9093,), ["kafka-4"]),
    ],
)
def test_ports_at_which_no_controller_serves_keep_nobody_from_it(
    ports: tuple[int | str, ...], told: tuple[int, ...], gone: list[str]
) -> None:
    assert radius(led_by(2, *told), cut_from(2, ports=ports)).gone == gone


def test_the_server_with_the_latest_epoch_tells_where_the_cluster_does_not() -> None:
    def hears(leader: int, epoch: int) -> PreflightFacts:
        named = {"node": 4, "leader": leader, "epoch": epoch, "voters": [1, 2, 3]}
        return facts(server().model_copy(update=named))

    for leader, gone in ((2, ["kafka-4"]), (3, [])):
        told = {"kafka-4": hears(leader, 7), "kafka-1": hears(1, 5)}
        assert radius(SINGLE, cut_from(2), told=told).gone == gone


def test_where_nobody_tells_who_leads_the_radius_is_unknown() -> None:
    found = radius(SINGLE, cut_from(2))
    assert found.gone == []
    assert "kafka-4 is cut from some of the controllers that may lead" in found.unknown
    assert forbidden_by(found, Allowance()) != []
    assert forbidden_by(found, Allowance(unknown_blast_radius=True)) == []


def test_after_an_active_controller_that_is_gone_another_one_leads() -> None:
    gone = TargetedHosts(NetworkPartition(), ("kafka-2",))
    assert "kafka-4" in radius(led_by(2), gone, cut_from(1)).unknown  # the first or the third
    assert radius(led_by(2), gone).unknown == ""


def test_a_voter_that_is_cut_from_the_active_one_is_no_loss_to_the_quorum() -> None:
    found = radius(led_by(2), cut_from(2, target=1))
    assert found.gone == ["kafka-1"]
    assert found.quorum is not None
    assert (found.quorum.state, found.quorum.text[:6]) == ("holds", "3 of 3")
