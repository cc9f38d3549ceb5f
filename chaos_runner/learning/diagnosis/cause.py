"""The table of usual causes, as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, TypeAdapter

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.yaml_input.document import read_document
from chaos_runner.yaml_input.written_model import WrittenModel

TABLE = Path(__file__).with_name("causes.yml")


class Cause(WrittenModel):
    """One usual cause: what it does, by which signs it shows, what helps, and who says so."""

    title: str
    says: str
    needs: list[str] = Field(min_length=1)
    """Signs without which it is not the cause."""
    fits: list[str]
    """Signs that speak for it."""
    against: list[str] = Field(default=[])
    """Signs that rule it out."""
    remedy: str
    cost: str
    effect: str
    test: str
    """How the next cycle shows whether it was the cause."""
    source: str
    """Where it is documented."""

    @property
    def signs(self) -> tuple[str, ...]:
        """Return the signs that speak for it, those that it needs first."""
        return (*self.needs, *self.fits)


@cache
def usual_causes() -> dict[str, Cause]:
    """Return the causes by name, in the order of the table."""
    document = read_document(TABLE)
    if document.problems:
        raise ChaosRunnerError(f"{TABLE}: {document.problems[0].text}")
    return TypeAdapter(dict[str, Cause]).validate_python(document.data)
