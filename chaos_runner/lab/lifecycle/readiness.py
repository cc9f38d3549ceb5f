"""Wait until hosts answer on SSH and every broker is registered."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

from chaos_runner.errors import LabError
from chaos_runner.lab.kafka.broker import BROKER_PORT
from chaos_runner.lab.kafka.metadata import registered_brokers
from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.machines.machines import alive
from chaos_runner.lab.namespace import enter
from chaos_runner.lab.record import LabRecord

Tell = Callable[[str, str], None]

_LIMIT = 300.0
"""Seconds for one host: a VM without hardware virtualization on a busy machine takes 100."""
_LAST_LINES = 15


def wait_until_ready(record: LabRecord, tell: Tell) -> None:
    """Wait for SSH on every host and for every broker; raise LabError for what does not come.

    A host whose process ends is not waited for.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=len(record.hosts)) as pool:
        waits = [pool.submit(_Wait(record, place, tell, stop)) for _, place in record.hosts]
        try:
            for each in wait(waits, return_when=FIRST_EXCEPTION).done:
                each.result()
        finally:
            stop.set()


def answers_ssh(address: str, timeout: float = 2) -> bool:
    """Tell whether an SSH server greets at the address, in the caller's network namespace."""
    try:
        with socket.create_connection((address, 22), timeout) as connection:
            return connection.recv(256).startswith(b"SSH-")
    except OSError:
        return False


def broker_registered(place: HostPlace, timeout: float = 2) -> bool:
    """Tell whether the host's own broker answers, and as one that is registered.

    Other brokers know of it for some seconds after its end; itself it answers only when it
    has joined. Asked in the caller's network namespace.
    """
    try:
        return place.number in registered_brokers(place.ipv4, BROKER_PORT, timeout)
    except (OSError, ValueError):
        return False


@dataclass(frozen=True)
class _Wait:
    """The wait for one host, in a thread of its own, until it is ready or `stop` is set."""

    record: LabRecord
    place: HostPlace
    tell: Tell
    stop: threading.Event

    def __call__(self) -> None:
        place = self.place
        enter(self.record.spec.name)
        self.tell(place.name, "waiting for SSH")
        self._until(lambda: answers_ssh(place.ipv4), "answer on SSH")
        if "broker" in self.record.spec.host(place.name).roles:
            self.tell(place.name, "SSH answers; waiting for Kafka")
            self._until(lambda: broker_registered(place), "register its broker")
        self.tell(place.name, "ready")

    def _until(self, done: Callable[[], bool], what: str) -> None:
        name, deadline = self.place.name, time.monotonic() + _LIMIT
        while not done():
            if not alive(self.place):
                last = last_console(self.place)
                raise LabError(f"{name} ended before it could {what}:\n{last}")
            if time.monotonic() > deadline:
                raise LabError(
                    f"{name} did not {what} within {_LIMIT:.0f} s:\n{last_console(self.place)}",
                    f"`chaos-runner lab logs {name}` shows more; `lab down` removes the lab",
                )
            if self.stop.wait(0.25):
                raise LabError(f"gave up waiting for {name}")


def last_console(place: HostPlace) -> str:
    """Return the last lines of a host's console, indented."""
    try:
        text = place.console.read_text(errors="replace")
    except OSError:
        return "    (it has no console yet)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-_LAST_LINES:])
