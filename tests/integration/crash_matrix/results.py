"""What cells showed, kept as lines of JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Result(BaseModel):
    """How one cell ended."""

    model_config = ConfigDict(frozen=True)

    cell: str
    role: str
    moment: str
    death: str
    host: str
    ok: bool
    seconds: float
    """From the death (or from when an unreachable host could be reached again) until nothing was
    seen of the fault any more, and no guard was at work."""
    ended_by: str = ""
    day: str = Field(default_factory=lambda: f"{datetime.now(UTC):%Y-%m-%d}")
    """When it was run."""
    problem: str = ""
    """Why the cell is not ok, or nothing."""


Results = dict[str, Result]
"""The newest result of each cell, by the cell's name."""


def read_results(file: Path) -> Results:
    """Return what a results file holds; nothing where there is no such file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    results = [Result.model_validate_json(line) for line in lines]
    return {result.cell: result for result in results}
