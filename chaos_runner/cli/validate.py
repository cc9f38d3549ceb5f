"""`chaos-runner validate`: check experiment files, touching nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.errors import InvalidExperimentError

if TYPE_CHECKING:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.workspace_file import WorkspaceConfig
    from chaos_runner.yaml_input.checked import Checked


def validate(
    experiments: Annotated[
        list[Path], typer.Argument(metavar="EXPERIMENT", help="Experiment files (YAML).")
    ],
    output: OutputOption = Output.text,
) -> None:
    """Check experiment files and show every mistake in them at once.

    Reads nothing but the files. Exit code 0: all are valid; 2: at least one is not.
    """
    from chaos_runner.experiment.load import HINT

    checked = [_check(file) for file in experiments]
    messages = [one.message() for one in checked if one.model is None]
    if output is Output.json:
        print_json({"valid": not messages, "experiments": [_as_json(one) for one in checked]})
        if messages:
            raise typer.Exit(InvalidExperimentError.exit_code)
        return
    for one in checked:
        if one.model is not None:
            print_text(f"{one.file}: valid: {_summary(one.model)}")
    if messages:
        raise InvalidExperimentError("\n".join(messages), HINT)


def _check(file: Path) -> Checked[Experiment] | Checked[WorkspaceConfig]:
    """Check an experiment, or the workspace's own file where that is what was named."""
    from chaos_runner.experiment.load import check_experiment
    from chaos_runner.workspace import CONFIG_FILE
    from chaos_runner.workspace_file import check_config

    return check_config(file) if file.name == CONFIG_FILE else check_experiment(file)


def _summary(read: Experiment | WorkspaceConfig) -> str:
    from chaos_runner.wording.course import course_words
    from chaos_runner.workspace_file import WorkspaceConfig

    if isinstance(read, WorkspaceConfig):
        said = read.model_dump(exclude_none=True)
        words = ", ".join(f"{key} {value}" for key, value in said.items()) or "nothing set"
        return f"the workspace's configuration, no experiment ({words})"
    experiment = read
    faults = "; ".join(
        f"{entry.options.describe()}, {course_words(entry)}" for entry in experiment.faults
    )
    return f"{experiment.title} ({faults})"


def _as_json(checked: Checked[Experiment] | Checked[WorkspaceConfig]) -> dict[str, object]:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.workspace import CONFIG_FILE

    return {
        "file": str(checked.file),
        "kind": "workspace" if checked.file.name == CONFIG_FILE else "experiment",
        "valid": checked.model is not None,
        "title": checked.model.title if isinstance(checked.model, Experiment) else None,
        "problems": [
            {"line": problem.line, "key": problem.key, "message": problem.text}
            for problem in checked.problems
        ],
    }
