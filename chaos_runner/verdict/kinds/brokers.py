"""Brokers and the controller, as the cluster says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chaos_runner.measurements.model import Health
from chaos_runner.verdict.families.worst_answer import Reading, WorstAnswer, WorstCount
from chaos_runner.verdict.judgement import Value


class Brokers(WorstCount):
    """At least this many brokers must be alive, as the cluster says."""

    key = "brokers"
    written = Annotated[int, Field(ge=1, le=100_000)]
    unit = "brokers"
    bound = "at_least"
    judged_by = "live brokers"
    rank = 23
    unknown = "no_health_answer"

    @classmethod
    def count(cls, answer: Health) -> int | None:
        """Return the live ones."""
        return answer.brokers


def _is_active(written: object) -> float:
    return float(written == "active")


def _active(number: float) -> Value:
    return "active" if number else "absent"


class Controller(WorstAnswer):
    """The active controller must answer."""

    key = "controller"
    written = Literal["active"]
    unit = "controller"
    bound = "at_least"
    judged_by = "a request that only the active controller can answer"
    rank = 24
    place = _is_active
    word = _active
    unknown = "controller_not_asked"

    @classmethod
    def read(cls, answer: Health) -> Reading | None:
        """Return whether it answered, where it was asked lately."""
        controller = answer.controller
        if controller is None or not controller.is_fresh:
            return None
        return Reading(int(controller.active), _active(controller.active))
