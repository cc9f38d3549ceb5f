"""Run one of Ansible's programs to its end, and leave none of its processes behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chaos_runner.errors import ChaosRunnerError


class ProgramTimeoutError(ChaosRunnerError):
    """Tell that a program of Ansible's did not come to an end in time."""


@dataclass(frozen=True)
class ProgramOutput:
    """Hold what a program said, and its exit status."""

    status: int
    stdout: str
    stderr: str


def run_program(
    command: Sequence[str], environment: Mapping[str, str], timeout: float
) -> ProgramOutput:
    """Run the command without a terminal, in a session of its own; `timeout` is in seconds.

    Whatever ends the wait ends every process of that session: an inventory's script that the
    program started, a prompt that nobody answers. Raises ProgramTimeoutError, and
    ChaosRunnerError when the program is not installed.
    """
    try:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ChaosRunnerError(
            f"{command[0]} is neither beside this Python nor on PATH",
            "install ansible-core into the same virtual environment",
        ) from error
    with process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise ProgramTimeoutError(
                f"{command[0]} did not answer within {timeout:.0f} s"
            ) from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return ProgramOutput(process.returncode, stdout, stderr)
