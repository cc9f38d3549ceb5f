"""The base of every kind of check: what a user may write of it, and how it is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.judgement import Verdict
from chaos_runner.yaml_input.written_model import WrittenModel


class CheckKind(WrittenModel, ABC):
    """One way to ask whether all is well, other than by the probe's records.

    The fields are what a user may write of it. The first line of the docstring says what it asks,
    in the imperative, since users read it.
    """

    kind: ClassVar[str]
    """The key in an experiment file."""
    short: ClassVar[str] = ""
    """The field that a user means by a value that is no mapping; none where this is empty."""
    when_late: ClassVar[Verdict] = "deviated"
    """What an answer that does not come in time means."""

    @classmethod
    def title(cls) -> str:
        """Return in one line what it asks."""
        return (cls.__doc__ or cls.kind).strip().splitlines()[0]

    @classmethod
    def read(cls, written: object) -> object:
        """Return what a user wrote as the mapping of its fields."""
        return {cls.short: written} if cls.short and isinstance(written, list) else written

    @property
    def notice_within(self) -> float | None:
        """Return the seconds after the fault within which it must see something, or None.

        Such a check is judged once, for the phase during, and cannot be a safeguard.
        """
        return None

    @abstractmethod
    def describe(self) -> str:
        """Return in a few words what is asked and what must be answered."""

    @abstractmethod
    def reaches(self) -> Iterator[str]:
        """Yield each thing beyond the experiment that it reaches for, to follow "check 1 "."""

    @abstractmethod
    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        """Ask once, and return the answer, whatever it is; it ends soon once it is cut off.

        `directory` is that of the experiment's file. Runs in a thread of its own.
        """

    def why_blind(self, cutoff: Cutoff, directory: Path) -> str:
        """Return why an answer that holds would hold whatever happened; nothing where it says much.

        It is asked once a minute and at the end of each phase, in the thread of `ask`.
        """
        return ""
