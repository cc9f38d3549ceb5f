"""Mistakes in a file that another file names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chaos_runner.units import printable
from chaos_runner.yaml_input.document import Document
from chaos_runner.yaml_input.problem import KeyPath, Problem, key_text


def mistakes_in_named(
    named: Path, problems: Iterable[Problem], naming: Path, document: Document, path: KeyPath
) -> list[str]:
    """Return one line for each mistake in `named`, which `path` in `naming` names.

    Where it is not there, the mistake is in the file that names it.
    """
    if _is_there(named):
        return [problem.in_file(named) for problem in problems]
    key, line = key_text(path), document.line_of(path)
    shown = printable(str(named), limit=4096)
    texts = [f"found `{shown}`: {problem.text}" for problem in problems]
    return [Problem(line, key, text).in_file(naming) for text in texts]


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except OSError:
        return False
