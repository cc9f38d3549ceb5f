"""A small workspace to start from: config file, experiment, inventory, schema."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.errors import UsageError
from chaos_runner.experiment.schema import SCHEMA_FILE, schema_text
from chaos_runner.files import create_in
from chaos_runner.workspace import CONFIG_FILE

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
