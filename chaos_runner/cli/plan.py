"""`chaos-runner plan`: show what a run would do, on exactly which hosts, and touch nothing."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, OneChannelOption, TrustOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text

if TYPE_CHECKING:
    from chaos_runner.journal.events import PlannedFault
    from chaos_runner.planning.plan import Plan


def plan(
    experiment: Annotated[Path, typer.Argument(help="An experiment file.")],
    inventory: InventoryOption = None,
    trust: TrustOption = False,
    one_channel: OneChannelOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Show the exact hosts and commands of a run. Reads only; refuses what a run would refuse."""
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.operations.plan import plan_experiment
    from chaos_runner.planning.trust_gate import require_trust
    from chaos_runner.workspace import find_inventory

    asked = load_experiment(experiment)
    require_trust(asked, experiment, trusted=trust)
    session = open_fleet(find_inventory(inventory))
    the_plan = plan_experiment(asked, experiment, session, one_channel=one_channel)
    if output is Output.json:
        print_json(_as_json(the_plan))
    else:
        print_text(_as_text(the_plan))
    the_plan.refuse_if_unsafe()


def _as_json(the_plan: Plan) -> dict[str, object]:
    from chaos_runner.cli.text.blast_radius import blast_json
    from chaos_runner.verdict.safeguards import condition_of
    from chaos_runner.wording.safeguards import condition_words

    return {
        "title": the_plan.experiment.title,
        "inventory": the_plan.inventory.label,
        "bootstrap_servers": the_plan.bootstrap_servers,
        "client_profile": the_plan.experiment.kafka.profile,
        "faults": [fault.model_dump() for fault in the_plan.faults],
        "untouched": list(the_plan.untouched),
        "passed_over": the_plan.passed_over,
        "one_channel": the_plan.one_channel,
        "left_out": the_plan.left_out,
        "checks": [
            {"name": each.title, "expected": each.check.describe()}
            for each in the_plan.experiment.steady_state.checks or ()
        ],
        "safeguards": [
            condition_words(condition_of(safeguard)) for safeguard in the_plan.experiment.safeguards
        ],
        "zones": {node: list(hosts) for node, hosts in the_plan.zones.items()},
        "load": the_plan.experiment.load and the_plan.experiment.load.model_dump(mode="json"),
        "blast_radius": blast_json(the_plan.blast_radius),
        "problems": {
            host: [problem.text for problem in problems]
            for host, problems in the_plan.problems.items()
        },
    }


def _as_text(the_plan: Plan) -> str:
    from chaos_runner.cli.text.blast_radius import blast_lines
    from chaos_runner.cli.text.course import course_lines
    from chaos_runner.hosts.nodes.load_command import load_call
    from chaos_runner.verdict.safeguards import condition_of
    from chaos_runner.wording.course import when_words
    from chaos_runner.wording.safeguards import condition_words

    lines = [f"{the_plan.experiment.title}", f"  inventory  {the_plan.inventory.label}"]
    profile = the_plan.experiment.kafka.profile
    lines.append(f"  kafka      {the_plan.bootstrap_servers}, client profile {profile}")
    lines += course_lines(the_plan.faults)
    shown: set[tuple[int, str]] = set()
    for fault in the_plan.faults:
        when = when_words(fault.start, fault.occurrence)
        lines += [
            f"  fault      {fault.kind}: {fault.summary}, for {fault.duration:g} s"
            + (f", {when}" if when else ""),
            f"  targets    {', '.join(fault.targets)}{_chosen_as(fault)}",
            *_concerned(fault),
            f"  control    {', '.join(fault.control) or 'none'}",
            f"  lease      {fault.lease:g} s without the control node; {fault.cap:g} s at most",
        ]
        lines += [f"  peer       {peer}: {', '.join(known)}" for peer, known in fault.peers.items()]
        lines += [
            f"  cut        {host} does not hear {', '.join(others)}"
            for host, others in fault.unheard.items()
        ]
        for host, links in fault.interfaces.items():
            lines.append(f"  interface  {', '.join(links)} of {host}")
        lines += [
            f"  spared     on {host}: {each}"
            for host, all_ in fault.spared.items()
            for each in all_
        ]
        lines += [f"  note       {note}" for note in fault.notes]
        for host, commands in fault.commands.items():
            if (fault.occurrence.entry, host) in shown:
                lines.append(f"  on {host}: as the first time, under the name {fault.fault}")
                continue
            shown.add((fault.occurrence.entry, host))
            lines += [f"  on {host}:", *(f"    {line}" for line in commands)]
            lines.append(f"  back on {host}, by whichever fail-safe is first:")
            lines += [
                f"    {fail_safe.name:<13} {'' if fail_safe.there else 'absent: '}{fail_safe.fires}"
                for fail_safe in fault.fail_safes[host]
            ]
    for each in the_plan.experiment.steady_state.checks or ():
        named = f"{each.name}: " if each.name else ""
        lines.append(f"  check      {named}{each.check.describe()}")
    lines += [
        f"  safeguard      {condition_words(condition_of(safeguard))}"
        for safeguard in the_plan.experiment.safeguards
    ]
    lines += blast_lines(the_plan.blast_radius)
    lines.append(f"  untouched  {', '.join(the_plan.untouched) or 'none'}")
    lines += [
        f"  zone       {', '.join(hosts)}: worked on by the execution node {node}"
        for node, hosts in the_plan.zones.items()
    ]
    if zones := the_plan.experiment.probe.zones:
        lines.append(f"  probes     on this machine and on {', '.join(zones)}")
    if load := the_plan.experiment.load:
        call = shlex.join(load_call(load, the_plan.bootstrap_servers))
        where = load.host or "this machine"
        lines.append(f"  load       on {where}, {load.duration:g} s at most: {call}")
    lines += [f"  one channel {host}: {why}" for host, why in the_plan.one_channel.items()]
    lines += [f"  left out   {host}, unreachable: {why}" for host, why in the_plan.left_out.items()]
    lines += [
        f"  passed over {host}: {why}"
        for host, why in the_plan.passed_over.items()
        if host not in the_plan.left_out
    ]
    return "\n".join(lines)


def _concerned(fault: PlannedFault) -> list[str]:
    named = (
        f"{host} (broker {', '.join(map(str, numbers))})" for host, numbers in fault.brokers.items()
    )
    return [f"  concerns   {', '.join(named)}"] if fault.brokers else []


def _chosen_as(fault: PlannedFault) -> str:
    return f", {fault.chosen_as}" if fault.chosen_as else ""
