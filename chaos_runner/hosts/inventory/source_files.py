"""Which files of an inventory's source are more than lists of hosts.

They are looked at as Ansible reads them: it follows links, starts what is executable, and lets a
YAML or JSON file name a plugin that runs code. A file that cannot be looked through is named, too:
what nobody saw is not harmless.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import yaml

from chaos_runner.files import read_limited
from chaos_runner.fleet.inventory import is_host_list

LARGEST = 16 * 1024**2
"""Bytes of a file that is looked through; ten thousand hosts with variables need some 5 MiB."""
MOST_FILES = 10_000
"""In all directories of a source together."""
_MAY_ASK = (".yml", ".yaml")
"""How a name ends that Ansible's plugin `auto` takes; `.yml` is such a name as well."""
_PLUGIN_KEYS = ("plugin", "<<")
Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""The parser that Ansible has: what it refuses Ansible refuses."""


def more_than_hosts(source: Path) -> Iterator[str]:
    """Yield each file of a source that is more than a list of hosts, and why."""
    if is_host_list(source) and not os.path.lexists(source):
        return  # a file by such a name is one, comma or not
    for number, file in enumerate(files_of(source, set())):
        if number >= MOST_FILES:
            yield f"{source} holds more than {MOST_FILES:,} files"
            return
        why = _why(file)
        if why:
            yield f"{file} {why}"


def files_of(place: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    """Yield the files below, through links as Ansible goes, each directory once."""
    if not place.is_dir():
        yield place
        return
    status = place.stat()
    if (status.st_dev, status.st_ino) in seen:
        return
    seen.add((status.st_dev, status.st_ino))
    try:
        entries = sorted(place.iterdir())
    except OSError:
        return  # Ansible cannot list it either, and says so
    for entry in entries:
        yield from files_of(entry, seen)


def _why(file: Path) -> str:
    """Return what a file is more than a list of hosts; nothing where it is none."""
    try:
        status = file.stat()
    except OSError:
        return ""  # there is nothing for Ansible to read
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    if os.access(file, os.X_OK):
        return "is a program"
    if status.st_size > LARGEST:
        return f"is larger than {LARGEST // 1024**2} MiB"
    return _asks(file) if file.name.endswith(_MAY_ASK) else ""


def _asks(file: Path) -> str:
    try:
        keys = _keys_in(read_limited(file, LARGEST).decode("utf-8"))
    except OSError as error:
        return f"cannot be looked through: {error.strerror}"
    except UnicodeError:
        return "cannot be looked through: it is not UTF-8 text"
    except RecursionError:
        return "cannot be looked through: it is nested too deeply"
    return "asks an inventory plugin" if any(key in _PLUGIN_KEYS for key in keys) else ""


def _keys_in(text: str) -> list[str]:
    """Return the keys of the outermost mapping: of JSON where it is that, as for Ansible."""
    try:
        data = json.loads(text)
    except ValueError:
        pass
    else:
        return list(data) if isinstance(data, dict) else []
    try:
        root = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError:
        return []  # Ansible says what is wrong with it
    return [key.value for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
