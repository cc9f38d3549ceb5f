"""Read an inventory as Ansible sees it, through `ansible-inventory`."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError, InvalidInventoryError
from chaos_runner.fleet.inventory import NETWORK_NAMESPACE_VARIABLE, Host, Inventory
from chaos_runner.hosts.ansible_settings import AnsibleDefaults, quiet_environment, read_defaults
from chaos_runner.hosts.host_variables import host_of
from chaos_runner.hosts.readable import first_lines

_TIMEOUT = 60.0
"""Seconds; a dynamic inventory may ask a cloud for its hosts."""

_PLUGIN_FAILURE = re.compile(r"Failed to parse inventory with '(\w+)' plugin: (.*)")
_ORIGIN = re.compile(r"^Origin: (/.*:\d+(?::\d+)?)$", re.MULTILINE)
_UNMATCHED = re.compile(r"Could not match supplied host pattern, ignoring: (.*)")


def read_inventory(source: Path) -> Inventory:
    """Return the inventory of a file, a directory or an executable, with groups flattened.

    Raises InvalidInventoryError, in Ansible's words and with file and line where it knows them,
    when the source cannot be read, holds no host, or leaves a variable that says how to reach a
    host as an unresolved template.
    """
    listing = _list(source)
    names = tuple(dict.fromkeys(_members("all", listing)))
    if not names:
        raise InvalidInventoryError(f"{source}: there are no hosts in this inventory", _HINT)
    variables = _host_variables(listing)
    defaults = read_defaults()
    hosts = {name: _host(source, name, variables.get(name, {}), defaults) for name in names}
    groups = {
        group: tuple(dict.fromkeys(_members(group, listing)))
        for group in _groups(listing)
        if group != "all"
    }
    return Inventory(source, hosts, groups, _network_namespace(source, variables))


def resolve_pattern(source: Path, pattern: str) -> tuple[str, ...]:
    """Return the hosts that an Ansible host pattern names, in the inventory's order.

    Raises InvalidInventoryError when the pattern, or any part of it, matches nothing (an
    exclusion that excludes nothing is a slip too), and when it names a file (`@file`).
    """
    if "@" in pattern or not pattern.strip():
        raise InvalidInventoryError(
            f"`{pattern}` is not a host pattern", "name hosts, groups or patterns such as `web-*`"
        )
    warnings: list[str] = []
    listing = _list(source, f"--limit={pattern}", warnings=warnings)
    names = tuple(name for name in dict.fromkeys(_members("all", listing)))
    unmatched = sorted(set(_UNMATCHED.findall("\n".join(warnings))))
    if unmatched or not names:
        part = ", ".join(unmatched) or pattern
        raise InvalidInventoryError(
            f"{source}: no host matches `{part}`"
            + (f" (in the pattern `{pattern}`)" if part != pattern else ""),
            f"see what there is with `ansible-inventory -i {source} --graph`",
        )
    return names


_HINT = "it needs at least one host, best in a group `kafka_broker`"


def _list(source: Path, *options: str, warnings: list[str] | None = None) -> Mapping[str, object]:
    if not source.exists():
        raise InvalidInventoryError(
            f"{source}: there is no such inventory", "name an inventory with -i, or make one"
        )
    command = ["ansible-inventory", "-i", str(source.absolute())]
    try:
        done = subprocess.run(
            [*command, "--list", *options],
            env=os.environ | quiet_environment() | _STRICT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InvalidInventoryError(
            f"{source}: it did not answer within {_TIMEOUT:.0f} s",
            "a dynamic inventory hangs: run `ansible-inventory --list` by hand",
        ) from error
    except FileNotFoundError as error:
        raise ChaosRunnerError(
            "ansible-inventory is neither beside this Python nor on PATH",
            "install ansible-core into the same virtual environment",
        ) from error
    if done.returncode != 0:
        raise InvalidInventoryError(
            f"{source}: {_reason(source, done.stderr)}",
            f"see it in full with `ansible-inventory -i {source} --list`",
        )
    if warnings is not None:
        warnings.extend(done.stderr.splitlines())
    listing: Mapping[str, object] = json.loads(done.stdout)
    return listing


_STRICT = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
    "ANSIBLE_INVENTORY_EXPORT": "False",
}


def _reason(source: Path, stderr: str) -> str:
    """Return why the source cannot be read: the words of the plugin that fits it, and the place.

    Ansible tries several plugins and lets each complain; only one of them was meant.
    """
    complaints = dict(reversed(_PLUGIN_FAILURE.findall(stderr)))
    fitting = [plugin for plugin in _fitting_plugins(source) if plugin in complaints]
    errors = [line for line in stderr.splitlines() if line.startswith(("[ERROR]", "ERROR"))]
    reason = complaints[fitting[0]] if fitting else first_lines("\n".join(errors) or stderr)
    said = stderr.partition("Standard error from inventory script:")[2].partition("\n\n")[0]
    place = _ORIGIN.search(stderr)
    return (
        (f"line {_line(place[1])}: " if place else "")
        + reason.removeprefix("Failed to parse inventory: ").removeprefix("[ERROR]: ")
        + (f" It said: {first_lines(said)}" if said and "script" in fitting else "")
    )


def _fitting_plugins(source: Path) -> tuple[str, ...]:
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


def _host(
    source: Path, name: str, variables: Mapping[str, object], defaults: AnsibleDefaults
) -> Host:
    try:
        return host_of(name, variables, defaults)
    except ValueError as error:
        raise InvalidInventoryError(
            f"{source}: host `{name}`: {error}",
            "both ways to a host read this, so write the plain value into the inventory",
        ) from error


def _network_namespace(source: Path, variables: Mapping[str, Mapping[str, object]]) -> str | None:
    named = {
        str(own[NETWORK_NAMESPACE_VARIABLE])
        for own in variables.values()
        if own.get(NETWORK_NAMESPACE_VARIABLE)
    }
    if len(named) > 1:
        raise InvalidInventoryError(
            f"{source}: hosts are in several network namespaces: {', '.join(sorted(named))}",
            f"set `{NETWORK_NAMESPACE_VARIABLE}` once, under all: vars:",
        )
    return named.pop() if named else None
