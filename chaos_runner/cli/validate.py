"""`chaos-runner validate`: check experiment files, touching nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.errors import InvalidExperimentError

if TYPE_CHECKING:
    from chaos_runner.experiment.load import Checked
    from chaos_runner.experiment.models import Experiment


def validate(
    experiments: Annotated[
        list[Path], typer.Argument(metavar="EXPERIMENT", help="Experiment files (YAML).")
    ],
    output: OutputOption = Output.text,
) -> None:
    """Check experiment files and show every mistake in them at once.

    Reads nothing but the files. Exit code 0: all are valid; 2: at least one is not.
    """
    from chaos_runner.experiment.load import HINT, check_experiment

    checked = [check_experiment(file) for file in experiments]
    messages = [one.message() for one in checked if one.model is None]
    if output is Output.json:
        print_json({"valid": not messages, "experiments": [_as_json(one) for one in checked]})
        if messages:
            raise typer.Exit(InvalidExperimentError.exit_code)
        return
    for one in checked:
        if one.model is not None:
            print(f"{one.file}: valid: {_summary(one.model)}")
    if messages:
        raise InvalidExperimentError("\n".join(messages), HINT)


def _summary(experiment: Experiment) -> str:
    from chaos_runner.units import format_duration

    faults = "; ".join(
        f"{entry.options.summary()}, for {format_duration(entry.duration)}"
        for entry in experiment.faults
    )
    return f"{experiment.title} ({faults})"


def _as_json(checked: Checked[Experiment]) -> dict[str, object]:
    return {
        "file": str(checked.file),
        "valid": checked.model is not None,
        "title": checked.model.title if checked.model else None,
        "problems": [
            {"line": problem.line, "key": problem.key, "message": problem.text}
            for problem in checked.problems
        ],
    }
