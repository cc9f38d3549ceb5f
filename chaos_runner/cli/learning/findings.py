"""`chaos-runner findings`: what runs showed, who improves it, and by when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import FindingsOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.learning.findings.files import FoundFindings, WrittenFinding

app = typer.Typer(help="Findings: what runs showed, who improves it, and by when.")
Name = Annotated[str, typer.Argument(metavar="FINDING", help="Its name: that of its file.")]


@app.callback(invoke_without_command=True)
def findings(
    context: typer.Context,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those past their date; exit code 1 for any.")
    ] = False,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """List the findings of the workspace, the most urgent first."""
    if context.invoked_subcommand is not None:
        return
    from chaos_runner.cli.text.findings import as_document, as_lines, in_order
    from chaos_runner.operations.findings import today

    found = _found(directory)
    day = today()
    listed = in_order(found.findings)
    late = [each for each in listed if each.finding.is_overdue(day)]
    shown = late if overdue else listed
    if output is Output.json:
        documents = [as_document(each, day) for each in shown]
        print_json({"findings": documents, "mistakes": list(found.mistakes)})
    else:
        print_text("\n".join(as_lines(shown, day)) or _nothing(found, overdue=overdue))
    found.require_whole()
    if overdue and late:
        raise typer.Exit(1)


@app.command()
def show(
    name: Name,
    runs: RunsOption = None,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Show a finding, and what the newest runs say of it."""
    from chaos_runner.cli.text.findings import as_document, as_text
    from chaos_runner.learning.findings.review import review
    from chaos_runner.operations.findings import today
    from chaos_runner.operations.history import history_of
    from chaos_runner.workspace import find_runs

    written = _found(directory).named(name)
    said = review(written.finding, history_of(find_runs(runs)).runs)
    if output is Output.json:
        advice = {"advice": said.advice, "why": said.why, "run": said.run.run if said.run else None}
        print_json({**as_document(written, today()), "review": advice})
    else:
        print_text(as_text(written, said, today()))


@app.command()
def close(name: Name, directory: FindingsOption = None) -> None:
    """Write down that a finding is fixed, and waits for a run that shows it."""
    from chaos_runner.operations.findings import close_finding

    written = close_finding(_found(directory).named(name))
    print_text(
        f"{written.file}: {written.finding.state}; run {written.finding.experiment} again, then "
        "`chaos-runner findings verify`"
    )


@app.command()
def accept(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why it stays unfixed; written down.")],
    directory: FindingsOption = None,
) -> None:
    """Accept the risk of a finding: it stays unfixed, with the reason on record."""
    from chaos_runner.journal.identity import user_here
    from chaos_runner.operations.findings import accept_finding

    written = accept_finding(_found(directory).named(name), reason, user_here())
    print_text(f"{written.file}: {written.finding.state}")


@app.command()
def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="[FINDING]", help="Its name; all when left out.")
    ] = None,
    runs: RunsOption = None,
    directory: FindingsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Write down which findings the newest runs verify, and reopen those that deviate again.

    Exit code 1 where one was reopened.
    """
    from chaos_runner.operations.findings import apply_review, reviews
    from chaos_runner.operations.history import history_of
    from chaos_runner.workspace import find_runs

    found = _found(directory)
    chosen = [found.named(name)] if name else list(found.findings)
    said = reviews(found, history_of(find_runs(runs)))
    results = []
    for each in chosen:
        review = said[each.name]
        changed = apply_review(each, review)
        state = (changed or each).finding.state
        results.append(
            {
                "finding": each.name,
                "state": state,
                "advice": review.advice,
                "why": review.why,
                "run": review.run.run if review.run else None,
            }
        )
    if output is Output.json:
        print_json({"findings": results, "mistakes": list(found.mistakes)})
    else:
        lines = [
            shown_line(f"{each['finding']}: {each['state']} ({each['why']})") for each in results
        ]
        print_text("\n".join(lines) or _nothing(found, overdue=False))
    if not name:
        found.require_whole()
    if any(each["advice"] == "reopen" for each in results):
        raise typer.Exit(1)


def _found(directory: Path | None) -> FoundFindings:
    from chaos_runner.operations.findings import findings_in
    from chaos_runner.workspace import find_findings

    return findings_in(find_findings(directory))


def _nothing(found: FoundFindings, *, overdue: bool) -> str:
    if found.mistakes:
        return "no finding could be read"
    if overdue and found.findings:
        return f"none of {len(found.findings)} findings is past its date"
    return f"no findings in {found.directory}; `chaos-runner findings add RUN` makes one"


def print_added(written: WrittenFinding, output: Output) -> None:
    """Print where a new finding was written."""
    if output is Output.json:
        print_json({"finding": written.name, "file": str(written.file)})
    else:
        print_text(str(written.file))
