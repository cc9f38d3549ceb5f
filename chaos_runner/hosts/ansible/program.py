"""Run one of Ansible's programs to its end, and leave none of its processes behind."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.hosts.ansible.orphans import end_processes_with

MOST_OUTPUT = 128 * 1024**2
"""Bytes of what a program prints; an inventory of ten thousand hosts has some ten million."""
_CHUNK = 65_536
_MARK = "CHAOS_RUNNER_PROGRAM"
"""The variable by which the processes of one call are known."""


class ProgramTimeoutError(ChaosRunnerError):
    """A program of Ansible's did not come to an end in time."""


@dataclass(frozen=True)
class ProgramOutput:
    """What a program said, and its exit status."""

    status: int
    stdout: str
    stderr: str


def run_program(
    command: Sequence[str], environment: Mapping[str, str], timeout: float
) -> ProgramOutput:
    """Run the command without a terminal, in a session of its own; `timeout` is in seconds.

    Whatever ends the wait ends every process of that session: an inventory's script, a prompt that
    nobody answers. Where the program did not come to an end, Ansible's workers are ended, too,
    which have sessions of their own; else what has one stays, as the agent of a password store.
    Raises ProgramTimeoutError, and ChaosRunnerError when the program is not installed or prints
    without end.
    """
    mark = uuid.uuid4().hex
    try:
        process = subprocess.Popen(
            command,
            env={**environment, _MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ChaosRunnerError(
            f"{command[0]} is neither beside this Python nor on PATH",
            "install ansible-core into the same virtual environment",
        ) from error
    with process:
        try:
            stdout, stderr = _read(process, command[0], timeout)
        except BaseException:
            process.kill()  # first, so that it starts no further worker
            end_processes_with(_MARK, mark)
            raise
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return ProgramOutput(process.returncode, stdout, stderr)


def _read(process: subprocess.Popen[bytes], name: str, timeout: float) -> tuple[str, str]:
    """Return what the program prints on both outputs until it closes them and ends."""
    deadline = time.monotonic() + timeout
    said = {stream: bytearray() for stream in (process.stdout, process.stderr) if stream}
    late = ProgramTimeoutError(f"{name} did not answer within {timeout:.0f} s")
    with selectors.DefaultSelector() as open_ones:
        for stream in said:
            open_ones.register(stream, selectors.EVENT_READ)
        while open_ones.get_map():
            ready = open_ones.select(deadline - time.monotonic())
            if time.monotonic() >= deadline:
                raise late
            for stream in [
                stream for stream in said if stream in [key.fileobj for key, _ in ready]
            ]:
                data = os.read(stream.fileno(), _CHUNK)
                said[stream] += data
                if not data:
                    open_ones.unregister(stream)
            if sum(map(len, said.values())) > MOST_OUTPUT:
                raise ChaosRunnerError(
                    f"{name} prints more than {MOST_OUTPUT // 1024**2} MiB", "run it by hand"
                )
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise late from error
    stdout, stderr = (bytes(text).decode("utf-8", errors="replace") for text in said.values())
    return stdout, stderr
