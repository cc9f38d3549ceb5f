"""`chaos-runner schema`: the JSON Schema of an experiment, a journal or a finding."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Document(StrEnum):
    """What a JSON Schema describes."""

    experiment = "experiment"
    journal = "journal"
    finding = "finding"


def schema(
    document: Annotated[
        Document,
        typer.Argument(help="An experiment file, one line of a run's journal, or a finding."),
    ] = Document.experiment,
) -> None:
    """Print the JSON Schema of an experiment file, a journal or a finding, for other programs."""
    if document is Document.journal:
        from chaos_runner.journal.schema import schema_text
    elif document is Document.finding:
        from chaos_runner.learning.findings.schema import schema_text
    else:
        from chaos_runner.experiment.schema import schema_text
    print(schema_text(), end="")
