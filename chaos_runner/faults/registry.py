"""Every fault kind there is: the project's own, and those that installed packages bring along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from chaos_runner.class_discovery import classes_below
from chaos_runner.extensions import extensions_of
from chaos_runner.faults import kinds
from chaos_runner.faults.kind import FaultKind

ENTRY_POINT_GROUP = "chaos_runner.faults"
"""Where a package names its fault kinds: `disk_fill = "my_package.disk_fill:DiskFill"`."""


@dataclass(frozen=True)
class Registry:
    """The fault kinds by their names; and those that cannot be used, each with the reason."""

    kinds: Mapping[str, type[FaultKind]]
    unusable: Mapping[str, str] = field(default_factory=dict)


def fault_kinds() -> Mapping[str, type[FaultKind]]:
    """Return every fault kind that can be used, by its name."""
    return registry().kinds


def absence_of(kind: str) -> float:
    """Return the seconds for which a kind takes its hosts away; 0 of one that nobody knows."""
    found = fault_kinds().get(kind)
    return found.absence if found else 0.0


@cache
def registry() -> Registry:
    """Return all fault kinds; each package is looked through once."""
    own = {each.kind: each for each in own_kinds()}
    others = extensions_of(
        ENTRY_POINT_GROUP, FaultKind, "chaos_runner.faults.FaultKind", "kind", own, _require_role
    )
    return Registry({**own, **others.usable}, others.unusable)


def own_kinds() -> Iterator[type[FaultKind]]:
    """Return the project's own, those below `kinds`, in the order of their names."""
    return (each for each in classes_below(kinds, "kind") if issubclass(each, FaultKind))


def _require_role(kind: type[FaultKind]) -> None:
    if kind.has_role and not (kind.role_directory() / "templates" / "fault.sh.j2").is_file():
        raise ValueError(f"its role has no templates/fault.sh.j2 in {kind.role_directory()}")
