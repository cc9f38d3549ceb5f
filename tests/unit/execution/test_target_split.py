"""A partition by shape: each target is cut from its own peers, and from nobody else."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_runner.cli.plan import _as_text
from chaos_runner.errors import InvalidInventoryError, ProbeError, RefusedError
from chaos_runner.journal.events import PlannedFault
from chaos_runner.measurements.cluster_snapshot import Broker
from tests.unit.planning.test_planner import NAMES, WHOLE, planned

ADDRESSES = {
    name: [f"192.0.2.{number}", f"2001:db8::{number}"] for number, name in enumerate(NAMES, 1)
}


def fault_of(directory: Path, options: str, targets: str = "{group: kafka_broker}") -> PlannedFault:
    """Return the one planned fault."""
    (fault,) = planned(
        directory, f"  - network_partition: {options}\n    targets: {targets}\n"
    ).faults
    return fault


def test_each_half_drops_the_addresses_of_the_other(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "{shape: halves}")
    assert fault.targets == list(NAMES)
    assert fault.unheard["kafka-1"] == ["kafka-3", "kafka-4"]
    own = {host: each["network_partition_peers"] for host, each in fault.host_variables.items()}
    assert own["kafka-2"] == ADDRESSES["kafka-3"] + ADDRESSES["kafka-4"]
    assert own["kafka-4"] == ADDRESSES["kafka-1"] + ADDRESSES["kafka-2"]
    assert "network_partition_peers" not in fault.variables
    for host, others in fault.unheard.items():
        shown = "\n".join(fault.commands[host])
        dropped = set(re.findall(r"(\S+) timeout \d", shown))
        assert dropped == {address for other in others for address in ADDRESSES[other]}


def test_who_hears_all_gets_no_fault_and_is_among_the_control(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "{shape: bridge}")
    assert fault.control == ["kafka-3"]
    assert "kafka-3" not in fault.commands
    assert fault.unheard == {
        "kafka-1": ["kafka-4"],
        "kafka-2": ["kafka-4"],
        "kafka-4": ["kafka-1", "kafka-2"],
    }


def test_one_way_the_fault_goes_to_the_first_side(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "{shape: isolate, direction: out}")
    assert (fault.targets, fault.control) == (["kafka-1"], ["kafka-2", "kafka-3", "kafka-4"])
    assert fault.unheard == {name: ["kafka-1"] for name in NAMES[1:]}


def test_groups_of_the_inventory_are_sides(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "{groups: [kafka-2]}", "{group: kafka_broker, exclude: [kafka-4]}")
    assert fault.unheard == {
        "kafka-1": ["kafka-2"],
        "kafka-2": ["kafka-1", "kafka-3"],
        "kafka-3": ["kafka-2"],
    }
    assert fault.control == ["kafka-4"]


def test_one_host_after_the_other_is_cut_from_its_other_side(tmp_path: Path) -> None:
    text = "  - network_partition: {shape: halves}\n    targets: {group: kafka_broker}\n"
    text += "    serial: 1\n"
    faults = planned(tmp_path, text).faults
    assert [fault.targets for fault in faults] == [[name] for name in NAMES]
    assert faults[0].unheard == {
        "kafka-1": ["kafka-3", "kafka-4"],
        "kafka-3": ["kafka-1"],
        "kafka-4": ["kafka-1"],
    }
    assert list(faults[0].host_variables) == ["kafka-1"]


def test_racks_are_those_that_the_brokers_name(tmp_path: Path) -> None:
    text = "  - network_partition: {shape: racks}\n    targets: {group: kafka_broker}\n"
    racks = {1: "east", 2: "west", 3: "east", 4: ""}
    brokers = {
        number: Broker(f"192.0.2.{number}", 9092, rack=rack) for number, rack in racks.items()
    }
    (fault,) = planned(tmp_path, text, cluster=replace(WHOLE, brokers=brokers)).faults
    assert fault.unheard["kafka-1"] == ["kafka-2", "kafka-4"]
    assert fault.unheard["kafka-4"] == ["kafka-1", "kafka-2", "kafka-3"]
    with pytest.raises(RefusedError, match="is in a rack"):
        planned(tmp_path, text)
    with pytest.raises(RefusedError, match="the cluster does not answer"):
        planned(tmp_path, text, cluster=ProbeError("no broker", "start one"))


def test_the_seed_of_the_targets_draws_the_sides(tmp_path: Path) -> None:
    options = "{shape: isolate, direction: in}"
    drawn = {
        tuple(fault_of(tmp_path, options, f"{{group: kafka_broker, seed: {seed}}}").targets)
        for seed in range(1, 20)
    }
    assert len(drawn) == len(NAMES)


def test_the_plan_shows_who_does_not_hear_whom(tmp_path: Path) -> None:
    text = "  - network_partition: {shape: halves}\n    targets: {group: kafka_broker}\n"
    lines = _as_text(planned(tmp_path, text)).splitlines()
    assert "  cut        kafka-1 does not hear kafka-3, kafka-4" in lines
    assert "  peer       kafka-4: 192.0.2.4, 2001:db8::4" in lines


def test_who_is_cut_from_all_others_is_missed_and_they_are_not(tmp_path: Path) -> None:
    text = "  - network_partition: {shape: isolate}\n    targets: {group: kafka_broker}\n"
    radius = planned(tmp_path, text).blast_radius
    assert radius.gone == ["kafka-1"]
    assert radius.at_risk == ["kafka-2", "kafka-3", "kafka-4"]


def test_what_others_suffer_is_told_by_host(tmp_path: Path) -> None:
    text = "  - network_partition: {shape: halves}\n    targets: {group: kafka_broker}\n"
    plan = planned(tmp_path, text, cluster=replace(WHOLE, voters={}))
    assert plan.blast_radius.quorum is not None
    assert plan.blast_radius.quorum.state == "may break"
    assert "network_partition_peers" not in plan.faults[0].variables


def test_targets_that_allow_no_such_shape_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInventoryError, match="takes 3 targets or more, found 2"):
        fault_of(tmp_path, "{shape: bridge}", "{group: kafka_broker, count: 2}")
    with pytest.raises(InvalidInventoryError, match="every target is in `kafka_broker`"):
        fault_of(tmp_path, "{groups: [kafka_broker]}")
