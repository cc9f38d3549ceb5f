"""What an execution node reports of the renewals on its hosts, until somebody asks for it."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Mapping
from contextlib import suppress

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer
from chaos_runner.hosts.guard import answers_in
from chaos_runner.hosts.readable import first_lines

_MOST_REPORTS = 16
"""Reports of a host that wait to be looked at; older ones are dropped."""

Answer = RenewAnswer | ChaosRunnerError


class RenewalReports:
    """The newest answers of each host; threads may keep and take at the same time."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._waiting: dict[str, queue.Queue[Answer]] = {
            host: queue.Queue(_MOST_REPORTS) for host in hosts
        }

    def keep(self, host: str, report: Mapping[str, object]) -> None:
        """Keep what a host answered, as the node reports it."""
        answer, waiting = _reading(host, report), self._waiting[host]
        while True:
            with suppress(queue.Full):
                waiting.put_nowait(answer)
                return
            with suppress(queue.Empty):
                waiting.get_nowait()

    def newest(self, host: str, limit: float) -> Answer | None:
        """Return what a host answered last, waiting up to `limit` seconds; None for nothing."""
        newest: Answer | None = None
        with suppress(queue.Empty):
            newest = self._waiting[host].get(timeout=limit)
            while True:
                newest = self._waiting[host].get_nowait()
        return newest

    def forget(self, host: str) -> None:
        """Forget what a host has answered so far."""
        self.newest(host, 0.0)


def _reading(host: str, report: Mapping[str, object]) -> Answer:
    answers = answers_in(str(report.get("line", "")), str(report.get("token", "")))
    readings = [reading for answer in answers if (reading := answer.read(RenewAnswer))]
    if readings:
        return readings[-1]
    why = first_lines(str(report.get("why", ""))) or "chaos-guard gave no answer to `renew`"
    return ChaosRunnerError(f"{host}: {why}")
