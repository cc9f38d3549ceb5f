"""`chaos-runner lab`: the embedded fleet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.text.output import print_text
from chaos_runner.errors import LabError
from chaos_runner.lab import DEFAULT_NAME
from chaos_runner.shown import shown

if TYPE_CHECKING:
    from chaos_runner.lab.record import LabRecord

app = typer.Typer(
    help="Bring up, use and remove the fleet that comes with chaos-runner.", no_args_is_help=True
)

Name = Annotated[str, typer.Option("--name", "-n", help="The lab's name.", envvar="CHAOS_LAB")]
Spec = Annotated[
    Path | None,
    typer.Option("--spec", "-s", help="A lab spec (YAML); by default four Kafka hosts."),
]
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def prepare(spec: Spec = None) -> None:
    """Make what hosts are started from, where it is not cached: root file system and Kafka."""
    from chaos_runner.lab.images.base import make_bases
    from chaos_runner.lab.lifecycle.progress import Progress
    from chaos_runner.lab.lifecycle.requirements import netem_works, require, require_root
    from chaos_runner.lab.machines.backends import resolve_backends
    from chaos_runner.lab.spec import load_spec

    require_root()
    wanted = resolve_backends(load_spec(spec), netem_works())
    require(wanted)
    with Progress() as progress:
        make_bases(wanted, lambda what: progress.tell("lab", what))
    _say(f"the lab's root file system and Kafka are ready ({progress.elapsed:.0f} s)")


@app.command()
def up(spec: Spec = None) -> None:
    """Start the lab, or what is missing of it, and wait until all of it is ready."""
    from chaos_runner.lab.lifecycle import lab
    from chaos_runner.lab.lifecycle.progress import Progress
    from chaos_runner.lab.spec import load_spec

    wanted = load_spec(spec)
    with Progress() as progress:
        record = lab.up(wanted, progress.tell)
    _say(f"lab {record.spec.name} is up: {len(record.hosts)} hosts, {progress.elapsed:.0f} s")


@app.command()
def down(name: Name = DEFAULT_NAME) -> None:
    """Remove the lab: processes, network, files. What is cached for the next one stays."""
    from chaos_runner.lab.lifecycle import lab
    from chaos_runner.lab.lifecycle.progress import Progress

    with Progress() as progress:
        found = lab.down(name, progress.tell)
    text = f"lab {name} is removed" if found else f"there is no lab {name}"
    _say(f"{text} ({progress.elapsed:.1f} s)")


@app.command()
def status(name: Name = DEFAULT_NAME) -> None:
    """Show every host: address, backend, and whether SSH and Kafka answer."""
    from rich.console import Console
    from rich.table import Table

    from chaos_runner.lab.lifecycle.status import host_states

    record = _record(name)
    table = Table("host", "backend", "IPv4", "IPv6", "power", "ssh", "kafka", box=None)
    states = host_states(record)
    for state in states:
        table.add_row(*state.row())
    Console().print(table)
    if not all(state.ready for state in states):
        raise typer.Exit(LabError.exit_code)


@app.command(context_settings=_PASS_ON)
def ssh(context: typer.Context, host: str, name: Name = DEFAULT_NAME) -> None:
    """Log in on a host, or run the command after `--` there, as user ops (sudo is free)."""
    from chaos_runner.lab.commands import become
    from chaos_runner.lab.namespace import enter

    record = _record(name)
    address = record.place_of(host).ipv4
    enter(record.spec.name)
    become([*_ssh_command(record), address, *context.args])


@app.command()
def logs(
    host: str,
    name: Name = DEFAULT_NAME,
    console: Annotated[
        bool, typer.Option("--console", help="The host's console instead of its journal.")
    ] = False,
) -> None:
    """Print a host's journal, or its console where it does not answer or is switched off."""
    from chaos_runner.lab.commands import become
    from chaos_runner.lab.machines.machines import alive
    from chaos_runner.lab.namespace import enter

    record = _record(name)
    place = record.place_of(host)
    if console or not alive(place):
        print_text(place.console.read_text(errors="replace"))
        return
    enter(record.spec.name)
    become([*_ssh_command(record), place.ipv4, "sudo journalctl --no-pager --boot"])


@app.command("exec", context_settings=_PASS_ON)
def execute(context: typer.Context, name: Name = DEFAULT_NAME) -> None:
    """Run the command after `--` where the hosts can be reached."""
    from chaos_runner.lab.commands import become
    from chaos_runner.lab.namespace import enter

    if not context.args:
        raise LabError("there is no command", "chaos-runner lab exec -- ping -c 1 198.18.0.11")
    enter(_record(name).spec.name)
    become(context.args)


@app.command()
def inventory(name: Name = DEFAULT_NAME) -> None:
    """Print the lab's Ansible inventory (JSON)."""
    typer.echo(_record(name).place.inventory.read_text())


def _record(name: str) -> LabRecord:
    from chaos_runner.lab.record import read_lab

    record = read_lab(name)
    if record is None:
        raise LabError(f"there is no lab `{name}`", "`chaos-runner lab up` starts it")
    return record


def _ssh_command(record: LabRecord) -> list[str]:
    from chaos_runner.lab.layout import USER
    from chaos_runner.lab.lifecycle.inventory import ssh_options

    key = ["-i", str(record.place.key), "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"]
    return ["ssh", "-F", "none", *key, *ssh_options(record), "-l", USER]


def _say(text: str) -> None:
    print(shown(text), file=sys.stderr)
