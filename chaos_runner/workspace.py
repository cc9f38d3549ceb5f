"""The user's workspace: its config file, and where inventory and runs are found.

A flag beats the environment, the environment beats `chaos-runner.yml` in the current
directory, and that beats the defaults.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.errors import UsageError
from chaos_runner.experiment.load import Checked, check_document
from chaos_runner.experiment.schema import SCHEMA_FILE, schema_text
from chaos_runner.faults import WrittenModel
from chaos_runner.files import create_in
from chaos_runner.own_place import refuse_unless_own
from chaos_runner.yaml_input.document import read_document

CONFIG_FILE = "chaos-runner.yml"
INVENTORY_VARIABLE = "CHAOS_RUNNER_INVENTORY"
RUNS_VARIABLE = "CHAOS_RUNNER_RUNS"
FINDINGS_VARIABLE = "CHAOS_RUNNER_FINDINGS"
LAB_INVENTORY = content_directory("inventories") / "lab" / "hosts"

_CONFIG_TEXT = """\
# The workspace of chaos-runner: commands started in this directory read this file.
# Paths are relative to it. A flag or an environment variable beats what stands here.

# The hosts that commands work on (--inventory, CHAOS_RUNNER_INVENTORY).
# Without this line they work on the lab (`chaos-runner lab up`).
inventory: inventory/hosts.yml

# Where journals and reports are kept (--runs, CHAOS_RUNNER_RUNS).
runs: runs

# Where findings are kept (--findings, CHAOS_RUNNER_FINDINGS).
findings: findings
"""


class WorkspaceConfig(WrittenModel):
    """What a `chaos-runner.yml` says."""

    inventory: str | list[str] | None = None
    """An Ansible inventory, or several that are read together; the lab's when left out."""
    runs: str | None = None
    """The directory of journals and reports."""
    findings: str | None = None
    """The directory of findings; `findings` in the current directory when left out."""


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
    written = _config_here().inventory
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
    written = os.environ.get(RUNS_VARIABLE) or _config_here().runs
    return _path(written) if written else state_directory() / "runs"


def find_findings(flag: Path | None = None) -> Path:
    """Return the directory of findings, which need not exist yet; as `find_runs`."""
    if flag:
        return flag
    written = os.environ.get(FINDINGS_VARIABLE) or _config_here().findings
    return _path(written or "findings")


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


def _config_here() -> WorkspaceConfig:
    file = Path.cwd() / CONFIG_FILE
    refuse_unless_own(file, "say with -i and --runs, or the environment, what it says")
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
