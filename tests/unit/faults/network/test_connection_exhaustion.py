"""No new connections: what is written of them, and what the role is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import DEGRADED, Machine
from chaos_runner.faults.kinds.network.connection_exhaustion import ConnectionExhaustion
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition


def test_it_is_a_partition_for_new_connections() -> None:
    fault = ConnectionExhaustion.model_validate({"ports": [9092], "action": "reset"})
    variables = fault.role_variables(list)
    assert variables["network_partition_connections"] == "new"
    assert variables["network_partition_action"] == "reset"
    assert variables["network_partition_peers"] == []
    assert fault.describe() == "reset new connections from and to all peers on port 9092"
    assert fault.outcome() == "took and made no new connection"
    assert fault.impact_on(Machine()) == DEGRADED


def test_a_partition_alone_is_about_every_packet() -> None:
    assert "network_partition_connections" not in NetworkPartition().role_variables(list)


def test_an_error_message_is_no_action_of_it() -> None:
    with pytest.raises(ValidationError, match="'drop' or 'reset'"):
        ConnectionExhaustion.model_validate({"action": "reject"})
