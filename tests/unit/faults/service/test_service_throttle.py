"""The kind `service_throttle`: its options, its words, what reaches its role, and whom it hits."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import DEGRADED, NO_IMPACT, Machine, ServiceUse
from chaos_runner.faults.kinds.service.service_throttle import ServiceThrottle


def throttle(**options: object) -> ServiceThrottle:
    return ServiceThrottle.model_validate({"service": "kafka", **options})


def test_every_limit() -> None:
    fault = throttle(cpu="150%", memory="512MiB", io_weight=10)
    assert fault.describe() == ("throttle service kafka to 150% CPU, 512MiB memory, I/O weight 10")
    assert fault.role_variables(list) == {
        "service_throttle_service": "kafka",
        "service_throttle_cpu": "150%",
        "service_throttle_memory": 536870912,
        "service_throttle_io_weight": 10,
    }


def test_what_is_not_set_is_not_limited() -> None:
    fault = throttle(cpu="5%")
    assert fault.outcome() == "had kafka throttled to 5% CPU"
    assert fault.role_variables(list)["service_throttle_memory"] == 0
    assert fault.role_variables(list)["service_throttle_io_weight"] == 0


def test_a_broker_in_the_service_is_slow() -> None:
    assert throttle(cpu="5%").impact_on(Machine()) == DEGRADED
    nothing = Machine(use_of=lambda _: ServiceUse())
    assert throttle(cpu="5%").impact_on(nothing) == NO_IMPACT


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "limits nothing"),
        ({"cpu": "0%"}, "percent of one processor"),
        ({"cpu": "1.5%"}, "percent of one processor"),
        ({"cpu": 50}, "string"),
        ({"memory": "1KiB"}, "1MiB"),
        ({"memory": "1GB"}, "1MiB"),
        ({"io_weight": 0}, "`1` to `99`"),
        ({"io_weight": 100}, "`1` to `99`"),
        ({"cpu": "5%", "service": "systemd-journald"}, "could not be reached"),
    ],
)
def test_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        throttle(**options)
