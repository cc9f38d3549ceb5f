"""One sign of a cause: there, not there, or not known; and the register of all signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chaos_runner.learning.diagnosis.observed import ObservedRun

State = Literal["there", "not there", "not known"]


@dataclass(frozen=True)
class Sign:
    """What a run shows of one sign, with the evidence in words."""

    state: State
    evidence: str = ""


Look = Callable[[ObservedRun], Sign]
SIGNS: dict[str, Look] = {}
"""Every sign that the table of causes may name."""


def sign(look: Look) -> Look:
    """Register a function as the sign of its name."""
    SIGNS[look.__name__] = look
    return look


NOT_THERE = Sign("not there")


def there(evidence: str) -> Sign:
    """Return a sign that is there."""
    return Sign("there", evidence)


def unknown(what: str) -> Sign:
    """Return a sign of which the journal does not say whether it is there."""
    return Sign("not known", f"the journal does not say {what}")
