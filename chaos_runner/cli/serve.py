"""`chaos-runner serve`: the live page of runs and game days."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, RunsOption
from chaos_runner.cli.text.output import print_text, warn


def serve(
    address: Annotated[
        str, typer.Option("--address", help="The address to listen on; others must be asked for.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes one that is free.")
    ] = 8765,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A name by which browsers reach it, beside addresses."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file", help="Where the token for reading is written, for Prometheus."
        ),
    ] = None,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
) -> None:
    """Show runs and game days in a browser as they happen, with a stop for all of them.

    The inventory is what the stop halts. Two links are printed once: one reads, one may act.
    """
    from chaos_runner.errors import UsageError
    from chaos_runner.files import replace_file
    from chaos_runner.live_page.server import PageSettings, is_local, serve_page
    from chaos_runner.live_page.tokens import Tokens
    from chaos_runner.workspace import find_inventory, find_runs

    named = find_inventory(inventory)
    settings = PageSettings(find_runs(runs), named.sources, address, port, tuple(name or ()))
    tokens = Tokens()
    if not is_local(address):
        warn(
            f"{address} is reached from other machines, and nothing is encrypted: whoever listens "
            "on the way gets the tokens; put a server with TLS before it, or use `ssh -L`"
        )

    if token_file is not None:
        try:
            replace_file(token_file, tokens.read.encode(), 0o600)
        except OSError as error:
            raise UsageError(
                f"{token_file}: cannot be written: {error.strerror}", "name another file"
            ) from error

    def ready(url: str) -> None:
        print_text(
            f"to look:         {url}#{tokens.read}\n"
            f"to look and act: {url}#{tokens.act}\n"
            f"runs of {settings.runs_directory}; stop halts {', '.join(map(str, named.sources))}"
        )

    serve_page(settings, tokens, ready)
