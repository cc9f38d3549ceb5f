"""Every fault kind there is: the project's own, and those that installed packages bring along."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from chaos_runner.class_discovery import classes_below
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
    """Return all fault kinds; each package is looked through once.

    A kind of somebody else's that does not load costs nobody the others: hosts have to be put
    back whatever is installed beside this package.
    """
    found = {each.kind: each for each in own_kinds()}
    unusable: dict[str, str] = {}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda each: each.name):
        try:
            found[entry.name] = _loaded(entry, found)
        except Exception as error:  # noqa: BLE001  # kept, and said where the kind is asked for
            unusable[entry.name] = f"{entry.value} cannot be used: {error or type(error).__name__}"
    return Registry(found, unusable)


def own_kinds() -> Iterator[type[FaultKind]]:
    """Return the project's own, those below `kinds`, in the order of their names."""
    return (each for each in classes_below(kinds, "kind") if issubclass(each, FaultKind))


def _loaded(entry: EntryPoint, found: Mapping[str, type[FaultKind]]) -> type[FaultKind]:
    """Return the kind that an entry point names; raise ValueError or what its module raises."""
    loaded = entry.load()
    if not (inspect.isclass(loaded) and issubclass(loaded, FaultKind)):
        raise ValueError("it is no subclass of chaos_runner.faults.FaultKind")
    if getattr(loaded, "kind", None) != entry.name:
        raise ValueError(f"its kind is not `{entry.name}`, as the entry point says")
    if entry.name in found:
        raise ValueError("there is a fault kind of this name already")
    if loaded.has_role and not (loaded.role_directory() / "templates" / "fault.sh.j2").is_file():
        raise ValueError(f"its role has no templates/fault.sh.j2 in {loaded.role_directory()}")
    return loaded
