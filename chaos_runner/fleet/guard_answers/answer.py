"""What every answer of the host guard has, and the faults that it names."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

AnswerModel = TypeVar("AnswerModel", bound="Answer")

OVER = frozenset({"CLEAN", "ACCEPTED"})
"""The phases in which a fault is over. Any other, UNKNOWN too, may still have something on."""


class Answer(BaseModel):
    """What every answer has."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    verbs: ClassVar[tuple[str, ...]] = ()
    """The verbs that are answered like this."""

    guard: str | int = ""
    """The guard's version."""
    token: str = ""
    """What the asker sent along, so that no other text can be taken for the answer."""
    verb: str = ""
    ok: bool = False
    error: str = ""
    hint: str = ""
    refused: bool = False
    """True when the guard declined for safety and touched nothing."""
    busy: bool = False
    """True when another verb is at work on the host: ask again."""
    now: float = 0.0
    """The host's uptime at the answer, in seconds, suspended time included."""
    problems: tuple[str, ...] = ()
    """What could not be looked at; with any, nothing is proved."""


class KnownFault(BaseModel):
    """One fault that a host remembers; it is over in the phases of `OVER`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fault: str
    run: str = ""
    kind: str = ""
    phase: str = ""
