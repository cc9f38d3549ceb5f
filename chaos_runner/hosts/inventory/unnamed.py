"""Refuse inventories and variables that start programs and that the user has not named."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos_runner.errors import RefusedError
from chaos_runner.hosts.inventory.programs import reaching_beyond
from chaos_runner.own_place import refuse_unless_own

_MOST_REASONS = 20
_NAME_THE_PLACE = "export ANSIBLE_PLAYBOOK_DIR=$PWD"


def refuse_unnamed(sources: Sequence[Path], reached: Sequence[str]) -> None:
    """Raise RefusedError, naming what is reached for, when it is anything."""
    if reached:
        named = " ".join(f"-i {shlex.quote(str(source))}" for source in sources)
        raise RefusedError(
            "the inventory that this directory's settings name does more than list hosts; "
            "nothing was done:\n  " + "\n  ".join(reached[:_MOST_REASONS]),
            f"if these lines are as you want, name it yourself: {named}",
        )


def refuse_adjacent(
    directories: Sequence[Path],
    variables: Mapping[str, Mapping[str, object]],
    without: Mapping[str, Mapping[str, object]],
) -> None:
    """Raise RefusedError when variables that only lie here would start a program."""
    for directory in directories:
        refuse_unless_own(directory, f"name its place: {_NAME_THE_PLACE}")
    added = {
        host: {
            name: value
            for name, value in own.items()
            if name not in without.get(host, {}) or without[host][name] != value
        }
        for host, own in variables.items()
    }
    reached = list(reaching_beyond(added))
    if reached:
        raise RefusedError(
            f"{', '.join(map(str, directories))} say more than how hosts are reached; "
            "nothing was done:\n  " + "\n  ".join(reached[:_MOST_REASONS]),
            "they are read because they lie there; if these lines are as you want, name their "
            f"place: {_NAME_THE_PLACE}",
        )
