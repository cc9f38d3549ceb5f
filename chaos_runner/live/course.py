"""How far a course of faults has come, for the live display."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.journal.events import Event, FaultApplied, FaultReverted, PlannedFault
from chaos_runner.wording.course import is_course, when_words

_OVER, _ON, _TO_COME = "=", ">", "."


class LiveCourse:
    """Which faults of a plan are on, over and to come: a fold of the events so far."""

    def __init__(self, faults: Sequence[PlannedFault]) -> None:
        self._faults = tuple(faults)
        self._shown = is_course(faults)
        self._on: dict[str, set[str]] = {}
        self._off: dict[str, set[str]] = {}

    def take(self, event: Event) -> None:
        """Note that a fault is on, or off, on a host."""
        match event:
            case FaultApplied(fault=fault, host=host):
                self._on.setdefault(fault, set()).add(host)
            case FaultReverted(fault=fault, host=host):
                self._off.setdefault(fault, set()).add(host)

    def on_hosts(self) -> dict[str, list[PlannedFault]]:
        """Return what is on now, by host."""
        found: dict[str, list[PlannedFault]] = {}
        for fault in self._faults:
            on, off = (hosts.get(fault.fault, set()) for hosts in (self._on, self._off))
            for host in on - off:
                found.setdefault(host, []).append(fault)
        return found

    def lines(self) -> list[str]:
        """Return the whole course as one character a fault, what is on, and what comes next."""
        if not self._shown:
            return []
        signs = {fault.fault: self._sign(fault) for fault in self._faults}
        over = sum(sign == _OVER for sign in signs.values())
        timeline = "".join(signs.values())
        lines = [f"{timeline}  {over} of {len(signs)} over"]
        lines += [f"on: {_what(fault)}" for fault in self._faults if signs[fault.fault] == _ON]
        to_come = [fault for fault in self._faults if signs[fault.fault] == _TO_COME]
        for fault in to_come[:1]:
            when = when_words(fault.start, fault.occurrence)
            lines.append(f"next: {_what(fault)}{f', {when}' if when else ''}")
        return lines

    def _sign(self, fault: PlannedFault) -> str:
        on, off = (hosts.get(fault.fault, set()) for hosts in (self._on, self._off))
        if not on:
            return _TO_COME
        return _OVER if on <= off else _ON


def _what(fault: PlannedFault) -> str:
    return f"{', '.join(fault.targets)} {fault.kind}"
