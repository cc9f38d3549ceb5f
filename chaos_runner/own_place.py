"""Whether what lies in a directory is the user's own: settings that lie there may start programs.

The models are Ansible's rule for world-writable directories and git's `safe.directory`.
"""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

from chaos_runner.errors import RefusedError


def refuse_unless_own(file: Path, instead: str) -> None:
    """Raise RefusedError when others may have written a file that lies in the current directory.

    `instead` says how the user can name what is meant. Nothing is wrong with a missing file.
    """
    for place in (file.parent, file):
        if why := of_others(place):
            raise RefusedError(
                f"{file} is not read: {place} {why}, so it may say what others want",
                f"look at it; then {instead}, or give it to yourself alone",
            )


def of_others(place: Path) -> str:
    """Return in words why others can write there; empty where they cannot, or nothing is there."""
    try:
        return written_by_others(place.stat())
    except OSError:
        return ""


def written_by_others(status: os.stat_result) -> str:
    """Return in words why others may have written what has this status; empty if they cannot."""
    if status.st_uid not in _own_users():
        return f"belongs to {_name_of(status.st_uid)}"
    mode = status.st_mode
    if mode & stat.S_IWOTH:
        return "is writable by everybody"
    if mode & stat.S_IWGRP and status.st_gid not in _own_groups():
        return f"is writable by its group ({status.st_gid})"
    return ""


def _own_users() -> set[int]:
    """Return who may have written it: this user, root, and who called sudo."""
    users = {0, os.geteuid()}
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isdigit():
        users.add(int(caller))
    return users


def _own_groups() -> set[int]:
    """Return the groups that hold nobody but these users: the first group of each, and root's."""
    groups = set()
    for user in _own_users():
        try:
            groups.add(pwd.getpwuid(user).pw_gid)
        except KeyError:
            continue
    return groups


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
