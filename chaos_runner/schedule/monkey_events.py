"""The lines of a monkey's journal: all that it remembers of what it did and left out."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from chaos_runner.measurements.run_kind import RunName

Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class _MonkeyEvent(BaseModel):
    """One thing that happened, and when."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: Moment


class _OfOccurrence(_MonkeyEvent):
    """One thing that happened to an occurrence: an experiment and when it was due."""

    experiment: str
    due: Moment


class Started(_MonkeyEvent):
    """The service began to work; what was due before the first such line is none of its."""

    event: Literal["started"] = "started"
    schedule: str
    process: int


class Announced(_OfOccurrence):
    """An occurrence was announced."""

    event: Literal["announced"] = "announced"


class Skipped(_OfOccurrence):
    """An occurrence did not come, and does not come any more."""

    event: Literal["skipped"] = "skipped"
    reason: str


class Begun(_OfOccurrence):
    """A run is about to begin: on disk before it does, so that no restart begins it again."""

    event: Literal["begun"] = "begun"
    run: RunName
    hosts: list[str]
    groups: list[str]
    expected_end: Moment


class Ended(_OfOccurrence):
    """A run ended, or was found to have ended when the service came back."""

    event: Literal["ended"] = "ended"
    run: RunName
    verdict: str = ""
    """Empty where the run reached none."""
    exit_code: int | None = None
    outage: float = 0.0
    """Seconds, as the run measured it."""
    reasons: list[str] = []


class FindingMade(_MonkeyEvent):
    """A finding was written of a run that deviated."""

    event: Literal["finding_made"] = "finding_made"
    experiment: str
    run: RunName
    finding: str
    """Its name."""


class Released(_MonkeyEvent):
    """Somebody said that an experiment may come again."""

    event: Literal["released"] = "released"
    experiment: str
    by: str


class Stopped(_MonkeyEvent):
    """The service ended in order."""

    event: Literal["stopped"] = "stopped"
    reason: str


MonkeyEvent = Started | Announced | Skipped | Begun | Ended | FindingMade | Released | Stopped
ANY_EVENT: TypeAdapter[MonkeyEvent] = TypeAdapter(
    Annotated[MonkeyEvent, Field(discriminator="event")]
)
KINDS = frozenset(
    {"started", "announced", "skipped", "begun", "ended", "finding_made", "released", "stopped"}
)
