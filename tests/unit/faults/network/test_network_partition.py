"""Partition: what each action is called, and what a role is told of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.kinds.network.network_flap import NetworkFlap
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition


@pytest.mark.parametrize(
    ("action", "said", "outcome"),
    [
        ("drop", "drop from and to kafka-2", "was cut off"),
        ("reject", "reject from and to kafka-2", "was cut off by ICMP errors"),
        ("reset", "reset from and to kafka-2", "was cut off by TCP resets"),
    ],
)
def test_each_action(action: str, said: str, outcome: str) -> None:
    fault = NetworkPartition.model_validate({"action": action, "peers": ["kafka-2"]})
    assert fault.role_variables(lambda _: ["192.0.2.1"])["network_partition_action"] == action
    assert fault.describe() == said
    assert fault.outcome() == outcome


def test_an_unknown_action_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValidationError, match="'drop', 'reject' or 'reset'"):
        NetworkPartition.model_validate({"action": "refuse"})


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"shape": "isolate"}, "drop between one target and the others"),
        ({"shape": "halves", "ports": [9093]}, "drop between halves of the targets on port 9093"),
        ({"shape": "majorities_ring"}, "drop in a majorities ring of the targets"),
        ({"groups": ["rack_a"]}, "drop between rack_a and the other targets"),
        ({"groups": ["a", "b", "c"], "action": "reset"}, "reset between a, b and c"),
        (
            {"shape": "halves", "direction": "in"},
            "drop between halves of the targets (only what the first side receives)",
        ),
    ],
)
def test_a_shape_in_words(written: dict[str, object], said: str) -> None:
    fault = NetworkPartition.model_validate(written)
    assert fault.describe() == said
    assert fault.outcome().startswith("was cut from other targets")
    variables = fault.role_variables(list)
    assert not {"network_partition_shape", "network_partition_groups"} & set(variables)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"shape": "halves", "peers": ["kafka-2"]}, "stands beside `peers`"),
        ({"groups": ["rack_a"], "peers": ["kafka-2"]}, "stands beside `peers`"),
        ({"groups": ["rack_a"], "shape": "halves"}, "stands beside `shape`"),
        ({"shape": "majorities_ring", "direction": "in"}, "a majorities ring has no sides"),
        ({"shape": "thirds"}, "'isolate', 'halves'"),
        ({"groups": ["rack a"]}, "allowed is a host, a group"),
    ],
)
def test_what_contradicts_itself_is_refused(written: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        NetworkPartition.model_validate(written)


def test_a_link_may_flap_between_halves() -> None:
    fault = NetworkFlap.model_validate({"shape": "halves"})
    assert fault.describe() == "drop between halves of the targets, 5s down and 5s up"
