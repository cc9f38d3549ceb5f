"""`chaos-runner schema`: the JSON Schema of a file that people write, or of a journal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Document(StrEnum):
    """What a JSON Schema describes."""

    experiment = "experiment"
    journal = "journal"
    finding = "finding"
    gameday = "gameday"
    schedule = "schedule"


def schema(
    document: Annotated[
        Document,
        typer.Argument(help="A file that people write, or one line of a run's journal."),
    ] = Document.experiment,
) -> None:
    """Print the JSON Schema of a file that people write, or of a journal, for other programs."""
    if document is Document.journal:
        from chaos_runner.journal.schema import schema_text
    elif document is Document.finding:
        from chaos_runner.learning.findings.schema import schema_text
    elif document is Document.gameday:
        from chaos_runner.gameday.schema import schema_text
    elif document is Document.schedule:
        from chaos_runner.schedule.load import schema_text
    else:
        from chaos_runner.experiment.schema import schema_text
    print(schema_text(), end="")
