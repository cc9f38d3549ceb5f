"""How a run ended, by the last line of its journal alone: of thousands of runs that is quick."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from chaos_runner.files import open_regular
from chaos_runner.journal.events import RunFinished

_LAST = 256 * 1024
"""Bytes; the reasons in a last line are some hundred characters each."""


def exit_code_at_end(journal: Path) -> int | None:
    """Return the exit code that a journal ends with.

    None where its run never came to an end, and where the last line is not told this quickly: it
    is compressed, or longer than any run writes it. Raises UsageError for what is no regular file,
    and OSError.
    """
    with open_regular(journal) as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _LAST))
        lines = stream.read(_LAST).splitlines()
    try:
        return RunFinished.model_validate_json(lines[-1]).exit_code if lines else None
    except ValidationError:
        return None
