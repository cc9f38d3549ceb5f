"""`chaos-runner baseline`: measure what is normal, and write it into the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.experiment import duration_option
from chaos_runner.cli.options.shared import InventoryOption, RunsOption, TrustOption
from chaos_runner.cli.probe import ForOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text

if TYPE_CHECKING:
    from chaos_runner.baseline.baseline import Proposal
    from chaos_runner.operations.measure import Measurement


def baseline(
    experiment: Annotated[Path, typer.Argument(help="An experiment file; no fault is run.")],
    length: ForOption = "1m",
    head_room: Annotated[
        str, typer.Option(metavar="SHARE", help="How much more than normal is tolerated.")
    ] = "50%",
    write: Annotated[
        bool, typer.Option("--write", help="Write the tolerances into the experiment file.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace tolerances that the file already has.")
    ] = False,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    trust: TrustOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Measure a cluster without any fault, and propose what the experiment should tolerate.

    The first line says whether they were written, or why not. With --write the tolerances stand
    in the file, comments and order untouched; what was written by hand is kept unless --replace.
    Refuses to write (exit code 3) what is not normal: a cluster that was not stable, records
    lost, a probe short of CPU.
    """
    from chaos_runner.baseline.baseline import propose, to_write
    from chaos_runner.cli.live.running import measure_and_report
    from chaos_runner.errors import ProbeError
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.experiment.steady_state import SteadyState
    from chaos_runner.experiment.steady_state_edit import write_tolerances
    from chaos_runner.planning.trust_gate import require_trust
    from chaos_runner.workspace import find_runs

    room = _percentage_option("head-room", head_room)
    asked = load_experiment(experiment)
    require_trust(asked, experiment, trusted=trust)
    # What is normal is measured, not judged by what was believed before.
    bare = asked.without_faults(f"Baseline: {asked.title}", duration_option("for", length))
    bare = bare.model_copy(update={"steady_state": SteadyState()})
    done, report = measure_and_report(bare, experiment, "baseline", inventory, find_runs(runs))
    proposals = propose(asked, done.measured, room, replace=replace)
    new = to_write(proposals)
    why_not = _why_not_written(done, new, asked_to=write)
    if not why_not:
        write_tolerances(experiment, new)
    _print(done, report, proposals, experiment, why_not, output)
    if write and done.measured.doubts and done.outcome.exit_code in (0, ProbeError.exit_code):
        if output is Output.json:
            # The document just printed has the doubts; a second one would make it unreadable.
            raise typer.Exit(ProbeError.exit_code)
        raise ProbeError(
            f"nothing was written into {experiment}: {'; '.join(done.measured.doubts)}",
            "let the cluster come to rest, and measure for longer: --for 2m",
        )
    raise typer.Exit(done.outcome.exit_code)


def _percentage_option(name: str, text: str) -> float:
    from chaos_runner.errors import UsageError
    from chaos_runner.units import parse_percentage

    try:
        return parse_percentage(text)
    except ValueError as error:
        raise UsageError(f"--{name}: {error}") from None


def _why_not_written(done: Measurement, new: Mapping[str, str], *, asked_to: bool) -> str:
    """Return why the file stays as it is, or nothing; what is not normal comes first."""
    if done.measured.doubts:
        return "; ".join(done.measured.doubts)
    if not new:
        return "it says all of them already; --replace replaces them"
    return "" if asked_to else "--write was not given"


def _print(
    done: Measurement,
    report: Path | None,
    proposals: list[Proposal],
    file: Path,
    why_not: str,
    output: Output,
) -> None:
    from dataclasses import asdict

    from chaos_runner.cli.text.measurement import measurement_as_json, print_measurement

    if output is Output.json:
        rows = [asdict(proposal) for proposal in proposals]
        written = {"written": "" if why_not else str(file), "not_written": why_not}
        print_json(measurement_as_json(done, report) | {"tolerances": rows} | written)
        return
    print_text(f"nothing was written into {file}: {why_not}" if why_not else f"written into {file}")
    print_measurement(done, report, as_normal=True)
    _print_table(proposals)


def _print_table(proposals: list[Proposal]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from chaos_runner.experiment.steady_state import Tolerances

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("tolerance", no_wrap=True, min_width=max(map(len, Tolerances.model_fields)))
    for heading in ("normal", "with head-room", "in the file", ""):
        table.add_column(heading)
    for each in proposals:
        status = f"{each.status}, though normal exceeds it" if each.exceeded else each.status
        table.add_row(each.tolerance, each.normal, each.proposed, each.experiment, status)
    Console(soft_wrap=True).print(table)
