"""The config file of a workspace: what it may say, and its mistakes."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.yaml_input.checked import Checked, check_document
from chaos_runner.yaml_input.document import read_document
from chaos_runner.yaml_input.written_model import WrittenModel


class WorkspaceConfig(WrittenModel):
    """What a `chaos-runner.yml` says."""

    inventory: str | list[str] | None = None
    """An Ansible inventory, or several that are read together; the lab's when left out."""
    runs: str | None = None
    """The directory of journals and reports."""
    findings: str | None = None
    """The directory of findings; `findings` in the current directory when left out."""


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
