"""A file as a model, or every mistake that stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from chaos_runner.yaml_input.document import Document
from chaos_runner.yaml_input.problem import Problem
from chaos_runner.yaml_input.validation_errors import explain

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Checked(Generic[Model]):
    """What a file says as a model, or the mistakes that stand against it."""

    file: Path
    model: Model | None
    problems: tuple[Problem, ...] = ()

    def message(self) -> str:
        """Return one line for each mistake, in the order of the file."""
        return "\n".join(problem.in_file(self.file) for problem in self.problems)


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
