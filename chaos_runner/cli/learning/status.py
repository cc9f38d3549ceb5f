"""`chaos-runner status`: a page for the users of the system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.learning.history import read
from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import print_text


def status(
    page: Annotated[Path, typer.Argument(metavar="PAGE.html", help="The file to write.")],
    language: Annotated[str, typer.Option(help="en or ko.")] = "en",
    runs: RunsOption = None,
    directory: FindingsOption = None,
) -> None:
    """Write a page for users of the system: what is tested, what held, what is promised by when."""
    from chaos_runner.operations.findings import findings_in
    from chaos_runner.operations.status import write_status_page
    from chaos_runner.workspace import find_findings

    found = findings_in(find_findings(directory))
    found.require_whole()
    print_text(str(write_status_page(page, found, read(runs), language)))
