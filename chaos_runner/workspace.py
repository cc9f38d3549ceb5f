"""The user's workspace: its config file, and where inventory and runs are found.

A flag beats the environment, the environment beats `chaos-runner.yml` in the current
directory, and that beats the defaults.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.content import content_directory
from chaos_runner.own_place import refuse_unless_own

if TYPE_CHECKING:
    from chaos_runner.workspace_file import WorkspaceConfig

CONFIG_FILE = "chaos-runner.yml"
INVENTORY_VARIABLE = "CHAOS_RUNNER_INVENTORY"
RUNS_VARIABLE = "CHAOS_RUNNER_RUNS"
FINDINGS_VARIABLE = "CHAOS_RUNNER_FINDINGS"
LAB_INVENTORY = content_directory("inventories") / "lab" / "hosts"


@dataclass(frozen=True)
class NamedInventory:
    """What an inventory is read from, and who named it."""

    sources: tuple[Path, ...]
    by_user: bool = True
    """Whether the user named it, and not a file that lies in the current directory."""


def find_inventory(flags: Sequence[Path] | Path | None = None) -> NamedInventory:
    """Return the inventory that commands work on: the lab's where nothing names another.

    `flags` are what stands on the command line. Raises UsageError naming every mistake of the
    config file, and RefusedError when that is not the user's own.
    """
    named = inventory_of_user(flags)
    if named:
        return NamedInventory(named)
    config = _config_here()
    written = config.inventory if config else None
    if not written:
        return NamedInventory((LAB_INVENTORY,))
    texts = [written] if isinstance(written, str) else written
    return NamedInventory(tuple(map(_path, texts)), by_user=False)


def inventory_of_user(flags: Sequence[Path] | Path | None = None) -> tuple[Path, ...]:
    """Return what the command line or the environment names; nothing where neither does."""
    if flags:
        return (flags,) if isinstance(flags, Path) else tuple(flags)
    text = os.environ.get(INVENTORY_VARIABLE)
    return (_path(text),) if text else ()


def find_runs(flag: Path | None = None) -> Path:
    """Return the directory of journals and reports, which need not exist yet.

    `flag` is what stands on the command line. Raises UsageError naming every mistake of the
    config file.
    """
    if flag:
        return flag
    written = os.environ.get(RUNS_VARIABLE)
    if not written and (config := _config_here()) is not None:
        written = config.runs
    return _path(written) if written else state_directory() / "runs"


def find_findings(flag: Path | None = None) -> Path:
    """Return the directory of findings, which need not exist yet; as `find_runs`."""
    if flag:
        return flag
    written = os.environ.get(FINDINGS_VARIABLE)
    if not written and (config := _config_here()) is not None:
        written = config.findings
    return _path(written or "findings")


def _config_here() -> WorkspaceConfig | None:
    """Return what the config file of the current directory says; None where there is none."""
    file = Path.cwd() / CONFIG_FILE
    refuse_unless_own(file, "say with -i and --runs, or the environment, what it says")
    if not file.exists():
        return None
    from chaos_runner.workspace_file import read_config

    return read_config(file)


def _path(text: str) -> Path:
    """Return the path a text means in the current directory; a list of hosts stays as it is."""
    return Path(text) if "," in text else Path.cwd() / Path(text).expanduser()


def state_directory() -> Path:
    """Return where chaos-runner keeps what must outlive a run on this controller."""
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    # The XDG specification tells programs to ignore a path that is not absolute.
    base = state if state.is_absolute() else Path.home() / ".local" / "state"
    return base / "chaos-runner"
