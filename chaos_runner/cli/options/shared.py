"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LimitOption = Annotated[
    str | None,
    typer.Option(
        "--limit", "-l", metavar="PATTERN", help="Only these hosts: a pattern, as Ansible's."
    ),
]
RunsOption = Annotated[
    Path | None,
    typer.Option("--runs", help="Where journals and reports are kept.", envvar="CHAOS_RUNNER_RUNS"),
]
FindingsOption = Annotated[
    Path | None,
    typer.Option("--findings", help="Where findings are kept.", envvar="CHAOS_RUNNER_FINDINGS"),
]
