"""The options of `disk_slow`: what is refused, what reaches the role, what it does to a broker."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.service.disk_slow import DiskSlow


def slow(**options: object) -> DiskSlow:
    return DiskSlow.model_validate({"service": "kafka", "path": "/var/lib/kafka"} | options)


def test_every_option_reaches_the_role() -> None:
    assert slow(read="1MiB", write="8KiB", read_operations=5).role_variables(list) == {
        "disk_slow_service": "kafka",
        "disk_slow_path": "/var/lib/kafka",
        "disk_slow_read": 1048576,
        "disk_slow_write": 8192,
        "disk_slow_read_operations": 5,
        "disk_slow_write_operations": 0,
    }


def test_it_is_described() -> None:
    said = slow(write="1MiB", read_operations=10)
    limits = "1MiB/s written, 10 reads/s"
    assert said.describe() == f"slow the disk of /var/lib/kafka for service kafka to {limits}"
    assert said.outcome() == f"had the disk of /var/lib/kafka slowed to {limits} for kafka"


def test_a_broker_is_slower_and_there() -> None:
    assert slow(write="1MiB").impact_on(Machine()).harm is Harm.DEGRADED


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"write": "1B"},
        {"write": 1},
        {"read_operations": 0},
        {"path": "data", "write": "1MiB"},
        {"service": "sshd", "write": "1MiB"},
    ],
)
def test_options_that_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        slow(**options)
