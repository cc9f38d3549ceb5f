"""Run one cell: a fault comes to its moment, something dies, and the host has to come back."""

from __future__ import annotations

import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.hosts.ssh.channel import RescueError
from chaos_runner.lab.namespace import enter
from tests.integration.crash_matrix.cells import FAULTS, Cell
from tests.integration.crash_matrix.controlling import LEASE, Controller, start_controller
from tests.integration.crash_matrix.deaths import DEATHS
from tests.integration.crash_matrix.host import MatrixHost
from tests.integration.crash_matrix.other_faults import OWN_DISK
from tests.integration.crash_matrix.results import Result
from tests.integration.crash_matrix.said import (
    CellFailedError,
    check_run,
    controller_said,
    effects,
    recover,
    truth,
)
from tests.integration.crash_matrix.services import MARK_OF_DEATH
from tests.integration.crash_matrix.under_way import UnderWay

ATTEMPTS = 3
MOMENT_LIMIT = 240.0
CLEAN_LIMIT = 240.0
"""Seconds after which a host that has not come back never will, as far as a cell is concerned."""


class _MomentMissedError(CellFailedError):
    """The fault did not come to the moment: a slow host's lease ended it before, say."""


def run_cell(cell: Cell, host: MatrixHost, peer: MatrixHost) -> Result:
    """Run a cell on a host and put the host right; a failed cell is a result, not an error.

    A cell that did not come to its moment has shown nothing, and is tried again. Where the death
    hits another host of the run, that is the peer; a host has one cell at a time.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _result(cell, host, peer)
        except _MomentMissedError:
            continue
    return _result(cell, host, peer, last=True)


def _result(cell: Cell, host: MatrixHost, peer: MatrixHost, *, last: bool = False) -> Result:
    with ExitStack() as stack:
        runs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cell-")))
        concerned = [host, peer] if DEATHS[cell.death].with_peer else [host]
        for one in sorted(concerned, key=lambda one: one.name):  # so that no two wait for another
            stack.enter_context(one.in_use)
        try:
            seconds, ended_by = _run(cell, host, peer, runs)
            problem = ""
        except (CellFailedError, ChaosRunnerError, subprocess.TimeoutExpired) as error:
            if isinstance(error, _MomentMissedError) and not last:
                raise
            seconds, ended_by, problem = 0.0, "", str(error) + controller_said(runs)
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


def _run(cell: Cell, host: MatrixHost, peer: MatrixHost, runs: Path) -> tuple[float, str]:
    enter(host.place.lab)
    death = DEATHS[cell.death]
    hosts = [host, peer] if death.with_peer else [host]
    for one in hosts:
        one.put_right(own_disk=OWN_DISK in FAULTS[cell.role])
    host.run(death.prepare)
    if cell.service and cell.service.dies:
        host.run(f"true >{MARK_OF_DEATH}")
    before = host.fingerprint()
    hold = cell.moment.hold_for(cell.role)
    if hold:
        host.want_hold(hold)
    with ExitStack() as stack:
        controller = start_controller(cell, hosts, runs, in_a_terminal=death.in_a_terminal)
        stack.callback(controller.end)
        _wait_for_moment(cell, host, controller, runs)
        under_way = UnderWay(
            host,
            controller.process,
            lambda: _start_another(cell, host, runs, stack),
            held=bool(hold),
            peer=peer if death.with_peer else None,
            close_terminal=controller.close_terminal,
            units=cell.units,
        )
        with ExitStack() as undoing:
            undoing.callback(_undo_death, death.undo, host)
            death.kill(under_way)
            if cell.death == "network of the controller gone":
                time.sleep(max(0.0, under_way.counted_from + LEASE + 5.0 - time.monotonic()))
            seconds = _wait_until_over(cell, under_way, guard=not death.guard_stays)
            code = _end_of(controller.process)
        ended_by = recover(cell, host)
        if death.guard_stays:
            _wait_until_over(cell, under_way, guard=True)
        _compare(before, host.fingerprint(), _broken(cell))
        check_run(cell, under_way, code, runs)
    return seconds, ended_by


def _start_another(
    cell: Cell, host: MatrixHost, runs: Path, stack: ExitStack
) -> subprocess.Popen[bytes]:
    second = start_controller(cell, [host], runs / "second")
    stack.callback(second.end)
    return second.process


def _wait_for_moment(cell: Cell, host: MatrixHost, controller: Controller, runs: Path) -> None:
    deadline = time.monotonic() + MOMENT_LIMIT
    held = bool(cell.moment.hold_for(cell.role))
    while not (host.is_held() if held else effects(runs)):
        if (code := controller.process.poll()) is not None:
            raise _MomentMissedError(f"the controller ended with {code} too early")
        if time.monotonic() > deadline:
            raise _MomentMissedError(f"the moment did not come within {MOMENT_LIMIT:g} s")
        time.sleep(0.2)


def _wait_until_over(cell: Cell, under_way: UnderWay, *, guard: bool) -> float:
    """Wait until the host shows nothing of the fault, and no guard at work; return when.

    A service that dies has come back as far as it can when it has died again.
    """
    host = under_way.host
    host.let_through()
    seen = "nothing: it could not be reached"
    deadline = max(under_way.counted_from, time.monotonic()) + CLEAN_LIMIT
    while time.monotonic() < deadline:
        try:
            looked = time.monotonic()
            if truth(cell) == "dirty":
                seen = host.run(f"systemctl is-failed {' '.join(under_way.units)}")
                seen = "" if seen == "failed" else f"a service that is {seen}"
            else:
                seen = host.look(under_way.units, guard=guard)
            if not seen:
                return max(0.0, looked - under_way.counted_from)
        except RescueError:
            host.channel.close()
        time.sleep(0.3)
    raise CellFailedError(f"after {CLEAN_LIMIT:g} s the host still shows {seen}")


def _end_of(controller: subprocess.Popen[bytes]) -> int:
    try:
        return controller.wait(timeout=300)
    except subprocess.TimeoutExpired as error:
        raise CellFailedError("the controller did not end within 300 s") from error


def _undo_death(script: str, host: MatrixHost) -> None:
    """Take back what the cell itself did to the host."""
    if script:
        host.reach()
        host.run(script)


def _broken(cell: Cell) -> set[str]:
    """Return the lines by which the host has to differ in the end."""
    dies = cell.service and cell.service.dies
    return {f"failed unit {cell.service.name}.service"} if cell.service and dies else set()


def _compare(before: tuple[str, ...], after: tuple[str, ...], expected: set[str]) -> None:
    gone = sorted(set(before) - set(after))
    come = sorted(set(after) - set(before) - expected)
    if gone or come:
        lines = [f"- {line}" for line in gone] + [f"+ {line}" for line in come]
        raise CellFailedError("the fingerprint differs: " + "; ".join(lines[:10]))
