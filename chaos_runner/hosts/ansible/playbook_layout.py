"""Lay a playbook of the package out so that it finds the user's variables beside it.

Ansible reads `group_vars` and `host_vars` beside the inventory and beside the playbook. The
playbooks of the package lie elsewhere than the user's, so what lies where the user's would (the
current directory, as for `ansible` and `ansible-inventory`) is linked in beside them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.inventory import is_host_list

DIRECTORIES = ("group_vars", "host_vars")
"""Of variables, beside an inventory or a playbook."""


def lay_out(playbook: str, private: Path) -> Path:
    """Link the playbook, its roles and the user's variables into a directory; return its path.

    A playbook finds its roles' files at `../roles`, here as in the package; those of fault kinds
    that other packages bring lie among them.
    """
    project = private / "project"
    project.mkdir(mode=0o700)
    (private / "roles").mkdir(mode=0o700)
    for name, directory in _roles().items():
        (private / "roles" / name).symlink_to(directory)
    (project / playbook).symlink_to(content_directory("playbooks") / playbook)
    for directory in variables_of_user():
        (project / directory.name).symlink_to(directory)
    return project / playbook


def _roles() -> dict[str, Path]:
    """Return every role by its name; the project's own win."""
    brought = {
        kind.role_name(): kind.role_directory() for kind in fault_kinds().values() if kind.has_role
    }
    own = {each.name: each for each in content_directory("roles").iterdir() if each.is_dir()}
    return {**brought, **own}


def place_of_playbooks() -> Path:
    """Return where the user's playbooks would lie, which is `playbook_dir` for `ansible`."""
    return Path(os.environ.get("ANSIBLE_PLAYBOOK_DIR") or Path.cwd()).absolute()


def variables_of_user() -> list[Path]:
    """Return the directories of variables that lie where the user's playbooks would."""
    place = place_of_playbooks()
    return [place / name for name in DIRECTORIES if (place / name).is_dir()]


def unnamed_variables(sources: Sequence[Path]) -> list[Path]:
    """Return those of them that the user has not named: they lie in the current directory.

    What lies beside an inventory belongs to it.
    """
    if os.environ.get("ANSIBLE_PLAYBOOK_DIR"):
        return []
    here = Path.cwd().resolve()
    paths = [source.resolve() for source in sources if not is_host_list(source)]
    beside = any(here in (path, path.parent) for path in paths)
    return [] if beside else variables_of_user()
