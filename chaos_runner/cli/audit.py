"""`chaos-runner audit`: look for anything chaos-runner left on the hosts of an inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, LimitOption, RunsOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text, warn
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.rollback.rollback import Reverted


def audit(
    hosts: Annotated[
        str | None, typer.Argument(help="An Ansible host pattern; default: every host.")
    ] = None,
    limit: LimitOption = None,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Report residue on every host. Reads only; exits with 10 when a host is not clean.

    A host is clean when all of it could be looked at, as root, and nothing was found. One that
    could not be looked at is unknown; so is one that no longer knows of a fault that a journal here
    says was put on it.
    """
    from chaos_runner.cli.text.recovery import how_to_settle, runs_to_tell
    from chaos_runner.errors import HostsNotCleanError, UsageError
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.operations.recovery.audit import audit_fleet
    from chaos_runner.workspace import find_inventory

    if hosts is not None and limit is not None:
        raise UsageError("name the hosts once", "either as the argument or with --limit")
    session = open_fleet(find_inventory(inventory))
    found = audit_fleet(session, runs_to_tell(runs), hosts or limit, warn)
    if output is Output.json:
        rows = [_as_json(row) for row in found.hosts]
        print_json({"hosts": rows, "left_out": dict(found.left_out)})
    else:
        lines = [line for row in found.hosts for line in _as_lines(row)]
        lines += [f"{host}: left out, {why}" for host, why in found.left_out.items()]
        print_text("\n".join(map(shown_line, lines)))
    if not found.clean:
        raise HostsNotCleanError(
            "not every host is clean",
            how_to_settle(found.hosts) or "`chaos-runner recover --all` takes back what it left",
        )


def _as_json(row: Reverted) -> dict[str, object]:
    return {
        "name": row.host,
        "state": row.state,
        "residue": list(row.residue),
        "message": row.message,
    }


def _as_lines(row: Reverted) -> list[str]:
    message = f", {row.message}" if row.message else ""
    return [f"{row.host}: {row.state}{message}", *(f"  {line}" for line in row.residue)]
