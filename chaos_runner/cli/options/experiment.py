"""What a command line asks for in place of an experiment's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.yaml_input.written_model import WrittenModel

    Model = TypeVar("Model", bound=WrittenModel)


def duration_option(name: str, text: str, shortest: float = 5.0) -> float:
    """Return the seconds of an option; raise UsageError naming what is allowed."""
    from chaos_runner.errors import UsageError
    from chaos_runner.units import format_duration, parse_duration

    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--{name}: {error}") from None
    if not shortest <= seconds <= 86_400:
        raise UsageError(
            f"--{name}: found `{text}`; allowed is `{format_duration(shortest)}` to `24h`"
        )
    return seconds


def asked_experiment(experiment: Experiment | None, **sections: Mapping[str, object]) -> Experiment:
    """Return the experiment, or one of defaults, with what the command line says instead."""
    from chaos_runner.experiment.models import Experiment

    base = experiment or Experiment.model_construct(title="Probe", faults=[])
    changed = {name: _changed(getattr(base, name), given) for name, given in sections.items()}
    return base.model_copy(update=changed)


def require_groups(asked: Experiment) -> None:
    """Raise UsageError where consumer groups are judged and none is named."""
    from chaos_runner.errors import UsageError
    from chaos_runner.verdict.registry import tolerances

    judged = [name for name in asked.steady_state.limits() if tolerances()[name].needs_groups]
    if judged and not asked.kafka.groups:
        option = f"--{min(judged).replace('_', '-')}"
        raise UsageError(f"{option}: no consumer group to judge; name it: --group payments")


def _changed(section: Model, given: Mapping[str, object]) -> Model:
    """Return a section with the options that were given; raise UsageError for a bad value."""
    from pydantic import ValidationError

    from chaos_runner.errors import UsageError
    from chaos_runner.yaml_input.document import Document
    from chaos_runner.yaml_input.validation_errors import explain

    options = {name: value for name, value in given.items() if value is not None}
    kind = type(section)
    try:
        read = kind.model_validate(options)
    except ValidationError as error:
        problems = explain(error, kind, Document())
        lines = [f"--{problem.key.replace('_', '-')}: {problem.text}" for problem in problems]
        raise UsageError("\n".join(lines)) from None
    return section.model_copy(update={name: getattr(read, name) for name in options})
