"""What all events of a journal have alike."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class BaseEvent(BaseModel):
    """Hold when something happened: by the wall clock (UTC), and in seconds since the start."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: datetime
    elapsed: float
