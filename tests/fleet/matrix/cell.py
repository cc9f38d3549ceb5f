"""Run one cell: a fault comes to its moment, something dies, and the host has to come back."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.fleet_rescue import FleetRescue
from chaos_runner.hosts.rescue import RescueError
from chaos_runner.lab.namespace import enter
from chaos_runner.run.events import FaultEffect, FaultReverted, HostVerified, Notice
from tests.fleet.matrix.cells import FAULTS, Cell
from tests.fleet.matrix.deaths import DEATHS, UnderWay
from tests.fleet.matrix.host import MatrixHost
from tests.fleet.matrix.results import Result
from tests.fleet.run.journals import events_of

LEASE = 5
"""Seconds: the shortest that an experiment may have."""
ATTEMPTS = 3
MOMENT_LIMIT = 120.0
CLEAN_LIMIT = 120.0
"""Seconds after which a host that has not come back never will, as far as a cell is concerned."""


class _CellFailedError(AssertionError):
    """Say what a cell showed that it must not show."""


class _MomentMissedError(_CellFailedError):
    """Say that the fault did not come to the moment: a slow host's lease ended it before, say."""


def run_cell(cell: Cell, host: MatrixHost) -> Result:
    """Run a cell on a host and put the host right; a failed cell is a result, not an error.

    A cell that did not come to its moment has shown nothing, and is tried again.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _result(cell, host)
        except _MomentMissedError:
            continue
    return _result(cell, host, last=True)


def _result(cell: Cell, host: MatrixHost, *, last: bool = False) -> Result:
    with tempfile.TemporaryDirectory(prefix="cell-") as directory:
        runs = Path(directory)
        try:
            seconds, ended_by = _run(cell, host, runs)
            problem = ""
        except (_CellFailedError, ChaosRunnerError, subprocess.TimeoutExpired) as error:
            if isinstance(error, _MomentMissedError) and not last:
                raise
            seconds, ended_by, problem = 0.0, "", str(error) + _controller_said(runs)
    return Result(
        cell=cell.name,
        role=cell.role,
        moment=cell.moment.name,
        death=cell.death,
        host=cell.host,
        ok=not problem,
        seconds=round(seconds, 1),
        ended_by=ended_by,
        problem=problem,
    )


def _run(cell: Cell, host: MatrixHost, runs: Path) -> tuple[float, str]:
    enter(host.place.lab)
    host.put_right()
    if cell.death == "disk full":
        place = "/var/lib/chaos-runner"
        host.run(f"mkdir -p {place}; mount -t tmpfs -o size=256k none {place}")
    before = host.fingerprint()
    hold = cell.moment.hold_for(cell.role)
    if hold:
        host.want_hold(hold)
    controller = _start_controller(cell, host, runs)
    try:
        _wait_for_moment(cell, host, controller, runs)
        under_way = UnderWay(
            host, controller, lambda: _start_controller(cell, host, runs / "second"), bool(hold)
        )
        died = under_way.counted_from
        DEATHS[cell.death](under_way)
        if cell.death == "network of the controller gone":
            time.sleep(max(0.0, died + LEASE + 5.0 - time.monotonic()))
        seconds = _wait_until_over(host, under_way.counted_from)
        code = _end_of(controller)
        _undo_death(cell, host)
        _compare(before, host.fingerprint())
        _check_what_was_said(cell, under_way, code, runs)
        ended_by = _ended_by(host)
    finally:
        if controller.poll() is None:
            controller.kill()
        controller.wait()
    return seconds, ended_by


def _start_controller(cell: Cell, host: MatrixHost, runs: Path) -> subprocess.Popen[bytes]:
    """Start a run of the cell's fault; one whose roll-back is the point is a short one."""
    runs.mkdir(exist_ok=True)
    duration = 3 if cell.moment.in_roll_back else 60
    experiment = runs / "experiment.yml"
    experiment.write_text(
        f"title: A cell of the crash matrix\nlease: {LEASE}s\n"
        "kafka: {bootstrap_servers: 'none:1'}\nallow: {unknown_blast_radius: true}\n"
        f"faults:\n  - {FAULTS[cell.role]}\n"
        f"    targets: {{hosts: {host.name}}}\n    duration: {duration}s\n"
    )
    with (runs / "controller.log").open("ab") as log:
        return subprocess.Popen(
            # It must not outlive a matrix that is stopped, and hold its fault on the host.
            [
                *("setpriv", "--pdeathsig", "KILL", "--"),
                *(sys.executable, "-m", "tests.fleet.matrix.controller"),
                *(str(experiment), str(runs)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "CHAOS_LAB": host.place.lab},
        )


def _wait_for_moment(
    cell: Cell, host: MatrixHost, controller: subprocess.Popen[bytes], runs: Path
) -> None:
    deadline = time.monotonic() + MOMENT_LIMIT
    held = bool(cell.moment.hold_for(cell.role))
    while not (host.is_held() if held else _effects(runs)):
        if controller.poll() is not None:
            raise _MomentMissedError(f"the controller ended with {controller.returncode} too early")
        if time.monotonic() > deadline:
            raise _MomentMissedError(f"the moment did not come within {MOMENT_LIMIT:g} s")
        time.sleep(0.2)


def _effects(runs: Path) -> list[FaultEffect]:
    journal = _journal(runs)
    return events_of(journal, FaultEffect) if journal else []


def _journal(runs: Path) -> Path | None:
    return next(runs.glob("*/journal.jsonl"), None)


def _wait_until_over(host: MatrixHost, died: float) -> float:
    """Wait until the host shows nothing of the fault and no guard is at work; return when."""
    host.let_through()
    seen = "nothing: it could not be reached"
    while time.monotonic() < died + CLEAN_LIMIT:
        try:
            looked = time.monotonic()
            seen = host.look()
            if not seen:
                return looked - died
        except RescueError:
            host.hand.close()
        time.sleep(0.3)
    raise _CellFailedError(f"after {CLEAN_LIMIT:g} s the host still shows {seen}")


def _end_of(controller: subprocess.Popen[bytes]) -> int:
    try:
        return controller.wait(timeout=180)
    except subprocess.TimeoutExpired as error:
        raise _CellFailedError("the controller did not end within 180 s") from error


def _undo_death(cell: Cell, host: MatrixHost) -> None:
    """Take back what the cell itself did to the host."""
    match cell.death:
        case "Python removed":
            host.run("mv /root/python3* /usr/bin/")
        case "wall clock back an hour":
            host.run("date -s @$(($(date +%s) + 3600)) >/dev/null")
        case "disk full":
            host.run("rm -f /var/lib/chaos-runner/filler")
        case "sshd stopped":
            host.run("systemctl start ssh; systemctl stop sshd-back.timer")


def _compare(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    gone = sorted(set(before) - set(after))
    come = sorted(set(after) - set(before))
    if gone or come:
        lines = [f"- {line}" for line in gone] + [f"+ {line}" for line in come]
        raise _CellFailedError("the fingerprint differs: " + "; ".join(lines[:10]))


def _check_what_was_said(cell: Cell, under_way: UnderWay, code: int, runs: Path) -> None:
    """Check that the run, where it lived, told the truth about how it ended."""
    journal = _journal(runs)
    verified = events_of(journal, HostVerified) if journal else []
    states = {event.state for event in verified}
    if cell.death == "unreachable at roll-back" and not cell.moment.in_roll_back:
        _require(code == 10 and states == {"unknown"}, f"exit {code} and {states}, not unknown")
    elif cell.death == "Ctrl-C twice":
        _require(code == 130 and states == {"clean"}, f"exit {code} and {states} after Ctrl-C")
    elif cell.death in ("Python removed", "sshd stopped", "ansible-playbook killed"):
        _require(states == {"clean"}, f"exit {code} and {states}; the run lived to see it")
    elif cell.death == "two runs at once":
        # Where the first was over already (rolled back, or ended by its lease while the guard
        # was held), the second may have its turn.
        ended = events_of(journal, FaultReverted) if journal else []
        over = cell.moment.in_roll_back or any(event.hand == "host" for event in ended)
        refused = under_way.second_code in (4, 5)
        _require(refused or over, f"the second run: {under_way.second_code}")
        _require(states == {"clean"}, f"exit {code} and {states} of the first run")
    elif cell.death == "nft flush ruleset" and cell.moment.name in ("active", "renewing"):
        notices = [event.message for event in events_of(journal, Notice)] if journal else []
        _require(any("vanished" in text for text in notices), f"not told: {notices}")
        _require(code == 3, f"exit {code} of a run whose fault vanished")


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise _CellFailedError(otherwise)


def _ended_by(host: MatrixHost) -> str:
    """Take back what is on record, as `recover` would, and return who had ended the fault."""
    with FleetRescue([host.host]) as rescue:
        answer = rescue.revert(WhichFaults.every())[host.name]
    if isinstance(answer, ChaosRunnerError):
        raise _CellFailedError(f"recover: {answer.message}")
    _require(answer.state == "clean", f"recover says {answer.state}: {answer.faults}")
    return ", ".join(sorted({fault.by for fault in answer.faults}))


def _controller_said(runs: Path) -> str:
    log = runs / "controller.log"
    text = log.read_text(errors="replace").strip() if log.exists() else ""
    return f"\n    the controller said: {text[-1500:]}" if text else ""
