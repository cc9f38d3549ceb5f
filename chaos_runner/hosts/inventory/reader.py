"""Read an inventory as Ansible sees it, through `ansible-inventory`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.fleet.inventory import NETWORK_NAMESPACE_VARIABLE, Inventory
from chaos_runner.hosts.ansible.playbook_layout import unnamed_variables
from chaos_runner.hosts.ansible.private_directory import WORK_DIRECTORY, private_directory
from chaos_runner.hosts.ansible.settings import read_defaults
from chaos_runner.hosts.inventory.connection_values import (
    Unreadable,
    must_be_worked_out,
    worked_out,
)
from chaos_runner.hosts.inventory.host_variables import host_of, is_read
from chaos_runner.hosts.inventory.listing import by_hand, list_inventory, named
from chaos_runner.hosts.inventory.programs import looks_up, programs_of, reaching_beyond
from chaos_runner.hosts.inventory.unnamed import refuse_adjacent, refuse_unnamed
from chaos_runner.hosts.nodes.zones import with_nodes

_UNMATCHED = re.compile(r"Could not match supplied host pattern, ignoring: (.*)")
Sources = Path | Sequence[Path]
"""A file, a directory, an executable, a list of hosts with a comma, or several of these."""


def read_inventory(source: Sources, *, unnamed: bool = False) -> Inventory:
    """Return the inventory that Ansible makes of its sources, with groups flattened.

    A host that cannot be reached by what is written of it is in there, with the reason in
    `unusable`. Raises InvalidInventoryError, in Ansible's words and with file and line where it
    knows them, when a source cannot be read, or there is no host; RefusedError when the user has
    not named the sources (`unnamed`) and they would start a program.
    """
    sources = _each(source)
    programs = list(programs_of(sources))
    if unnamed:
        refuse_unnamed(sources, programs)
    listing = list_inventory(sources)
    names = tuple(dict.fromkeys(_members("all", listing)))
    if not names:
        raise InvalidInventoryError(
            f"{named(sources)}: there are no hosts in this inventory", _HINT
        )
    variables = _host_variables(listing)
    if unnamed:
        refuse_unnamed(sources, list(reaching_beyond(variables)))
    elif adjacent := unnamed_variables(sources):
        refuse_adjacent(adjacent, variables, _host_variables(_list_alone(sources)))
    values = _worked_out(sources, names, variables)
    defaults = read_defaults()
    hosts = with_nodes(
        {
            name: host_of(name, variables.get(name, {}), values.get(name, {}), defaults)
            for name in names
        }
    )
    groups = {
        group: tuple(name for name in dict.fromkeys(_members(group, listing)) if name in hosts)
        for group in _groups(listing)
        if group != "all"
    }
    namespace = _network_namespace(
        sources, [{**own, **values.get(name, {})} for name, own in variables.items()]
    )
    reads_environment = bool(programs) or any(map(looks_up, variables.values()))
    return Inventory(sources[0], hosts, groups, namespace, sources[1:], reads_environment)


def _worked_out(
    sources: Sequence[Path], names: Sequence[str], variables: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, object]]:
    """Return per host the values of its templates and vaults; asks only where there are any."""
    wanted = [
        (name, variable)
        for name in names
        for variable, value in variables.get(name, {}).items()
        if is_read(variable) and must_be_worked_out(value)
    ]
    values: dict[str, dict[str, object]] = {}
    for (name, variable), value in (worked_out(sources, wanted) if wanted else {}).items():
        values.setdefault(name, {})[variable] = value
    return values


def resolve_pattern(source: Sources, pattern: str) -> tuple[str, ...]:
    """Return the hosts that an Ansible host pattern names, in the inventory's order.

    Raises InvalidInventoryError when the pattern, or any part of it, matches nothing (an
    exclusion that excludes nothing is a slip too), and when it names a file (`@file`).
    """
    if "@" in pattern or not pattern.strip():
        raise InvalidInventoryError(
            f"`{pattern}` is not a host pattern", "name hosts, groups or patterns such as `web-*`"
        )
    sources = _each(source)
    warnings: list[str] = []
    listing = list_inventory(sources, f"--limit={pattern}", warnings=warnings)
    names = tuple(name for name in dict.fromkeys(_members("all", listing)))
    unmatched = sorted(set(_UNMATCHED.findall("\n".join(warnings))))
    if unmatched or not names:
        part = ", ".join(unmatched) or pattern
        raise InvalidInventoryError(
            f"{named(sources)}: no host matches `{part}`"
            + (f" (in the pattern `{pattern}`)" if part != pattern else ""),
            f"see what there is with `{by_hand(sources)} --graph`",
        )
    return names


_HINT = "it needs at least one host, best in a group `kafka_broker`"


Listing = Mapping[str, Mapping[str, object]]


def _groups(listing: Listing) -> Iterator[str]:
    return (name for name in listing if name not in ("_meta", "ungrouped"))


def _members(group: str, listing: Listing) -> Iterator[str]:
    """Yield the hosts of a group and of the groups below it; some may come twice."""
    waiting, seen = [group], {group}
    while waiting:
        entry = listing.get(waiting.pop(), {})
        yield from _names(entry, "hosts")
        below = [child for child in _names(entry, "children") if child not in seen]
        seen.update(below)
        waiting += reversed(below)


def _names(entry: Mapping[str, object], kind: str) -> list[str]:
    names = entry.get(kind)
    return names if isinstance(names, list) else []


def _host_variables(listing: Listing) -> Mapping[str, Mapping[str, object]]:
    variables = listing.get("_meta", {}).get("hostvars")
    return variables if isinstance(variables, dict) else {}


def _network_namespace(
    sources: Sequence[Path], variables: Iterable[Mapping[str, object]]
) -> str | None:
    found = {own.get(NETWORK_NAMESPACE_VARIABLE) for own in variables} - {None, ""}
    found = {value for value in found if not isinstance(value, Unreadable)}  # of unusable hosts
    if len(found) > 1:
        raise InvalidInventoryError(
            f"{named(sources)}: hosts are in several network namespaces: "
            f"{', '.join(sorted(map(str, found)))}",
            f"set `{NETWORK_NAMESPACE_VARIABLE}` once, under all: vars:",
        )
    return str(found.pop()) if found else None


def _each(source: Sources) -> tuple[Path, ...]:
    return (source,) if isinstance(source, Path) else tuple(source)


def _list_alone(sources: Sequence[Path]) -> Listing:
    """List the inventory without the variables that lie in the current directory."""
    with private_directory(WORK_DIRECTORY) as nothing:
        return list_inventory(sources, f"--playbook-dir={nothing}")
