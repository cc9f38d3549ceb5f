"""The kinds that are faults of the cluster: options, words, and what they are asked to name."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.blast_radius.permission import forbidden_by
from chaos_runner.experiment.allowance import Allowance
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.faults import DEGRADED, UNAVAILABLE, Machine
from chaos_runner.faults.kinds.host.host_power import HostPower
from chaos_runner.faults.kinds.kafka.group_rebalance import GroupRebalance
from chaos_runner.faults.kinds.kafka.leader_move import LeaderMove
from chaos_runner.faults.kinds.kafka.replication_throttle import ReplicationThrottle
from chaos_runner.measurements.cluster_fault import (
    MoveLeaders,
    RebalanceGroup,
    ThrottleReplication,
)

REBALANCE = {"group": "payments", "topics": ["orders"], "every": "5s"}


def test_a_replication_throttle() -> None:
    fault = ReplicationThrottle.model_validate({"rate": "512KiB"})
    assert fault.describe() == "throttle replication of all topics to 512KiB a second"
    assert fault.outcome() == "had replication throttled to 512KiB a second"
    assert fault.change() == ThrottleReplication(rate=512 * 1024)
    assert fault.impact_on(Machine()) == DEGRADED


def test_a_leader_move() -> None:
    fault = LeaderMove.model_validate({"topics": ["orders", "logs-*"]})
    assert fault.describe() == "move the leaders of orders, logs-*"
    assert fault.outcome() == "had the leaders of orders, logs-* moved"
    assert fault.change() == MoveLeaders(topics=("orders", "logs-*"))
    assert LeaderMove().describe() == "move the leaders of all topics"


def test_a_group_rebalance() -> None:
    fault = GroupRebalance.model_validate(REBALANCE)
    assert fault.describe() == "rebalance group payments every 5s"
    assert fault.outcome() == "had group payments rebalanced every 5s"
    assert fault.disturbs_groups() == ("payments",)
    assert fault.change() == RebalanceGroup(
        group="payments", topics=("orders",), every=5.0, assignor="range"
    )


def test_a_host_that_is_switched_off() -> None:
    words = {"switch_off": ["virsh", "destroy", "{host}"], "switch_on": ["on", "--ip={address}"]}
    fault = HostPower.model_validate(words)
    assert fault.describe() == "switch the host off"
    assert fault.outcome() == "was switched off"
    assert fault.impact_on(Machine()) == UNAVAILABLE
    assert list(fault.reaches()) == [
        "runs `virsh destroy '{host}'` as you, for each target",
        "runs `on '--ip={address}'` as you, for each target",
    ]
    host = fault.change().on_host("k2", "192.0.2.2", 2222)
    assert host.off == ("virsh", "destroy", "k2")
    assert host.on == ("on", "--ip=192.0.2.2")


@pytest.mark.parametrize(
    ("kind", "options", "why"),
    [
        ("host_power", {"switch_off": ["a"]}, "switch_on"),
        ("host_power", {"switch_off": [], "switch_on": ["a"]}, "switch_off"),
        ("host_power", {"switch_off": ["a\0"], "switch_on": ["a"]}, "null character"),
        ("replication_throttle", {}, "rate"),
        ("replication_throttle", {"rate": "512"}, "512B"),
        ("replication_throttle", {"rate": "100B"}, "1KiB"),
        ("replication_throttle", {"rate": "1MiB", "topics": []}, "topics"),
        ("replication_throttle", {"rate": "1MiB", "topics": ["a b"]}, "the name of a topic"),
        ("leader_move", {"topics": ["$(x)"]}, "the name of a topic"),
        ("group_rebalance", {"group": "payments"}, "topics"),
        ("group_rebalance", {**REBALANCE, "every": "1s"}, "2s"),
        ("group_rebalance", {**REBALANCE, "topics": ["__consumer_offsets"]}, "name of a topic"),
        ("group_rebalance", {**REBALANCE, "topics": ["orders*"]}, "the name of a topic"),
        ("group_rebalance", {**REBALANCE, "assignor": "sticky"}, "cooperative-sticky"),
    ],
)
def test_options_that_are_refused(kind: str, options: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        FaultEntry.model_validate({kind: options})


def test_a_fault_that_concerns_no_host_takes_no_targets() -> None:
    with pytest.raises(ValidationError, match="found `targets`; group_rebalance concerns"):
        FaultEntry.model_validate({"group_rebalance": REBALANCE, "targets": {"hosts": "kafka-1"}})


def test_an_experiment_that_is_dumped_is_read_again() -> None:
    written = {"title": "x", "faults": [{"group_rebalance": REBALANCE}, {"leader_move": {}}]}
    experiment = Experiment.model_validate(written)
    assert Experiment.model_validate(experiment.model_dump(mode="json")) == experiment


def test_a_group_that_is_not_named_may_not_be_disturbed() -> None:
    radius = BlastRadius(disturbed_groups=["payments"])
    (problem,) = forbidden_by(radius, Allowance())
    assert problem.text == "the members of 1 consumer groups would be disturbed: payments"
    assert forbidden_by(radius, Allowance(groups=["payments"])) == []
