"""`chaos-runner doctor`: look whether a run would find everything it needs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.output import Output, OutputOption, print_json
from chaos_runner.cli.plan import InventoryOption

if TYPE_CHECKING:
    from chaos_runner.cli.fleet_session import FleetSession
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
    from chaos_runner.workspace import find_inventory

    findings = diagnose_controller()
    session = open_fleet(find_inventory(inventory))
    names = known_hosts_of(session, hosts)
    facts, silent = gather_facts(session, names)
    clock_offsets, second_hand = _ask_the_second_hand(session, names)
    findings += diagnose_hosts(names, facts, silent, clock_offsets)
    findings += second_hand
    findings += _kafka_findings(session)
    if output is Output.json:
        print_json({"findings": [finding.model_dump() for finding in findings]})
    else:
        print("\n".join(_as_text(finding) for finding in findings))
    problems = [finding for finding in findings if finding.state == "problem"]
    if problems:
        raise RefusedError(f"{len(problems)} problems stand against a run", "see the lines above")


def _ask_the_second_hand(
    session: FleetSession, names: Sequence[str]
) -> tuple[dict[str, float], list[Finding]]:
    """Reach every host over paramiko too; return its clock's offset, and who was not reached."""
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.fleet.diagnosis import Finding
    from chaos_runner.fleet.preflight import clock_offset_of
    from chaos_runner.hosts.fleet_rescue import FleetRescue

    offsets: dict[str, float] = {}
    findings: list[Finding] = []
    with FleetRescue([session.inventory.hosts[name] for name in names]) as rescue:
        rescue.open()
        asked = time.time()
        answers = rescue.preflight()
        answered = time.time()
    for name, answer in answers.items():
        if isinstance(answer, ChaosRunnerError):
            text = f"paramiko, the second hand, does not reach it: {answer.message}"
            findings.append(Finding(where=name, state="problem", text=text, hint=answer.hint))
        else:
            offsets[name] = clock_offset_of(answer, asked, answered)
            text = f"both hands reach it, its clock is within {abs(offsets[name]):.1f} s"
            findings.append(Finding(where=name, state="ok", text=text))
    return offsets, findings


def _kafka_findings(session: FleetSession) -> list[Finding]:
    from chaos_runner.fleet.diagnosis import Finding
    from chaos_runner.kafka.doctor import check_cluster

    checks = check_cluster(session.inventory.bootstrap_servers(), {})
    return [Finding.model_validate(check, from_attributes=True) for check in checks]


def _as_text(finding: Finding) -> str:
    mark = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}[finding.state]
    hint = f"\n{'':9}hint: {finding.hint}" if finding.hint and finding.state != "ok" else ""
    return f"{mark}  {finding.where}: {finding.text}{hint}"
