"""`chaos-runner history`, `trend` and `compare`: runs beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text, warn
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.learning.history.index import History


def history(
    experiment: Annotated[
        str | None, typer.Argument(help="Only runs of this experiment: its name or file.")
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 30,
    runs: RunsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """List the runs of the workspace with their verdicts and figures, the newest last."""
    from chaos_runner.cli.text.history import runs_text
    from chaos_runner.learning.history.facts import experiment_name

    found = read(runs, experiment_name(experiment) if experiment else "", last)
    chosen = found.runs
    if output is Output.json:
        documents = [run.document() for run in chosen]
        print_json({"runs": documents, "problems": list(found.problems)})
    else:
        print_text(runs_text(chosen) if chosen else _none(runs, experiment))


def trend(
    experiment: Annotated[str, typer.Argument(help="The experiment: its name or file.")],
    runs: RunsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Say what got better or worse over the runs of an experiment, beyond chance.

    The later half of its newest runs is compared with the earlier half.
    """
    from chaos_runner.cli.text.history import runs_text, trend_document, trend_words
    from chaos_runner.learning.history.comparison import halves, trends
    from chaos_runner.learning.history.facts import experiment_name

    name = experiment_name(experiment)
    chosen = read(runs, name).of_experiment(name)
    moved = trends(*halves(chosen))
    if output is Output.json:
        documents = [run.document() for run in chosen]
        figures = [trend_document(each) for each in moved]
        print_json({"experiment": name, "figures": figures, "runs": documents})
        return
    if not chosen:
        print_text(_none(runs, experiment))
        return
    print_text("\n".join([runs_text(chosen), "", *map(trend_words, moved)]).rstrip())


def _none(runs: Path | None, experiment: str | None) -> str:
    """Say that there is no run, where it was looked for, and which experiments have some."""
    from chaos_runner.cli.text.history import listed
    from chaos_runner.learning.history.facts import experiment_name
    from chaos_runner.operations.history import history_of
    from chaos_runner.workspace import find_runs
    from chaos_runner.yaml_input.problem import did_you_mean

    where = find_runs(runs)
    if not experiment:
        return f"no runs in {where}"
    name = experiment_name(experiment)
    known = sorted({run.experiment for run in history_of(where).runs if run.experiment})
    near = did_you_mean(name, known) or f"; there are runs of {listed(known)}"
    return shown_line(f"no runs of {name} in {where}{near}")


def compare(
    first: Annotated[str, typer.Argument(help="A run's id, its directory, or its journal.")],
    second: Annotated[str, typer.Argument(help="Another one, mostly the newer.")],
    runs: RunsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Set two runs side by side, and beside what is usual for the second one's experiment."""
    from chaos_runner.cli.text.history import compared_document, compared_text
    from chaos_runner.learning.history import comparison

    found = read(runs)
    one, two = found.named(first), found.named(second)
    figures = comparison.compare(one, two, found.of_experiment(two.experiment))
    if output is Output.json:
        both = {"first": one.document(), "second": two.document()}
        print_json({**both, "figures": [compared_document(each) for each in figures]})
    else:
        print_text(compared_text(one, two, figures))


def read(runs: Path | None, experiment: str = "", newest: int = -1) -> History:
    """Return the history, or a part of it, and warn of each journal that could not be read."""
    from chaos_runner.operations.history import history_of
    from chaos_runner.workspace import find_runs

    found = history_of(find_runs(runs), experiment, newest)
    for problem in found.problems:
        warn(f"left out: {problem}")
    return found
