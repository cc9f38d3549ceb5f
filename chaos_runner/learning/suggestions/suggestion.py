"""A suggestion, and the experiments that they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

import yaml
from pydantic import ValidationError

from chaos_runner.content import content_directory
from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.faults.kind import FaultKind

Written = dict[str, object]
"""An experiment as YAML has it."""
_BROKER_LOST = "partitioned-broker.yml"
"""The example in which one broker is cut off from all others."""
_HEAD = "# Suggested by `chaos-runner suggest`. `chaos-runner plan` shows whom it would affect.\n"


@dataclass(frozen=True)
class Suggestion:
    """Something to try: what, why, and the experiment that does it."""

    what: str
    evidence: tuple[str, ...]
    experiment: Written

    def text(self) -> str:
        """Return the experiment as a file."""
        body = yaml.safe_dump(self.experiment, sort_keys=False, allow_unicode=True, width=100)
        return f"{_HEAD}{body}"


def example_of(name: str) -> Written:
    """Return an example experiment of the project as plain values, without what is default."""
    return deepcopy(_example(name))


@cache  # each is asked for once for every fault kind, and to read one takes milliseconds
def _example(name: str) -> Written:
    experiment = load_experiment(content_directory("examples") / name)
    return experiment.model_dump(mode="json", exclude_unset=True)


def broker_lost(title: str, why: str, steady_state: Mapping[str, object]) -> Written:
    """Return the experiment in which one broker is lost, with a title and a steady state."""
    example = example_of(_BROKER_LOST)
    changed = {"title": title[:200], "description": why, "steady_state": dict(steady_state)}
    return {**example, **changed}


def rack_lost(title: str, why: str, rack: str, steady_state: Mapping[str, object]) -> Written:
    """Return the experiment in which all brokers of a rack are cut off from everybody."""
    lost = broker_lost(title, why, steady_state)
    faults = [{**each, "targets": {"rack": rack}} for each in _entries(lost)]
    return {**lost, "faults": faults}


def _entries(experiment: Written) -> list[Written]:
    faults = experiment["faults"]
    return faults if isinstance(faults, list) else []


def first_try(name: str, kind: type[FaultKind]) -> Written | None:
    """Return an experiment that tries a fault kind; None where its options are yours to know.

    It is the project's example of the kind; else the kind with its defaults on one broker.
    """
    for file in sorted(content_directory("examples").glob("*.yml")):
        example = example_of(file.name)
        faults = example.get("faults")
        if isinstance(faults, list) and any(name in entry for entry in faults):
            return example
    for options in ({}, kind.role_defaults):
        fault = {name: dict(options), "duration": "12s"}
        title = f"One broker with {name.replace('_', ' ')} loses nothing"
        written: Written = {"title": title, "steady_state": {"loss": "0%"}, "faults": [fault]}
        try:
            Experiment.model_validate(written)
        except ValidationError:
            continue
        return written
    return None
