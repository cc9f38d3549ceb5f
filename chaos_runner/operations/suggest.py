"""What to try next, from the newest runs, the findings and the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.journal.events import RunStarted
    from chaos_runner.learning.findings.files import FoundFindings
    from chaos_runner.learning.history.index import History
    from chaos_runner.learning.suggestions.suggestion import Suggestion, Written

MOST_LOOKED_AT = 200
"""Newest runs whose first event is read for what they knew of the cluster."""


def suggest(found: FoundFindings, history: History, runs_directory: Path) -> list[Suggestion]:
    """Return what to try next; journals that cannot be read are left out."""
    from chaos_runner.faults.registry import fault_kinds
    from chaos_runner.learning.suggestions.suggest import Known, suggestions
    from chaos_runner.operations.findings import today

    starts = _newest_starts(history, runs_directory)
    with_layout = next((start for start in starts if start.cluster is not None), None)
    known = Known(
        runs=history.runs,
        findings=found.findings,
        kinds=fault_kinds(),
        layout=with_layout.cluster if with_layout else None,
        layout_run=with_layout.run if with_layout else "",
        groups=_affected_groups(starts),
        judged_groups=frozenset(group for start in starts for group in _judged_groups(start)),
        experiments=_experiments(starts),
    )
    return suggestions(known, today())


def write_suggestion(suggestion: Suggestion, file: Path) -> None:
    """Write the experiment of a suggestion to a new file; raise UsageError where one is there."""
    from chaos_runner.errors import UsageError
    from chaos_runner.files import create_in

    try:
        with create_in(file.parent.resolve(), file.name) as stream:
            stream.write(suggestion.text().encode())
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", "name another file"
        ) from None


def _newest_starts(history: History, runs_directory: Path) -> list[RunStarted]:
    from chaos_runner.errors import UsageError
    from chaos_runner.journal.journal import journal_in
    from chaos_runner.journal.reader import read_start

    starts = []
    for run in list(reversed(history.runs))[:MOST_LOOKED_AT]:
        try:
            starts.append(read_start(journal_in(runs_directory / run.run)))
        except UsageError:
            continue  # its directory has another name, or it went meanwhile
    return starts


def _affected_groups(starts: list[RunStarted]) -> list[str]:
    radius = (start.blast_radius for start in starts if start.blast_radius)
    names = {group for each in radius for group in (*each.groups, *each.stuck_groups)}
    return sorted(name for name in names if name.isprintable())


def _judged_groups(start: RunStarted) -> list[str]:
    kafka = start.experiment.get("kafka")
    groups = kafka.get("groups") if isinstance(kafka, dict) else None
    if not start.steady_state.keys() & {"group_lag", "group_status"}:
        return []
    return [str(each) for each in groups] if isinstance(groups, list) else []


def _experiments(starts: list[RunStarted]) -> dict[str, Written]:
    """Return the newest form of each experiment that is still a valid one, by its name."""
    from pydantic import ValidationError

    from chaos_runner.experiment.models import Experiment
    from chaos_runner.learning.history.facts import experiment_name

    found: dict[str, Written] = {}
    for start in starts:
        name = experiment_name(start.experiment_file) if start.experiment_file else ""
        if start.kind != "run" or not name or name in found:
            continue
        try:
            Experiment.model_validate(start.experiment)
        except ValidationError:
            continue
        found[name] = start.experiment
    return found
