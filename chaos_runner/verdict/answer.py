"""What a check got to know: how one question was answered, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.verdict.judgement import Verdict


class Answer(BaseModel):
    """How one question of a check was answered: `how` says which of the fields it has."""

    model_config = ConfigDict(frozen=True)

    how: Literal[
        "exit",
        "signal",
        "not_started",
        "status",
        "values",
        "alerts",
        "timeout",
        "unreachable",
        "not_understood",
    ]
    verdict: Verdict
    """Of this one answer: inconclusive where it lets nobody see."""
    code: int = 0
    """The exit code, the number of the signal, or the status of HTTP."""
    value: float | None = None
    """The value that lies furthest out."""
    count: int = 0
    """How many series had a value, or how many alerts fire."""
    series: str = ""
    """The labels of the series that the value is of."""
    seconds: float = 0.0
    """How long the answer took."""
    timeout: float = 0.0
    """How long it may have taken; of `timeout` alone."""
    output: str = ""
    """The last line that a command wrote, or why it is not better."""

    @property
    def succeeded(self) -> bool:
        """Tell whether it is as it should be."""
        return self.verdict == "held"


@dataclass(frozen=True)
class Answered:
    """One answer, and when it was asked for and came, on the monotonic clock."""

    asked: float
    ended: float
    answer: Answer
    phase: str = ""
    """The phase of the run in which it was asked for."""
