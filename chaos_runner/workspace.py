"""The user's workspace: its config file, and where inventory and runs are found.

A flag beats the environment, the environment beats `chaos-runner.yml` in the current
directory, and that beats the defaults.
"""

from __future__ import annotations

import os
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.errors import UsageError
from chaos_runner.experiment.document import read_document
from chaos_runner.experiment.load import Checked, check_document
from chaos_runner.experiment.schema import SCHEMA_FILE, schema_text
from chaos_runner.faults import WrittenModel
from chaos_runner.files import create_in

CONFIG_FILE = "chaos-runner.yml"
INVENTORY_VARIABLE = "CHAOS_RUNNER_INVENTORY"
RUNS_VARIABLE = "CHAOS_RUNNER_RUNS"
LAB_INVENTORY = content_directory("inventories") / "lab" / "hosts"

_CONFIG_TEXT = """\
# The workspace of chaos-runner: commands started in this directory read this file.
# Paths are relative to it. A flag or an environment variable beats what stands here.

# The hosts that commands work on (--inventory, CHAOS_RUNNER_INVENTORY).
# Without this line they work on the lab (`chaos-runner lab up`).
inventory: inventory/hosts.yml

# Where journals and reports are kept (--runs, CHAOS_RUNNER_RUNS).
runs: runs
"""


class WorkspaceConfig(WrittenModel):
    """Hold what a `chaos-runner.yml` says."""

    inventory: str | None = None
    """An Ansible inventory; the lab's when left out."""
    runs: str | None = None
    """The directory of journals and reports."""


def find_inventory(flag: Path | None = None) -> Path:
    """Return the inventory that commands work on: the lab's where nothing names another.

    `flag` is what stands on the command line. Raises UsageError naming every mistake of the
    config file.
    """
    return flag or _named(INVENTORY_VARIABLE, "inventory") or LAB_INVENTORY


def find_runs(flag: Path | None = None) -> Path:
    """Return the directory of journals and reports, which need not exist yet.

    `flag` is what stands on the command line. Raises UsageError naming every mistake of the
    config file.
    """
    return flag or _named(RUNS_VARIABLE, "runs") or state_directory() / "runs"


def check_config(file: Path) -> Checked[WorkspaceConfig]:
    """Return what a config file says, or its mistakes; an empty one says nothing."""
    document = read_document(file)
    if document.readable and document.data is None and not document.problems:
        return Checked(file, WorkspaceConfig())
    return check_document(file, document, WorkspaceConfig)


def read_config(file: Path) -> WorkspaceConfig:
    """Return what a config file says; an absent or empty one says nothing."""
    if not file.exists():
        return WorkspaceConfig()
    checked = check_config(file)
    if checked.model is None:
        raise UsageError(checked.message(), "`chaos-runner init` writes an example of this file")
    return checked.model


def make_workspace(directory: Path) -> list[Path]:
    """Write a small workspace and return its files.

    Raises UsageError, having written nothing, when one of the files is there already.
    """
    files = {directory / name: text for name, text in _contents().items()}
    in_the_way = [str(file) for file in files if file.exists() or file.is_symlink()]
    # A link in place of a directory would lead what is written to somewhere else.
    in_the_way += sorted({str(file.parent) for file in files if _is_led_away(file, directory)})
    if in_the_way:
        raise UsageError(
            f"nothing was written, since these are in the way: {', '.join(in_the_way)}",
            "move them, or name another directory: `chaos-runner init DIR`",
        )
    for file, text in files.items():
        _write(file, text)
    return list(files)


def _is_led_away(file: Path, directory: Path) -> bool:
    return file.parent != directory and file.parent.is_symlink()


def _contents() -> dict[str, str]:
    experiment = (content_directory("examples") / "slow-broker.yml").read_text(encoding="utf-8")
    inventory = content_directory("inventories") / "example" / "hosts.yml"
    _, rest = experiment.split("\n", 1)
    return {
        CONFIG_FILE: _CONFIG_TEXT,
        "experiments/slow-broker.yml": f"{schema_line(f'../{SCHEMA_FILE}')}\n{rest}",
        "inventory/hosts.yml": inventory.read_text(encoding="utf-8"),
        SCHEMA_FILE: schema_text(),
    }


def schema_line(schema: str) -> str:
    """Return the first line by which editors find the schema of an experiment."""
    return f"# yaml-language-server: $schema={schema}"


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with create_in(file.parent.resolve(), file.name) as stream:
            stream.write(text.encode())
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror}", "name a directory that you can write to"
        ) from None


def _named(variable: str, key: str) -> Path | None:
    """Return the path that the environment names, or else the config file, or None."""
    text = os.environ.get(variable) or getattr(read_config(Path.cwd() / CONFIG_FILE), key)
    return Path.cwd() / Path(text).expanduser() if text else None


def state_directory() -> Path:
    """Return where chaos-runner keeps what must outlive a run on this controller."""
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    # The XDG specification tells programs to ignore a path that is not absolute.
    base = state if state.is_absolute() else Path.home() / ".local" / "state"
    return base / "chaos-runner"
