"""`chaos-runner gameday check`: see whether a game day can be held; print its run sheet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import InventoryOption, OneChannelOption, TrustOption
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.shown import shown

if TYPE_CHECKING:
    from chaos_runner.operations.gameday.check import DayCheck

DayArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file of a game day.")]


def check(
    file: DayArgument,
    run_sheet: Annotated[
        Path | None, typer.Option(help="Write the run sheet there, in place of printing it.")
    ] = None,
    hosts: Annotated[
        bool, typer.Option("--hosts/--no-hosts", help="Ask the hosts, and make every plan.")
    ] = True,
    inventory: InventoryOption = None,
    trust: TrustOption = False,
    one_channel: OneChannelOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Plan every experiment of a game day, and print run sheet and announcement. Reads only.

    Exits with 4 when something keeps the day from being held.
    """
    from datetime import UTC, datetime

    from chaos_runner.errors import RefusedError
    from chaos_runner.gameday.run_sheet import announcement
    from chaos_runner.gameday.run_sheet import run_sheet as sheet_of
    from chaos_runner.operations.gameday.check import check_day, trusted_gameday
    from chaos_runner.operations.report import write_report

    loaded = trusted_gameday(file, trusted=trust)
    found = check_day(
        loaded, inventory, datetime.now(UTC), ask_hosts=hosts, one_channel=one_channel
    )
    sheet = sheet_of(loaded, found.slots, found.planned)
    letter = announcement(loaded, found.slots, found.planned)
    if run_sheet is not None:
        write_report(run_sheet, sheet)
    if output is Output.json:
        print_json(_as_json(found, sheet, letter))
    else:
        print_text((sheet if run_sheet is None else str(run_sheet)) + f"\n---\n\n{letter}")
        for remark in found.remarks:
            print(f"{remark.level}: {shown(remark.line)}", file=sys.stderr)
    if found.problems:
        number = len(found.problems)
        many = f"{number} problems keep" if number > 1 else "1 problem keeps"
        raise RefusedError(f"{many} the day from being held", "see the lines above")


def _as_json(found: DayCheck, sheet: str, letter: str) -> dict[str, object]:
    from chaos_runner.cli.text.blast_radius import blast_json
    from chaos_runner.gameday.run_sheet import radius_of_day

    return {
        "title": found.loaded.day.title,
        "remarks": [vars(remark) for remark in found.remarks],
        "agenda": [
            {
                "kind": slot.entry.item.kind,
                "title": slot.entry.title,
                "begins": slot.begins.isoformat(),
                "seconds": slot.seconds,
            }
            for slot in found.slots
        ],
        "blast_radius": vars(radius_of_day(found.planned)),
        "blast_radius_by_item": {
            number: blast_json(each.radius) for number, each in found.planned.items()
        },
        "run_sheet": sheet,
        "announcement": letter,
    }
