"""Large packets that get lost: what is written of them, and what the role is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import DEGRADED, Machine
from chaos_runner.faults.kinds.network.mtu_black_hole import MtuBlackHole


def test_it_is_a_partition_for_large_packets() -> None:
    fault = MtuBlackHole.model_validate({"peers": ["kafka-2"], "ports": [9092]})
    variables = fault.role_variables(lambda _: ["192.0.2.1"])
    assert variables["network_partition_mtu"] == 1400
    assert variables["network_partition_peers"] == ["192.0.2.1"]
    assert fault.describe() == "drop packets above 1400 bytes from and to kafka-2 on port 9092"
    assert fault.outcome() == "lost all packets above 1400 bytes"
    assert fault.impact_on(Machine()) == DEGRADED


@pytest.mark.parametrize("mtu", [0, 67, 65_536, "1400", 1400.5])
def test_other_sizes_are_refused(mtu: object) -> None:
    with pytest.raises(ValidationError):
        MtuBlackHole.model_validate({"mtu": mtu})
