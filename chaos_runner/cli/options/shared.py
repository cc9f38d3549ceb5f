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
InventoryOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--inventory",
        "-i",
        help="Ansible inventory; several are read together, as Ansible does. Default: "
        "CHAOS_RUNNER_INVENTORY, the workspace's, else the lab's.",
    ),
]
ServersOption = Annotated[
    str | None,
    typer.Option(
        "--bootstrap-servers", help="Ask Kafka at these: `host:port`, separated by commas."
    ),
]
CommandConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--command-config",
        help="A properties file for Kafka's clients, as Kafka's own tools take it.",
    ),
]
TrustOption = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Let experiments start the programs and read the variables and files they name.",
        envvar="CHAOS_RUNNER_TRUST",
    ),
]
OneChannelOption = Annotated[
    bool,
    typer.Option(
        "--one-channel",
        help="Take hosts that Ansible alone reaches: nobody renews their leases, and they have "
        "one way back less.",
    ),
]
