"""The kind `service_pause`: its words, what reaches its role, and whom it hits."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import NO_IMPACT, UNAVAILABLE, Machine, ServiceUse
from chaos_runner.faults.kinds.service.service_pause import ServicePause


def test_words_and_role_variables() -> None:
    fault = ServicePause(service="kafka.service")
    assert fault.describe() == "pause service kafka"
    assert fault.outcome() == "had kafka paused"
    assert fault.role_variables(list) == {"service_pause_service": "kafka.service"}
    assert fault.occupied() == "service kafka"


def test_a_broker_in_the_service_is_missed_by_the_others() -> None:
    fault = ServicePause(service="kafka")
    assert fault.impact_on(Machine(use_of=lambda _: ServiceUse(has_server=True))) == UNAVAILABLE
    assert fault.impact_on(Machine(use_of=lambda _: ServiceUse())) == NO_IMPACT


def test_what_carries_the_session_is_refused() -> None:
    with pytest.raises(ValidationError, match="could not be reached"):
        ServicePause(service="sshd")
