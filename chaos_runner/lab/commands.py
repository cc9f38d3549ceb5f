"""Run the tools the lab is made with, so that none outlives the command that started it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import NoReturn

from chaos_runner.errors import LabError

_LAST_LINES = 15


def contained(command: Sequence[str]) -> list[str]:
    """Return the command in process and mount namespaces of its own that die with the caller.

    Whatever it starts or mounts is gone when it ends, also when the caller is killed.
    """
    return [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--mount", "--propagation", "slave"),
        *("--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--"),
        *command,
    ]


def run(command: Sequence[str], what: str) -> str:
    """Run a command to its end and return its output, or raise LabError with its last lines."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(f"{what}: there is no command `{command[0]}`") from error
    if done.returncode != 0:
        last = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-_LAST_LINES:])
        raise LabError(f"{what} failed (exit {done.returncode}):\n{last}")
    return done.stdout


def succeeds(command: Sequence[str]) -> bool:
    """Tell whether a command ends with exit code 0; its output is thrown away."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def become(command: Sequence[str]) -> NoReturn:
    """Run a command in place of the calling process: signals and exit code are its own.

    Raises LabError when there is no such command.
    """
    try:
        os.execvp(command[0], list(command))  # noqa: S606
    except OSError as error:
        raise LabError(f"cannot run `{command[0]}`: {error.strerror}") from error
