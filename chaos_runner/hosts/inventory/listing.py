"""Ask `ansible-inventory` for the inventory that Ansible makes of its sources."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.fleet.inventory import is_host_list, source_arguments
from chaos_runner.hosts.ansible.program import ProgramTimeoutError, run_program
from chaos_runner.hosts.environment import quiet_environment
from chaos_runner.hosts.inventory.directory_settings import refuse_foreign_settings
from chaos_runner.hosts.inventory.variable_files import place_in_variables
from chaos_runner.hosts.readable import first_lines

_TIMEOUT = 60.0
"""Seconds; a dynamic inventory may ask a cloud for its hosts."""

_PLUGIN_FAILURE = re.compile(r"Failed to parse inventory with '(\w+)' plugin: (.*)")
_ORIGIN = re.compile(r"^Origin: (/.*:\d+(?::\d+)?)$", re.MULTILINE)
_STRICT = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
    "ANSIBLE_INVENTORY_EXPORT": "False",
}
_UNSAFE = "__ansible_unsafe"
_VAULT_HINT = "name a file with the vault's password in ANSIBLE_VAULT_PASSWORD_FILE or ansible.cfg"


def list_inventory(
    sources: Sequence[Path], *options: str, warnings: list[str] | None = None
) -> Mapping[str, Mapping[str, object]]:
    """Return what `ansible-inventory --list` answers; `warnings` gets the lines it warns with.

    Raises InvalidInventoryError in Ansible's words when a source cannot be read, RefusedError
    when an ansible.cfg that merely lies here would start a program.
    """
    refuse_foreign_settings()
    for source in sources:
        if not is_host_list(source) and not source.exists():
            raise InvalidInventoryError(
                f"{source}: there is no such inventory", "name an inventory with -i, or make one"
            )
        if source.exists() and _is_read_once(source):
            raise InvalidInventoryError(
                f"{source}: a pipe, a device or an input can be read once, and an inventory is "
                "read again for every step",
                "write it to a file, and name that",
            )
    words = [word for source in source_arguments(sources) for word in ("-i", source)]
    try:
        done = run_program(
            ["ansible-inventory", *words, "--list", *options],
            os.environ | quiet_environment() | _STRICT,
            _TIMEOUT,
        )
    except ProgramTimeoutError as error:
        raise InvalidInventoryError(
            f"{named(sources)}: {error.message}",
            f"a dynamic inventory hangs: run `{by_hand(sources)} --list`",
        ) from error
    if done.status != 0:
        raise InvalidInventoryError(
            f"{named(sources)}: {_reason(sources, done.stderr)}",
            _VAULT_HINT
            if "no vault secrets" in done.stderr
            else f"see it in full with `{by_hand(sources)} --list`",
        )
    if warnings is not None:
        warnings.extend(done.stderr.splitlines())
    listing = listing_in(done.stdout)
    if listing is None:
        raise InvalidInventoryError(
            f"{named(sources)}: ansible-inventory answers something else than groups and hosts",
            f"see it with `{by_hand(sources)} --list`; a plugin or a script may print amid it",
        )
    return listing


def _is_read_once(source: Path) -> bool:
    """Tell whether a source is no file, or one that only this very process has open."""
    open_here = str(source.absolute()).startswith(("/dev/stdin", "/dev/fd/", "/proc/"))
    return open_here or not (source.is_file() or source.is_dir())


def listing_in(text: str) -> Mapping[str, Mapping[str, object]] | None:
    """Return an answer of `ansible-inventory --list`: groups, and `_meta` with the variables.

    What plugins compose comes without the mark that Ansible puts on it. None where it is not made
    like one.
    """
    try:
        listing = json.loads(text, object_hook=_without_mark)
    except (ValueError, RecursionError):
        return None
    if not isinstance(listing, dict) or not all(
        isinstance(each, dict) for each in listing.values()
    ):
        return None
    variables = listing.get("_meta", {}).get("hostvars", {})
    fine = isinstance(variables, dict) and all(map(_is_mapping, variables.values()))
    members = [
        group.get(kind, [])
        for name, group in listing.items()
        if name != "_meta"
        for kind in ("hosts", "children")
    ]
    return listing if fine and all(map(_is_list_of_names, members)) else None


def _without_mark(value: dict[str, object]) -> object:
    """Return what an inventory plugin has composed, which Ansible marks as no template."""
    return value[_UNSAFE] if set(value) == {_UNSAFE} else value


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict)


def _is_list_of_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def by_hand(sources: Sequence[Path]) -> str:
    """Return the command by which the user can ask for the same."""
    return shlex.join(["ansible-inventory", *(f"-i{source}" for source in sources)])


def _reason(sources: Sequence[Path], stderr: str) -> str:
    """Return why they cannot be read: the words of the plugin that fits, and the place.

    Ansible tries several plugins and lets each complain; only one of them was meant.
    """
    complaints = dict(reversed(_PLUGIN_FAILURE.findall(stderr)))
    fitting = [plugin for plugin in _fitting_plugins(sources) if plugin in complaints]
    errors = [line for line in stderr.splitlines() if line.startswith(("[ERROR]", "ERROR"))]
    reason = complaints[fitting[0]] if fitting else first_lines("\n".join(errors) or stderr)
    said = stderr.partition("Standard error from inventory script:")[2].partition("\n\n")[0]
    origin = _ORIGIN.search(stderr)
    place = origin[1] if origin else place_in_variables(sources, reason)
    return (
        (f"{_line(sources, place)}: " if place else "")
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


def _line(sources: Sequence[Path], place: str) -> str:
    """Return a place with its file, unless that is the one source, which is named anyway."""
    file, *numbers = re.split(r":(?=[\d:]+$)", place)
    line = "line " + ", column ".join(numbers)
    return line if [file] == [str(source.absolute()) for source in sources] else f"{file}, {line}"


def named(sources: Sequence[Path]) -> str:
    """Return the sources as the user named them."""
    return ", ".join(map(str, sources))
