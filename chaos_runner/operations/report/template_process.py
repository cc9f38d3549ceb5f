"""Render a user's own template in a process of its own, with a limit on time and memory.

Jinja's sandbox keeps a template from reaching anything. It does not keep one from computing without
end, in Python's own arithmetic too, which nothing in the same process can interrupt.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from chaos_runner.errors import ChaosRunnerError, UsageError
from chaos_runner.hosts.environment import needed_of
from chaos_runner.report.own_template import as_own
from chaos_runner.report.story.findings import ReportedFinding
from chaos_runner.report.story.model import RunStory

CPU_SECONDS = 20
"""Of the processor, for the template alone; that of a long run takes less than one."""
MEMORY = 512 * 1024**2
"""Bytes beyond those that the run itself takes."""
_COMMAND = [sys.executable, "-P", "-m", "chaos_runner.operations.report.template_process"]
_HINT = "docs/guide/reports.md has an example, and lists what a template gets"


class _Task(BaseModel):
    """What the process is given, as JSON on its stdin."""

    name: str
    source: str
    story: RunStory
    findings: tuple[ReportedFinding, ...] = ()
    logo: str = ""
    cpu_seconds: int
    memory: int


class _Answer(BaseModel):
    """What it answers, as JSON on its stdout."""

    text: str = ""
    error: str = ""
    hint: str = ""


def render_own(
    story: RunStory,
    name: str,
    source: str,
    findings: Sequence[ReportedFinding] = (),
    logo: str = "",
) -> str:
    """Return what a template makes of a run, as `as_own` does; raise UsageError where it does not.

    One that takes beyond all measure is ended.
    """
    task = _Task(
        name=name,
        source=source,
        story=story,
        findings=tuple(findings),
        logo=logo,
        cpu_seconds=CPU_SECONDS,
        memory=MEMORY,
    )
    done = subprocess.run(
        _COMMAND,
        input=task.model_dump_json().encode("utf-8", "backslashreplace"),
        env=needed_of(os.environ),
        capture_output=True,
        check=False,
    )
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise UsageError(f"{name}: takes more than {CPU_SECONDS} s", _HINT)
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError as error:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        why = last[0] if last else f"exit code {done.returncode}"
        raise ChaosRunnerError(f"{name}: could not be rendered: {why}") from error
    if answer.error:
        raise UsageError(answer.error, answer.hint)
    return answer.text


def main() -> None:
    """Render what stands on stdin; the limits begin when all of it is read."""
    task = _Task.model_validate_json(sys.stdin.buffer.read())
    _limit(task)
    try:
        answer = _Answer(text=as_own(task.story, task.name, task.source, task.findings, task.logo))
    except UsageError as error:
        answer = _Answer(error=error.message, hint=error.hint)
    except MemoryError:
        memory = task.memory // 1024**2
        answer = _Answer(error=f"{task.name}: takes more than {memory} MiB", hint=_HINT)
    except RecursionError:
        answer = _Answer(error=f"{task.name}: calls itself without end", hint=_HINT)
    # What is answered is no longer the template's: it may be as large as it is.
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sys.stdout.buffer.write(answer.model_dump_json().encode("utf-8", "backslashreplace"))


def _limit(task: _Task) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + task.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the end by a limit leaves no image on disk
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most = pages * resource.getpagesize() + task.memory
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
