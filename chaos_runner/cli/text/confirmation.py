"""Ask before something weighty is done: the user types the number of what it concerns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chaos_runner.errors import RefusedError
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.operations.recovery.accept import Difference


def confirm_hosts(session: FleetSession, hosts: Sequence[str], *, yes: bool) -> None:
    """Ask for the number of hosts unless `yes` was said or the hosts are a lab's.

    Raises RefusedError when nobody can be asked, or the answer is another number.
    """
    if yes or session.is_lab:
        return
    names = shown_line(", ".join(hosts))
    _ask_for(
        len(hosts),
        f"{len(hosts)} hosts get faults: {names}. Type their number to go on: ",
        f"faults on {len(hosts)} hosts that are not a lab's need a confirmation",
        "no host was touched",
    )


def confirm_differences(differences: Sequence[Difference], *, yes: bool) -> None:
    """Show every line that is to be accepted, and ask for their number unless `yes` was said.

    Raises RefusedError when nobody can be asked, or the answer is another number.
    """
    for each in differences:
        text = shown_line(f"{each.host}: {each.fault}: {each.line}")
        print(text, file=sys.stderr)
    if yes:
        return
    number = len(differences)
    _ask_for(
        number,
        f"These {number} lines are accepted as they are now. Type their number to go on: ",
        f"accepting {number} lines needs a confirmation; nothing was accepted",
        "nothing was accepted",
    )


def _ask_for(number: int, question: str, nobody: str, otherwise: str) -> None:
    if not sys.stdin.isatty():
        raise RefusedError(nobody, "run it in a terminal, or say --yes")
    print(question, end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != str(number):
        raise RefusedError(f"not confirmed; {otherwise}", f"the number was {number}")
