"""A flapping link: its times, and what its role is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import DEGRADED, Machine
from chaos_runner.faults.kinds.network.network_flap import NetworkFlap
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition


def test_it_is_a_partition_with_times() -> None:
    fault = NetworkFlap.model_validate({"up": "1m", "peers": ["kafka-2"], "action": "reset"})
    variables = fault.role_variables(lambda _: ["192.0.2.1"])
    assert variables["network_partition_down"] == "5000ms"
    assert variables["network_partition_up"] == "60000ms"
    assert variables["network_partition_action"] == "reset"
    assert fault.describe() == "reset from and to kafka-2, 5s down and 1m up"
    assert fault.outcome() == "was cut off by TCP resets for 5s again and again"
    assert fault.impact_on(Machine()) == DEGRADED


def test_a_partition_alone_has_no_times() -> None:
    assert "network_partition_down" not in NetworkPartition().role_variables(list)


@pytest.mark.parametrize("down", ["500ms", "1.5s", "11m", 5])
def test_other_times_are_refused(down: object) -> None:
    with pytest.raises(ValidationError):
        NetworkFlap.model_validate({"down": down})
