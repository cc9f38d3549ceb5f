"""`chaos-runner changelog`: what was improved since a release, as runs showed it."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_runner.cli.learning.history import read
from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text


def changelog(
    since: Annotated[str, typer.Option("--since", help="A day, such as 2026-11-01, or a run.")],
    runs: RunsOption = None,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Write the section of a change log: findings verified since, with figures before and after."""
    from chaos_runner.learning.review.changelog import as_markdown
    from chaos_runner.operations.findings import findings_in
    from chaos_runner.operations.review import improvements_since
    from chaos_runner.workspace import find_findings

    found = findings_in(find_findings(directory))
    improved = improvements_since(since, found, read(runs))
    if output is Output.json:
        documents = [
            {
                "finding": each.name,
                "title": each.finding.title,
                "verified": each.verified.model_dump(mode="json"),
                "tolerances": each.tolerances,
                "figures": each.figures,
            }
            for each in improved
        ]
        print_json({"since": since, "improvements": documents})
    else:
        print_text(as_markdown(improved).rstrip() or f"nothing was verified since {since}")
    found.require_whole()
