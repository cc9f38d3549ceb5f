"""`chaos-runner doctor`: look whether a run would find everything it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import (
    CommandConfigOption,
    InventoryOption,
    LimitOption,
    ServersOption,
    TrustOption,
)
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.errors import UsageError
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.experiment.models import Experiment
    from chaos_runner.fleet.diagnosis import Finding
    from chaos_runner.fleet.inventory import Inventory


def doctor(
    hosts: Annotated[
        str | None, typer.Argument(help="An Ansible host pattern; default: every host.")
    ] = None,
    limit: LimitOption = None,
    experiment: Annotated[
        Path | None,
        typer.Option("--experiment", "-e", help="Ask Kafka with the settings of this experiment."),
    ] = None,
    bootstrap_servers: ServersOption = None,
    command_config: CommandConfigOption = None,
    inventory: InventoryOption = None,
    trust: TrustOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Check tools, hosts and Kafka before a run. Reads only; exits with 4 at a problem."""
    from chaos_runner.cli.options.experiment import asked_experiment
    from chaos_runner.errors import RefusedError
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.fleet.diagnosis import diagnose_controller, diagnose_extensions
    from chaos_runner.planning.plan import NO_FILE
    from chaos_runner.planning.trust_gate import require_trust
    from chaos_runner.report.sections.registry import extensions

    if hosts is not None and limit is not None:
        raise UsageError("name the hosts once", "either as the argument or with --limit")
    kafka = {
        "bootstrap_servers": bootstrap_servers,
        "properties_file": str(command_config.absolute()) if command_config else None,
    }
    read = load_experiment(experiment) if experiment is not None else None
    asked = asked_experiment(read, kafka=kafka)
    if experiment is not None:  # what stands on the command line is the user's own
        own = frozenset(name for name, value in kafka.items() if value is not None)
        require_trust(asked, experiment, trusted=trust, own=own)
    known, found = _host_findings(inventory, hosts or limit)
    here = diagnose_controller() + diagnose_extensions(extensions().unusable)
    findings = here + found + _kafka_findings(asked, experiment or NO_FILE, known)
    if output is Output.json:
        print_json({"findings": [finding.model_dump() for finding in findings]})
    else:
        print_text("\n".join(_as_text(finding) for finding in findings))
    problems = sum(finding.state == "problem" for finding in findings)
    if problems:
        many = f"{problems} problems stand" if problems > 1 else "1 problem stands"
        raise RefusedError(f"{many} against a run", "see the lines above")


def _host_findings(
    inventory: list[Path] | None, pattern: str | None
) -> tuple[Inventory | None, list[Finding]]:
    """Return the inventory, None where it cannot be read, and what was found about its hosts."""
    from chaos_runner.errors import InvalidInventoryError
    from chaos_runner.fleet.diagnosis import Finding, diagnose_consent, diagnose_hosts
    from chaos_runner.operations.fleet import ask_over_ssh, chosen_hosts, gather_facts, open_fleet
    from chaos_runner.workspace import find_inventory

    try:
        session = open_fleet(find_inventory(inventory))
        choice = chosen_hosts(session, pattern)
    except InvalidInventoryError as error:
        text, hint = error.message, error.hint
        return None, [Finding(where="inventory", state="problem", text=text, hint=hint)]
    facts, silent = gather_facts(session, choice.hosts)
    by_ssh, clock_offsets = ask_over_ssh(session, choice.hosts)
    findings = diagnose_hosts(choice.hosts, facts, silent, by_ssh, clock_offsets)
    findings += [
        Finding(where=host, state="problem", text=why) for host, why in choice.unknown.items()
    ]
    findings += [
        Finding(where=host, state="warning", text=f"is left out: {why}")
        for host, why in choice.left_out.items()
    ]
    named = (session.inventory.hosts[name] for name in choice.hosts)
    return session.inventory, findings + diagnose_consent(named, facts)


def _kafka_findings(asked: Experiment, file: Path, known: Inventory | None) -> list[Finding]:
    from chaos_runner.fleet.diagnosis import Finding
    from chaos_runner.kafka.survey.process import checked_cluster
    from chaos_runner.planning.kafka_access import known_servers

    try:
        servers = known_servers(asked.kafka, file) or _servers_of(known)
    except UsageError as error:
        text, hint = error.message, error.hint
        return [Finding(where="kafka", state="problem", text=text, hint=hint)]
    checks = checked_cluster(servers, asked.kafka.properties, asked.kafka.in_file(file))
    return [Finding.model_validate(check, from_attributes=True) for check in checks]


def _servers_of(known: Inventory | None) -> str:
    """Return the brokers of the inventory; raise UsageError where it names none."""
    from chaos_runner.fleet.inventory import KAFKA_BROKER_GROUP

    if known is None or KAFKA_BROKER_GROUP not in known.groups:
        why = "no inventory" if known is None else f"no group `{KAFKA_BROKER_GROUP}`"
        raise UsageError(
            f"{why}: which servers to ask is not known",
            "name the servers with `--bootstrap-servers` or an experiment's `kafka:` "
            "(`--experiment FILE`)",
        )
    return known.bootstrap_servers()


def _as_text(finding: Finding) -> str:
    mark = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}[finding.state]
    line = f"{mark}  {finding.where}: {shown_line(finding.text)}"
    if finding.hint and finding.state != "ok":
        line += f"\n{'':9}hint: {shown_line(finding.hint)}"
    return line
