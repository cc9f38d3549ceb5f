"""What is written into a game day from the page, as it comes over the wire."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chaos_runner.gameday.events import NoteKind
from chaos_runner.gameday.journal import GAMEDAY_NAME, find_day
from chaos_runner.operations.gameday import remarks

Words = Annotated[str, Field(max_length=1500)]
Name = Annotated[str, Field(max_length=100)]
Written = Annotated[Words, Field(min_length=1)]
Day = Annotated[str, Field(pattern=r"^gameday-[0-9a-z-]{1,60}$")]


class Asked(BaseModel):
    """A request to act: an object with these keys and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class StopAsked(Asked):
    """A viewer wants everything stopped."""

    name: Name = ""
    reason: Words = ""

    def said(self) -> str:
        """Return why, and by whom, as the halt switch keeps it."""
        by = f"{self.name}, on the live page" if self.name else "on the live page"
        return f"{self.reason} ({by})" if self.reason else f"stopped by {by}"


class NoteAsked(Asked):
    """A viewer's note for a game day."""

    day: Day
    text: Written
    kind: NoteKind = "note"
    name: Name = ""

    def write(self, runs_directory: Path) -> str:
        """Write it, and return what was done in words."""
        said = f"{self.name}: {self.text}" if self.name else self.text
        remarks.note(_path(self.day, runs_directory), said, self.kind)
        return f"{self.kind} written down"


class NoticedAsked(Asked):
    """Who or what noticed the fault, as a viewer says."""

    day: Day
    who: Annotated[str, Field(min_length=1, max_length=200)]
    text: Words = ""
    name: Name = ""

    def write(self, runs_directory: Path) -> str:
        """Write it, and return what was done in words."""
        said = " ".join(filter(None, (self.text, f"(written by {self.name})" if self.name else "")))
        remarks.noticed(_path(self.day, runs_directory), self.who, said)
        return f"noticed by {self.who}: written down"


class AbortAsked(Asked):
    """A viewer wants the running experiment of a game day ended."""

    day: Day
    reason: Words = ""
    name: Name = ""

    def write(self, runs_directory: Path) -> str:
        """End it, and return what was done in words."""
        return remarks.abort(_path(self.day, runs_directory), self.reason, self.name)


def _path(day: str, runs_directory: Path) -> Path:
    return find_day(str(runs_directory / day / GAMEDAY_NAME), runs_directory)
