"""What the host guard of a host with a systemd answered, read for tests."""

from __future__ import annotations

from chaos_runner.measurements.reading import Reading
from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.readings import readings_of
from tests.integration.sandbox.service.sandbox import RUN, SystemdHost


def refusal(answer: Answer) -> str:
    """Return why it was refused."""
    assert answer.data is not None
    assert answer.data.get("refused") is True, answer
    return str(answer.data["error"])


def effect(answer: Answer) -> dict[str, Reading]:
    """Return what was read of the fault, which bites."""
    assert answer.data is not None
    assert answer.data.get("effect") is True, answer
    return readings_of(answer.data)


def only_fault(answer: dict[str, object]) -> dict[str, object]:
    """Return the one fault that an answer speaks of."""
    faults = answer["faults"]
    assert isinstance(faults, list)
    (fault,) = faults
    assert isinstance(fault, dict)
    return fault


def is_in_place(host: SystemdHost) -> bool:
    """Renew the run's one fault, and return whether it is still on."""
    answer = host.guard("renew", RUN, "300").data
    assert answer is not None
    return only_fault(answer)["effect"] is True
