"""Load an experiment file, or tell every mistake in it at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from chaos_runner.errors import InvalidExperimentError
from chaos_runner.experiment.models import Experiment
from chaos_runner.yaml_input.document import Document, read_document
from chaos_runner.yaml_input.problem import Problem
from chaos_runner.yaml_input.validation_errors import explain

Model = TypeVar("Model", bound=BaseModel)

HINT = "`chaos-runner schema` lists every key; docs/reference/experiment.md explains them"


@dataclass(frozen=True)
class Checked(Generic[Model]):
    """What a file says as a model, or the mistakes that stand against it."""

    file: Path
    model: Model | None
    problems: tuple[Problem, ...] = ()

    def message(self) -> str:
        """Return one line for each mistake, in the order of the file."""
        return "\n".join(problem.in_file(self.file) for problem in self.problems)


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


def check_document(file: Path, document: Document, model: type[Model]) -> Checked[Model]:
    """Validate what was read as `model`, joining mistakes in the YAML and in the values."""
    problems = list(document.problems)
    value = None
    if document.readable:
        try:
            value = model.model_validate(document.data)
        except ValidationError as error:
            problems += explain(error, model, document)
    return Checked(file, None if problems else value, tuple(sorted(set(problems))))
