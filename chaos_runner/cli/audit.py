"""`chaos-runner audit`: look for anything chaos-runner left on the hosts of an inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, LimitOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.fleet.usable_hosts import Choice
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.rollback.rollback import Reverted


def audit(
    hosts: Annotated[
        str | None, typer.Argument(help="An Ansible host pattern; default: every host.")
    ] = None,
    limit: LimitOption = None,
    inventory: InventoryOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Report residue on every host. Reads only; exits with 10 when a host is not clean.

    A host is clean when all of it could be looked at, as root, and nothing was found. One that
    could not be looked at is unknown.
    """
    from chaos_runner.errors import HostsNotCleanError, UsageError
    from chaos_runner.operations.cluster_faults import look_on_cluster
    from chaos_runner.operations.fleet import chosen_hosts, open_fleet
    from chaos_runner.workspace import find_inventory

    if hosts is not None and limit is not None:
        raise UsageError("name the hosts once", "either as the argument or with --limit")
    session = open_fleet(find_inventory(inventory))
    choice = chosen_hosts(session, hosts or limit)
    rows = _look(session, choice)
    if hosts is None and limit is None and (cluster := look_on_cluster()) is not None:
        rows.append(cluster)
    if output is Output.json:
        print_json({"hosts": [_as_json(row) for row in rows], "left_out": dict(choice.left_out)})
    else:
        lines = [line for row in rows for line in _as_lines(row)]
        lines += [f"{host}: left out, {why}" for host, why in choice.left_out.items()]
        print_text("\n".join(map(shown_line, lines)))
    if any(row.state != "clean" for row in rows):
        raise HostsNotCleanError(
            "not every host is clean", "`chaos-runner recover --all` takes back what it left"
        )


def _look(session: FleetSession, choice: Choice) -> list[Reverted]:
    from chaos_runner.rollback.rollback import Reverted
    from chaos_runner.rollback.verification import audit_hosts, verified

    audits = audit_hosts(session.inventory, choice.hosts, session.ansible, None)
    return [
        *(verified(Reverted(host, "clean"), audits[host]) for host in choice.hosts),
        *(Reverted(host, "unknown", message=why) for host, why in choice.unknown.items()),
    ]


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
