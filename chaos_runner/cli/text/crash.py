"""Tell the user of an error that nobody foresaw: one sentence, and a file to report it with."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.shown import shown_line

DEBUG_VARIABLE = "CHAOS_RUNNER_DEBUG"
"""Set to anything, the traceback is shown as well."""
_MOST_CHARACTERS = 300


def crash_told(error: Exception) -> ChaosRunnerError:
    """Return an unforeseen error in words, with its traceback kept in a file of the user's."""
    words = shown_line(str(error))[:_MOST_CHARACTERS]
    message = f"an error inside chaos-runner: {type(error).__name__}" + (f": {words}" * bool(words))
    trace = "".join(traceback.format_exception(error))
    with Attempt() as keeping:
        file = _keep(trace)
        return ChaosRunnerError(
            message,
            f"please report it with {file} (look through it first: it may quote your files); "
            f"{DEBUG_VARIABLE}=1 shows it; `chaos-runner audit` tells whether hosts are clean",
        )
    return ChaosRunnerError(
        f"{message}\n{trace}",
        f"please report it with these lines; they could not be kept: {keeping.problem}",
    )


def _keep(trace: str) -> Path:
    from chaos_runner.files import replace_file
    from chaos_runner.workspace import state_directory

    directory = state_directory() / "crashes"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = directory / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    replace_file(file, trace.encode("utf-8", errors="backslashreplace"), mode=0o600)
    return file
