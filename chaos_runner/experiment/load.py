"""Load an experiment file, or tell every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.errors import InvalidExperimentError
from chaos_runner.experiment.models import Experiment
from chaos_runner.yaml_input.checked import Checked, check_document
from chaos_runner.yaml_input.document import read_document
from chaos_runner.yaml_input.problem import Problem

HINT = "`chaos-runner schema` lists every key; docs/reference/experiment.md explains them"


def load_experiment(file: Path) -> Experiment:
    """Return the experiment in a file, or raise InvalidExperimentError naming every mistake."""
    checked = check_experiment(file)
    if checked.model is None:
        raise InvalidExperimentError(checked.message(), HINT)
    return checked.model


def check_experiment(file: Path) -> Checked[Experiment]:
    """Return the experiment in a file, or its mistakes; never raise for what a user wrote."""
    document = read_document(file)
    if document.readable and document.data is None:
        empty = Problem(1, "", "is empty; `chaos-runner init` writes an example")
        return Checked(file, None, (empty,))
    return check_document(file, document, Experiment)
