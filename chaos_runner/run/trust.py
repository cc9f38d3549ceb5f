"""Tell what an experiment reaches for beyond itself: a stranger's may do so only when trusted.

Its guards may start programs of this machine, and its `kafka` section may name variables and
files, and the servers that what stands in them is sent to.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.models import Experiment
from chaos_runner.files import read_limited
from chaos_runner.kafka.references import holds_reference


def require_trust(experiment: Experiment, file: Path, *, trusted: bool) -> None:
    """Raise RefusedError, naming all that an experiment reaches for, unless it is trusted."""
    reached = list(reached_for(experiment, file))
    if trusted or not reached:
        return
    raise RefusedError(
        f"{file} reaches for what is yours; nothing was done:\n  " + "\n  ".join(reached),
        "read these lines, and say --trust (or set CHAOS_RUNNER_TRUST=1) if they are as you want",
    )


def reached_for(experiment: Experiment, file: Path) -> Iterator[str]:
    """Yield in words each program, variable and file that an experiment reaches for."""
    for number, guard in enumerate(experiment.guards, start=1):
        if guard.command is not None:
            yield f"guard {number} runs `{shlex.join(guard.command)}` as you"
    for name, value in experiment.kafka.properties.items():
        if holds_reference(value):
            yield f"kafka.properties reads `{value}` for {name}"
    properties = experiment.kafka.file_beside(file)
    if properties is not None:
        yield from _reached_by(properties, file)


def _reached_by(properties: Path, file: Path) -> Iterator[str]:
    """Yield a properties file that lies elsewhere, and the lines of any that refer to more."""
    if not properties.resolve().is_relative_to(file.resolve().parent):
        yield f"kafka.properties_file reads {properties}, which lies elsewhere"
    try:
        lines = read_limited(properties).decode("utf-8", errors="replace").splitlines()
    except OSError:
        return  # whoever needs it says that it cannot be read
    for number, line in enumerate(lines, start=1):
        if holds_reference(line):
            name = line.partition("=")[0].strip()
            yield f"{properties}:{number} refers to a variable or another file for {name}"
