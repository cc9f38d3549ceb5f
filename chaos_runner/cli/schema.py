"""`chaos-runner schema`: the JSON Schema of an experiment, or of a journal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Document(StrEnum):
    """What a JSON Schema describes."""

    experiment = "experiment"
    journal = "journal"


def schema(
    document: Annotated[
        Document, typer.Argument(help="The experiment file, or one line of a run's journal.")
    ] = Document.experiment,
) -> None:
    """Print the JSON Schema of an experiment file or of a journal, for other programs."""
    if document is Document.journal:
        from chaos_runner.journal.schema import schema_text
    else:
        from chaos_runner.experiment.schema import schema_text
    print(schema_text(), end="")
