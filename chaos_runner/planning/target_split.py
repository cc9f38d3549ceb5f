"""Let a fault cut the chosen hosts from one another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chaos_runner.experiment.models import FaultEntry
from chaos_runner.faults import FaultKind, NetworkFault
from chaos_runner.fleet.targets import Selection
from chaos_runner.planning.kafka_roles import Eyes, racks_of
from chaos_runner.planning.network_plan import ResolvePattern


def cut_from_one_another(
    entry: FaultEntry,
    candidates: Sequence[str],
    chosen: Selection,
    resolve: ResolvePattern,
    eyes: Eyes,
) -> Selection:
    """Return the selection with its split; hosts that get no rules there are among its control.

    Raises InvalidInventoryError where the targets do not allow what was asked for, RefusedError
    where nobody can tell their racks.
    """
    options = entry.options
    if not isinstance(options, NetworkFault):
        return chosen
    split = options.split_of(
        chosen.targets, entry.targets.seed, resolve, lambda: racks_of(chosen.targets, eyes)
    )
    if split is None:
        return chosen
    targets = split.holders(options.concerned_direction())
    control = tuple(host for host in candidates if host not in targets)
    return replace(chosen, targets=targets, control=control, split=split)


def unheard_of(options: FaultKind, selection: Selection) -> dict[str, list[str]]:
    """Return who of the chosen hosts will not hear whom while the targets have the fault."""
    if selection.split is None or not isinstance(options, NetworkFault):
        return {}
    return selection.split.unheard(options.concerned_direction(), selection.targets)
