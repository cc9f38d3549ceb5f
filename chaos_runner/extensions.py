"""Classes that other installed packages bring along, each named by an entry point.

A package names them in groups, such as `[project.entry-points."chaos_runner.tolerances"]`. One that
does not load costs nobody the others: hosts have to be restored whatever is installed beside this
package. It is kept with the reason, which is said where it is asked for, and by `doctor`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

Base = TypeVar("Base")


@dataclass(frozen=True)
class Extensions(Generic[Base]):
    """The classes of others by the names of their entry points; and those that cannot be used."""

    usable: Mapping[str, type[Base]] = field(default_factory=dict)
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Each with the reason."""


def extensions_of(
    group: str,
    base: Callable[..., Base],
    base_name: str,
    named_by: str,
    taken: Container[str],
    check: Callable[[type[Base]], None] = lambda _: None,
) -> Extensions[Base]:
    """Return the subclasses of `base` that the entry points of a group name.

    Each must have its entry point's name as the attribute `named_by`, and none that is `taken`;
    `check` raises ValueError for one that cannot be used for another reason. `base_name` is from
    where others import the base.
    """
    usable: dict[str, type[Base]] = {}
    unusable: dict[str, str] = {}
    for entry in sorted(entry_points(group=group), key=lambda each: each.name):
        try:
            found = _loaded(entry, base, base_name, named_by)
            if entry.name in taken or entry.name in usable:
                raise ValueError("there is one of this name already")
            check(found)
        except Exception as error:  # noqa: BLE001  # kept, and said where it is asked for
            unusable[entry.name] = f"{entry.value} cannot be used: {error or type(error).__name__}"
        else:
            usable[entry.name] = found
    return Extensions(usable, unusable)


def _loaded(
    entry: EntryPoint, base: Callable[..., Base], base_name: str, named_by: str
) -> type[Base]:
    """Return the class that an entry point names; raise ValueError or what its module raises."""
    loaded: type[Base] = entry.load()
    if not (inspect.isclass(loaded) and inspect.isclass(base) and issubclass(loaded, base)):
        raise ValueError(f"it is no subclass of {base_name}")
    if getattr(loaded, named_by, None) != entry.name:
        raise ValueError(f"its {named_by} is not `{entry.name}`, as the entry point says")
    return loaded


def refuse_unusable(written: object, unusable: Mapping[str, str]) -> None:
    """Raise ValueError where a mapping has a key that an installed package brings in vain."""
    for key in written if isinstance(written, dict) else ():
        if key in unusable:
            raise ValueError(f"found `{key}`, and {unusable[key]}")
