"""Check what a run and `recover` said of a cell's host: it has to be the truth."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.journal.events import FaultEffect, FaultReverted, HostVerified, Notice
from chaos_runner.wording.notices import notice_words
from tests.integration.crash_matrix.cells import Cell
from tests.integration.crash_matrix.host import MatrixHost
from tests.integration.crash_matrix.under_way import UnderWay
from tests.integration.lab.run.journals import events_of

LIVES = (
    *("Python removed", "sshd stopped", "ansible-playbook killed"),
    *("terminal closed", "sudo slow by 5 s", "Ctrl-C twice", "two runs at once"),
)
"""The deaths that the controller and its way to the host outlive."""
EXIT_CODES = {"Ctrl-C twice": 130, "terminal closed": 129}


class CellFailedError(AssertionError):
    """What a cell showed that it must not show."""


def require(condition: bool, otherwise: str) -> None:
    """Raise CellFailedError unless the condition holds."""
    if not condition:
        raise CellFailedError(otherwise)


def truth(cell: Cell) -> str:
    """Return what is true of the cell's host in the end."""
    return "dirty" if cell.service and cell.service.dies else "clean"


def effects(runs: Path) -> list[FaultEffect]:
    """Return what was journaled of faults that are on."""
    journal = _journal(runs)
    return events_of(journal, FaultEffect) if journal else []


def check_run(cell: Cell, under_way: UnderWay, code: int, runs: Path) -> None:
    """Check that the run, where it lived, told the truth about how it ended."""
    journal = _journal(runs)
    verified = events_of(journal, HostVerified) if journal else []
    states = {event.state for event in verified if event.host == under_way.host.name}
    seen = "; ".join(line for event in verified for line in (*event.differences, event.message))
    right = truth(cell)
    dirty = 10 if right == "dirty" else 0
    ended = events_of(journal, FaultReverted) if journal else []
    by_host = any(event.channel == "host" for event in ended if event.host == under_way.host.name)
    if cell.death == "unreachable at roll-back" and not cell.moment.in_roll_back:
        require(code == 10 and states == {"unknown"}, f"exit {code} and {states}, not unknown")
    elif cell.death == "sshd stopped" and states == {"unknown"}:
        # Over before the host takes logins again: then a proof by a login from before is none.
        require("no new login" in seen and code == 10, f"exit {code}: {seen}")
    elif cell.death in LIVES or cell.death == "a peer host silent":
        require(
            states == {right}, f"exit {code} and {states}; the run lived to see {right}: {seen}"
        )
        wanted = dirty or EXIT_CODES.get(cell.death, code)
        require(code == wanted, f"exit {code}, not {wanted}")
    elif cell.death == "nft flush ruleset" and cell.moment.name in ("active", "renewing"):
        notices = [notice_words(event) for event in events_of(journal, Notice)] if journal else []
        require(any("vanished" in text for text in notices), f"not told: {notices}")
        require(code == 3, f"exit {code} of a run whose fault vanished")
    if cell.death in ("sudo slow by 5 s", "a peer host silent") and cell.moment.name == "active":
        require(not by_host, "the host lost its lease while the run was to renew it")
    if cell.death == "a peer host silent" and cell.moment.name == "active":
        of_peer = {event.state for event in verified} - states
        require(code == 10 and of_peer == {"unknown"}, f"exit {code}, {of_peer} of the silent peer")
    if cell.death == "two runs at once":
        # Where the first was over already (rolled back, or ended by its lease while the guard
        # was held), the second may have its turn.
        over = cell.moment.in_roll_back or by_host
        refused = under_way.second_code in (4, 5)
        require(refused or over, f"the second run: {under_way.second_code}")


def recover(cell: Cell, host: MatrixHost) -> str:
    """Take back what is on record, as `recover` would, and return who had ended the fault."""
    answer = host.recover()
    if isinstance(answer, ChaosRunnerError):
        raise CellFailedError(f"recover: {answer.message}")
    require(answer.state == truth(cell), f"recover says {answer.state}: {answer.faults}")
    if cell.service and cell.service.dies:
        told = [line for fault in answer.faults for line in fault.differences]
        require(any(cell.service.name in line for line in told), f"recover says only {told}")
    return ", ".join(sorted({fault.by for fault in answer.faults}))


def controller_said(runs: Path) -> str:
    """Return the end of what the controller printed, for a cell that failed."""
    log = runs / "controller.log"
    text = log.read_text(errors="replace").strip() if log.exists() else ""
    return f"\n    the controller said: {text[-1500:]}" if text else ""


def _journal(runs: Path) -> Path | None:
    return next(runs.glob("*/journal.jsonl"), None)
