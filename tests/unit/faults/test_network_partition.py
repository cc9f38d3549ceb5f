"""Partition: what each action is called, and what a role is told of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

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
