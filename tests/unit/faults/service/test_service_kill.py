"""The kind `service_kill`: its options, its words, what reaches its role, and whom it hits."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import UNAVAILABLE, Machine
from chaos_runner.faults.kinds.service.service_kill import ServiceKill


def test_killed_once() -> None:
    fault = ServiceKill(service="kafka.service")
    assert fault.describe() == "kill service kafka"
    assert fault.outcome() == "had kafka killed"
    assert fault.role_variables(list) == {
        "service_kill_service": "kafka.service",
        "service_kill_signal": "KILL",
        "service_kill_interval": "",
    }


def test_a_crash_loop() -> None:
    fault = ServiceKill.model_validate({"service": "kafka", "signal": "ABRT", "interval": "1m30s"})
    assert fault.describe() == "kill service kafka by SIGABRT every 1m30s"
    assert fault.outcome() == "had kafka killed by SIGABRT every 1m30s"
    assert fault.role_variables(list)["service_kill_interval"] == "90000ms"
    assert fault.impact_on(Machine()) == UNAVAILABLE


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"signal": "STOP"}, "'KILL', 'ABRT' or 'TERM'"),
        ({"signal": 9}, "'KILL', 'ABRT' or 'TERM'"),
        ({"interval": "999ms"}, "1s"),
        ({"interval": "2h"}, "1h"),
        ({"interval": 10}, "10s"),
        ({"service": "sshd"}, "could not be reached"),
    ],
)
def test_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ServiceKill.model_validate({"service": "kafka", **options})
