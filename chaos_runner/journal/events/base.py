"""What all events of a journal have alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

NOT_WRITTEN = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the moment of an event that no journal has written yet."""

LAST_YEAR = 9000
"""The year before which every moment lies: one can still add to it what a run lasts."""


def _in_range(moment: datetime) -> datetime:
    if not 1970 < moment.year < LAST_YEAR:
        raise ValueError("lies outside of the years 1971 to 8999")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""A moment of the wall clock in UTC, to which one can still add what a run lasts."""


class BaseEvent(BaseModel):
    """When something happened: by the wall clock (UTC), and in seconds since the start.

    The journal that writes an event says when; a line without it is no event.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: Moment = NOT_WRITTEN
    elapsed: float = 0.0
