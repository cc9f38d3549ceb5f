"""Find the playbooks, roles, inventories and examples that come with the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def content_directory(name: str) -> Path:
    """Return the directory `playbooks`, `roles`, `inventories` or `examples`.

    In an installed wheel they lie under `chaos_runner/_content`; in a checkout (and in an
    editable install) they are the top-level directories of the repository.
    """
    packaged = _PACKAGE / "_content" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name
