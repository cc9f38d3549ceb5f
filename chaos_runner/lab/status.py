"""Look at every host of a lab: is it powered on, does it answer, is its broker registered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.machines import alive
from chaos_runner.lab.namespace import enter, namespace_path
from chaos_runner.lab.readiness import answers_ssh, live_brokers
from chaos_runner.lab.record import LabRecord
from chaos_runner.lab.spec import HostSpec


@dataclass(frozen=True)
class HostState:
    """Hold what was seen of one host; `kafka` is None where no broker should run."""

    host: HostSpec
    place: HostPlace
    power: bool
    ssh: bool
    kafka: bool | None

    @property
    def ready(self) -> bool:
        """Tell whether everything that should run does."""
        return self.power and self.ssh and self.kafka is not False

    def row(self) -> tuple[str, ...]:
        """Return the cells of a table: name, backend, addresses, power, ssh, kafka."""
        kafka = "-" if self.kafka is None else "registered" if self.kafka else "no"
        return (
            self.host.name,
            self.host.backend,
            self.place.ipv4,
            self.place.ipv6,
            "on" if self.power else "off",
            "answers" if self.ssh else "no",
            kafka,
        )


def host_states(record: LabRecord) -> list[HostState]:
    """Return the state of every host, seen now, from within the lab's network."""
    if not namespace_path(record.spec.name).exists():
        return [_state(host, place, False, set()) for host, place in record.hosts]

    def look() -> list[HostState]:
        enter(record.spec.name)
        brokers = live_brokers(record)
        return [_state(h, p, alive(p) and answers_ssh(p.ipv4), brokers) for h, p in record.hosts]

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(look).result()


def _state(host: HostSpec, place: HostPlace, ssh: bool, brokers: set[int]) -> HostState:
    kafka = place.number in brokers if "broker" in host.roles else None
    return HostState(host, place, alive(place), ssh, kafka)
