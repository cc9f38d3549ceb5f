"""Switch hosts off and on again, by programs of the user's on the control node."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence

from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.admin_faults.action import Action, Look
from chaos_runner.kafka.admin_faults.cluster import Cluster
from chaos_runner.measurements.cluster_fault import ClusterUndo, SwitchedHost, SwitchPower
from chaos_runner.measurements.reading import Reading
from chaos_runner.units import printable

PROGRAM_LIMIT = 120.0
"""Seconds for one program; a cloud's command may wait until the machine is off."""
CONNECT_LIMIT = 3.0
"""Seconds for a host that is on to accept a connection."""
RETURN_LIMIT = 120.0
"""Seconds for a host to answer before it is switched on once more."""
_PAUSE = 0.5
_LONGEST_WORDS = 200


class Powering(Action):
    """Hosts that are off while the fault is held."""

    effect_limit = 120.0

    def __init__(self, change: SwitchPower) -> None:
        self._change = change

    def prepare(self, cluster: Cluster, undo: ClusterUndo) -> ClusterUndo:
        """Return the undo with the hosts; one that is not there now could not be seen to return."""
        silent = [each.host for each in self._change.hosts if is_silent(each)]
        if silent:
            raise UsageError(
                f"no SSH server answers on {', '.join(silent)}, so nobody could see that it is on "
                "again",
                "switch it on, or name it in `exclude` of the targets",
            )
        return undo.model_copy(update={"power": self._change.hosts})

    def apply(self, cluster: Cluster, undo: ClusterUndo) -> None:
        """Switch each host off."""
        for each in self._change.hosts:
            if problem := _run(each.off):
                raise ProbeError(f"{each.host} was not switched off: {problem}")

    def effect(self, cluster: Cluster, undo: ClusterUndo, limit: float) -> Look:
        """Return whether none of them answers any more."""
        answering = _await(lambda: [each for each in undo.power if not is_silent(each)], limit)
        return not answering, tuple(
            Reading(name="host", of=each.host, state="answers" if each in answering else "silent")
            for each in undo.power
        )


def switch_on(hosts: Iterable[SwitchedHost]) -> None:
    """Switch on what is off, and wait until it answers; raises ProbeError where it does not."""
    off = [each for each in hosts if is_silent(each)]
    problems = {each.host: _run(each.on) for each in off}
    for each in _await(lambda: [host for host in off if is_silent(host)], RETURN_LIMIT):
        why = f": {problems[each.host]}" if problems[each.host] else ""
        raise ProbeError(f"{each.host} does not answer since it was switched on{why}")


def is_silent(host: SwitchedHost) -> bool:
    """Tell whether nothing of a host answers; a machine that refuses a connection is there."""
    try:
        with socket.create_connection((host.address, host.port), CONNECT_LIMIT):
            return False
    except ConnectionRefusedError:
        return False
    except OSError:
        return True


def _await(left: Callable[[], list[SwitchedHost]], limit: float) -> list[SwitchedHost]:
    """Return what is left when nothing is, or after a time in seconds."""
    deadline = time.monotonic() + limit
    while (hosts := left()) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return hosts


def _run(arguments: Sequence[str]) -> str:
    """Run a program to its end; return why that went wrong, or nothing."""
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROGRAM_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{arguments[0]} did not end within {PROGRAM_LIMIT:g} s"
    except OSError as error:
        return f"{arguments[0]}: {error.strerror}"
    if not done.returncode:
        return ""
    last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
    said = f": {printable(last[0], limit=_LONGEST_WORDS)}" if last else ""
    return f"{arguments[0]} ended with exit code {done.returncode}{said}"
