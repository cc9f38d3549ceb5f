"""Ask whether a file is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kind import CheckKind
from chaos_runner.verdict.answer import Answer


class FileCheck(CheckKind):
    """Look whether a file is there on the control node."""

    kind: ClassVar[str] = "file_there"

    path: str
    """The file."""

    def describe(self) -> str:
        """Return e.g. `/run/ready is there`."""
        return f"{self.path} is there"

    def reaches(self) -> Iterator[str]:
        """Yield that it looks at a file of this machine."""
        yield f"looks at {self.path}"

    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        """Return exit code 0 where it is there, else 1."""
        there = (directory / self.path).exists()
        return Answer(how="exit", verdict="held" if there else "deviated", code=int(not there))
