"""The option of `disk_stall`: what is refused, and what reaches the role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.disk_stall import DiskStall


def stall(path: object = "/var/lib/kafka") -> DiskStall:
    return DiskStall.model_validate({"path": path})


def test_the_option_reaches_the_role() -> None:
    assert stall().role_variables(list) == {"disk_stall_path": "/var/lib/kafka"}


def test_it_is_described() -> None:
    assert stall().describe() == "stall the file system of /var/lib/kafka"
    assert stall().outcome() == "had the file system of /var/lib/kafka stalled"
    assert stall().occupied() == "file system of /var/lib/kafka"


def test_a_broker_that_cannot_write_is_not_there() -> None:
    assert stall().impact_on(Machine()).harm is Harm.UNAVAILABLE


@pytest.mark.parametrize("path", ["data", "/a/../b", "/a b", 5])
def test_paths_that_are_refused(path: object) -> None:
    with pytest.raises(ValidationError):
        stall(path)
