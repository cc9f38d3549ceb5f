"""The reference names every command of the command line, with each of its options."""

from __future__ import annotations

import re

import pytest
import typer

from chaos_runner.cli.main import app
from tests.unit.docs.examples import ROOT

REFERENCE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
COMMANDS = vars(typer.main.get_command(app))["commands"]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_reference_names_a_command_and_its_options(name: str) -> None:
    assert f"`chaos-runner {name}" in REFERENCE or f"`{name}`" in REFERENCE
    subcommands = getattr(COMMANDS[name], "commands", {})
    for command in (COMMANDS[name], *subcommands.values()):
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert f"`{option}`" in REFERENCE, option
    for subcommand in subcommands:
        assert re.search(rf"`{subcommand}`", REFERENCE), subcommand
