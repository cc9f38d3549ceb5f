"""`chaos-runner init`: make a small workspace to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to make it.", show_default="here")
    ] = Path(),
) -> None:
    """Make a workspace: a config file, an example experiment, an example inventory.

    Never overwrites: when one of its files is in the way, nothing is written (exit code 2).
    """
    from chaos_runner.cli.text.output import print_text
    from chaos_runner.new_workspace import make_workspace

    for file in make_workspace(directory):
        print_text(str(file))
