"""Choose the hosts that get a fault: the same seed always chooses the same hosts."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.experiment.targets import Targets
from chaos_runner.faults.partition_shapes import Split
from chaos_runner.units import format_percentage

EXCLUDED = "excluded by the experiment"
INCAPABLE = "cannot carry this fault"


@dataclass(frozen=True)
class Selection:
    """A group, split into the hosts that get the fault and those that do not.

    All are in the order of the candidates. `passed_over` gives the reason for each host of the
    control that could not have been chosen.
    """

    targets: tuple[str, ...]
    control: tuple[str, ...]
    passed_over: dict[str, str] = field(default_factory=dict)
    split: Split | None = None
    """How the fault cuts the chosen hosts from one another; None where it does not."""


def select_targets(
    targets: Targets,
    candidates: Sequence[str],
    capable: Collection[str] | None = None,
    holders: Collection[str] | None = None,
) -> Selection:
    """Choose targets among `candidates`, the hosts of the group or pattern.

    `holders` names those that play the part in Kafka which the targets have to play, `capable`
    those that can carry the fault; None means all. `count` and `percent`
    draw among the capable ones; with `all` the incapable ones end up in `passed_over`, which
    the caller may refuse. Raises InvalidInventoryError when fewer hosts are left than wanted,
    or when an exclusion matches nothing, since it would otherwise spare nobody.
    """
    excluded = _excluded(targets, candidates)
    passed_over = dict.fromkeys(excluded, EXCLUDED)
    for host in candidates:
        if capable is not None and host not in capable:
            passed_over.setdefault(host, INCAPABLE)
    asked = [host for host in candidates if holders is None or host in holders]
    passed_over = {host: passed_over[host] for host in asked if host in passed_over}
    eligible = [host for host in asked if host not in passed_over]
    wanted = _wanted(targets, len(set(asked) - excluded), len(eligible))
    if not eligible or wanted > len(eligible):
        raise _too_few(targets, asked, passed_over, wanted)
    # Sorted, so that the choice does not depend on the order of the inventory.
    chosen = set(Random(targets.seed).sample(sorted(eligible), wanted))  # noqa: S311
    return Selection(
        targets=tuple(host for host in candidates if host in chosen),
        control=tuple(host for host in candidates if host not in chosen),
        passed_over=passed_over,
    )


def _excluded(targets: Targets, candidates: Sequence[str]) -> set[str]:
    excluded: set[str] = set()
    for pattern in targets.exclude:
        matching = [host for host in candidates if fnmatchcase(host, pattern)]
        if not matching:
            raise InvalidInventoryError(
                f"the exclusion `{pattern}` matches no host of {_source(targets)}",
                f"its hosts are {', '.join(candidates) or 'none'}",
            )
        excluded.update(matching)
    return excluded


def _wanted(targets: Targets, spared_none: int, eligible: int) -> int:
    if targets.count is not None:
        return targets.count
    if targets.percent is not None:
        # Rounded first, since 16.1 % of 1000 is 161.00000000000003 to a computer.
        return max(1, math.ceil(round(spared_none * targets.percent / 100, 9)))
    return eligible


def _too_few(
    targets: Targets, candidates: Sequence[str], passed_over: dict[str, str], wanted: int
) -> InvalidInventoryError:
    reasons = list(passed_over.values())
    left = len(candidates) - len(reasons)
    return InvalidInventoryError(
        f"{_source(targets)} has {len(candidates)} hosts, of which {reasons.count(EXCLUDED)} are "
        f"excluded and {reasons.count(INCAPABLE)} cannot carry the fault: {left} left, "
        f"{_number(targets, wanted)} wanted",
        "choose fewer hosts or another group; `chaos-runner doctor` shows what each host can do",
    )


def _source(targets: Targets) -> str:
    source = f"the pattern `{targets.hosts}`" if targets.hosts else f"the group `{targets.group}`"
    return f"{source} ({targets.role})" if targets.role else source


def _number(targets: Targets, wanted: int) -> str:
    if targets.count is not None:
        return str(wanted)
    if targets.percent is not None:
        return f"{wanted} ({format_percentage(targets.percent)})"
    return "at least 1"
