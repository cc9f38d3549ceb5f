"""Read an inventory as Ansible sees it, through `ansible-inventory`."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError, RefusedError
from chaos_runner.fleet.inventory import (
    NETWORK_NAMESPACE_VARIABLE,
    Inventory,
    is_host_list,
    source_arguments,
)
from chaos_runner.hosts.ansible_environment import quiet_environment
from chaos_runner.hosts.ansible_program import ProgramTimeoutError, run_program
from chaos_runner.hosts.ansible_settings import read_defaults
from chaos_runner.hosts.connection_values import Unreadable, must_be_worked_out, worked_out
from chaos_runner.hosts.directory_settings import refuse_foreign_settings
from chaos_runner.hosts.host_variables import host_of, is_read
from chaos_runner.hosts.inventory_programs import looks_up, programs_of, reaching_beyond
from chaos_runner.hosts.readable import first_lines

_MOST_REASONS = 20
_TIMEOUT = 60.0
"""Seconds; a dynamic inventory may ask a cloud for its hosts."""

_PLUGIN_FAILURE = re.compile(r"Failed to parse inventory with '(\w+)' plugin: (.*)")
_ORIGIN = re.compile(r"^Origin: (/.*:\d+(?::\d+)?)$", re.MULTILINE)
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
        _refuse(sources, programs)
    listing = _list(sources)
    names = tuple(dict.fromkeys(_members("all", listing)))
    if not names:
        raise InvalidInventoryError(
            f"{_named(sources)}: there are no hosts in this inventory", _HINT
        )
    variables = _host_variables(listing)
    if unnamed:
        _refuse(sources, list(reaching_beyond(variables)))
    values = _worked_out(sources, names, variables)
    defaults = read_defaults()
    hosts = {
        name: host_of(name, variables.get(name, {}), values.get(name, {}), defaults)
        for name in names
    }
    groups = {
        group: tuple(dict.fromkeys(_members(group, listing)))
        for group in _groups(listing)
        if group != "all"
    }
    namespace = _network_namespace(
        sources, [{**own, **values.get(name, {})} for name, own in variables.items()]
    )
    reads_environment = bool(programs) or any(map(looks_up, variables.values()))
    return Inventory(sources[0], hosts, groups, namespace, sources[1:], reads_environment)


def _refuse(sources: Sequence[Path], reached: Sequence[str]) -> None:
    if reached:
        named = " ".join(f"-i {shlex.quote(str(source))}" for source in sources)
        raise RefusedError(
            "the inventory that this directory's settings name does more than list hosts; "
            "nothing was done:\n  " + "\n  ".join(reached[:_MOST_REASONS]),
            f"if these lines are as you want, name it yourself: {named}",
        )


def _each(source: Sources) -> tuple[Path, ...]:
    return (source,) if isinstance(source, Path) else tuple(source)


def _named(sources: Sequence[Path]) -> str:
    return ", ".join(map(str, sources))


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
    listing = _list(sources, f"--limit={pattern}", warnings=warnings)
    names = tuple(name for name in dict.fromkeys(_members("all", listing)))
    unmatched = sorted(set(_UNMATCHED.findall("\n".join(warnings))))
    if unmatched or not names:
        part = ", ".join(unmatched) or pattern
        raise InvalidInventoryError(
            f"{_named(sources)}: no host matches `{part}`"
            + (f" (in the pattern `{pattern}`)" if part != pattern else ""),
            f"see what there is with `{_by_hand(sources)} --graph`",
        )
    return names


_VAULT_HINT = "name a file with the vault's password in ANSIBLE_VAULT_PASSWORD_FILE or ansible.cfg"
_HINT = "it needs at least one host, best in a group `kafka_broker`"


def _list(
    sources: Sequence[Path], *options: str, warnings: list[str] | None = None
) -> Mapping[str, object]:
    refuse_foreign_settings()
    for source in sources:
        if not is_host_list(source) and not source.exists():
            raise InvalidInventoryError(
                f"{source}: there is no such inventory", "name an inventory with -i, or make one"
            )
    named = [word for source in source_arguments(sources) for word in ("-i", source)]
    try:
        done = run_program(
            ["ansible-inventory", *named, "--list", *options],
            os.environ | quiet_environment() | _STRICT,
            _TIMEOUT,
        )
    except ProgramTimeoutError as error:
        raise InvalidInventoryError(
            f"{_named(sources)}: {error.message}",
            f"a dynamic inventory hangs: run `{_by_hand(sources)} --list`",
        ) from error
    if done.status != 0:
        raise InvalidInventoryError(
            f"{_named(sources)}: {_reason(sources, done.stderr)}",
            _VAULT_HINT
            if "no vault secrets" in done.stderr
            else f"see it in full with `{_by_hand(sources)} --list`",
        )
    if warnings is not None:
        warnings.extend(done.stderr.splitlines())
    listing: Mapping[str, object] = json.loads(done.stdout)
    return listing


def _by_hand(sources: Sequence[Path]) -> str:
    return shlex.join(["ansible-inventory", *(f"-i{source}" for source in sources)])


_STRICT = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
    "ANSIBLE_INVENTORY_EXPORT": "False",
}


def _reason(sources: Sequence[Path], stderr: str) -> str:
    """Return why they cannot be read: the words of the plugin that fits, and the place.

    Ansible tries several plugins and lets each complain; only one of them was meant.
    """
    complaints = dict(reversed(_PLUGIN_FAILURE.findall(stderr)))
    fitting = [plugin for plugin in _fitting_plugins(sources) if plugin in complaints]
    errors = [line for line in stderr.splitlines() if line.startswith(("[ERROR]", "ERROR"))]
    reason = complaints[fitting[0]] if fitting else first_lines("\n".join(errors) or stderr)
    said = stderr.partition("Standard error from inventory script:")[2].partition("\n\n")[0]
    place = _ORIGIN.search(stderr)
    return (
        (f"line {_line(place[1])}: " if place else "")
        + reason.removeprefix("Failed to parse inventory: ").removeprefix("[ERROR]: ")
        + (f" It said: {first_lines(said)}" if said and "script" in fitting else "")
    )


def _fitting_plugins(sources: Sequence[Path]) -> tuple[str, ...]:
    if len(sources) > 1:
        return ("script", "ini", "yaml", "auto")
    source = sources[0]
    if source.suffix in (".yml", ".yaml", ".json"):
        return ("auto", "yaml")
    return ("script",) if os.access(source, os.X_OK) else ("ini", "yaml", "auto")


def _line(origin: str) -> str:
    numbers = re.findall(r":(\d+)", origin)
    return ", column ".join(numbers[-2:])


def _groups(listing: Mapping[str, object]) -> Iterator[str]:
    return (name for name in listing if name not in ("_meta", "ungrouped"))


def _members(group: str, listing: Mapping[str, object]) -> Iterator[str]:
    """Yield the hosts of a group and of the groups below it; some may come twice."""
    entry = listing.get(group)
    if isinstance(entry, dict):
        yield from entry.get("hosts", [])
        for child in entry.get("children", []):
            yield from _members(child, listing)


def _host_variables(listing: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    meta = listing.get("_meta")
    return meta.get("hostvars", {}) if isinstance(meta, dict) else {}


def _network_namespace(
    sources: Sequence[Path], variables: Iterable[Mapping[str, object]]
) -> str | None:
    named = {own.get(NETWORK_NAMESPACE_VARIABLE) for own in variables} - {None, ""}
    for value in named:
        if isinstance(value, Unreadable):
            raise InvalidInventoryError(
                f"{_named(sources)}: `{NETWORK_NAMESPACE_VARIABLE}` has no value: {value.why}"
            )
    if len(named) > 1:
        raise InvalidInventoryError(
            f"{_named(sources)}: hosts are in several network namespaces: "
            f"{', '.join(sorted(map(str, named)))}",
            f"set `{NETWORK_NAMESPACE_VARIABLE}` once, under all: vars:",
        )
    return str(named.pop()) if named else None
