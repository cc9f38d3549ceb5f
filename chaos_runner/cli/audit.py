"""`chaos-runner audit`: look for anything chaos-runner left on the hosts of an inventory."""

from __future__ import annotations

from typing import Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption


def audit(
    hosts: Annotated[
        str | None, typer.Argument(help="An Ansible host pattern; default: every host.")
    ] = None,
    inventory: InventoryOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Report residue on every host. Reads only; exits with 10 when a host is not clean."""
    from chaos_runner.cli.fleet_session import known_hosts_of, open_fleet
    from chaos_runner.errors import HostsNotCleanError
    from chaos_runner.fleet.guard_answers import AuditAnswer
    from chaos_runner.workspace import find_inventory

    session = open_fleet(find_inventory(inventory))
    names = known_hosts_of(session, hosts)
    outcome = session.ansible.run("audit.yml", names, {}, timeout=60.0)
    rows: list[dict[str, object]] = []
    for name in names:
        answer = outcome.per_host[name].answer(AuditAnswer)
        if answer is None:
            message = outcome.per_host[name].message or "no answer"
            rows.append({"name": name, "state": "unknown", "residue": [], "message": message})
        else:
            state = "clean" if answer.clean else "dirty"
            rows.append({"name": name, "state": state, "residue": answer.residue, "message": ""})
    if output is Output.json:
        print_json({"hosts": rows})
    else:
        print("\n".join(_as_text(row) for row in rows))
    if any(row["state"] != "clean" for row in rows):
        raise HostsNotCleanError(
            "not every host is clean", "`chaos-runner recover --all` takes back what it left"
        )


def _as_text(row: dict[str, object]) -> str:
    residue = row["residue"] if isinstance(row["residue"], list) else []
    head = f"{row['name']}: {row['state']}" + (f", {row['message']}" if row["message"] else "")
    return "\n".join([head, *(f"  {line}" for line in residue)])
