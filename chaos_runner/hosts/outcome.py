"""What came of an action on hosts, the same for both channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chaos_runner.fleet.guard_answers.answer import AnswerModel
from chaos_runner.hosts.guard_answer import GuardAnswer

OutcomeState = Literal["ok", "failed", "unreachable", "missing"]


@dataclass(frozen=True)
class HostOutcome:
    """What is known of one host after an action.

    `ok`: every step ended well. `failed`: a step failed, `message` says which and why.
    `unreachable`: the host could not be reached at some step; earlier steps may have worked.
    `missing`: there is no final word (cancelled, timed out, or the action never began there):
    the host must be looked at again before anything is claimed about it.
    """

    state: OutcomeState
    message: str = ""
    answers: tuple[GuardAnswer, ...] = ()

    def answer(self, model: type[AnswerModel]) -> AnswerModel | None:
        """Return the guard's last answer of this model, or None where the host gave none."""
        readings = (answer.read(model) for answer in reversed(self.answers))
        return next((reading for reading in readings if reading is not None), None)


@dataclass(frozen=True)
class PlaybookOutcome:
    """What a playbook did, host by host; every host that was asked for has an entry.

    After `cancelled` or `timed_out` the step in flight may still finish on a host: wait, roll
    back, and verify.
    """

    per_host: dict[str, HostOutcome] = field(default_factory=dict)
    cancelled: bool = False
    timed_out: bool = False
