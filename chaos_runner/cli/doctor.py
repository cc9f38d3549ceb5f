"""`chaos-runner doctor`: look whether a run would find everything it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption

if TYPE_CHECKING:
    from chaos_runner.fleet.diagnosis import Finding


def doctor(
    hosts: Annotated[
        str | None, typer.Argument(help="An Ansible host pattern; default: every host.")
    ] = None,
    inventory: InventoryOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Check tools, hosts and Kafka before a run. Reads only; exits with 4 at a problem."""
    from chaos_runner.cli.fleet_session import gather_facts, known_hosts_of, open_fleet
    from chaos_runner.errors import RefusedError
    from chaos_runner.fleet.diagnosis import diagnose_controller, diagnose_hosts
    from chaos_runner.kafka.doctor import check_cluster
    from chaos_runner.workspace import find_inventory

    findings = diagnose_controller()
    session = open_fleet(find_inventory(inventory))
    names = known_hosts_of(session, hosts)
    facts, silent = gather_facts(session, names)
    findings += diagnose_hosts(names, facts, silent)
    findings += _kafka_findings(check_cluster(session.inventory.bootstrap_servers(), {}))
    if output is Output.json:
        print_json({"findings": [finding.model_dump() for finding in findings]})
    else:
        print("\n".join(_as_text(finding) for finding in findings))
    problems = [finding for finding in findings if finding.state == "problem"]
    if problems:
        raise RefusedError(f"{len(problems)} problems stand against a run", "see the lines above")


def _kafka_findings(checks: Sequence[object]) -> list[Finding]:
    from chaos_runner.fleet.diagnosis import Finding

    return [Finding.model_validate(check, from_attributes=True) for check in checks]


def _as_text(finding: Finding) -> str:
    mark = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}[finding.state]
    hint = f"\n{'':10}hint: {finding.hint}" if finding.hint and finding.state != "ok" else ""
    return f"{mark}  {finding.where}: {finding.text}{hint}"
