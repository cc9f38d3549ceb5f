"""Look at every host of a lab: is it powered on, does it answer, is its broker registered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.lifecycle.readiness import answers_ssh, broker_registered
from chaos_runner.lab.machines.machines import alive
from chaos_runner.lab.namespace import enter, namespace_path
from chaos_runner.lab.record import LabRecord
from chaos_runner.lab.spec import HostSpec


@dataclass(frozen=True)
class HostState:
    """What was seen of one host; `kafka` is None where no broker should run."""

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
    reachable = namespace_path(record.spec.name).exists()

    def look(host: HostSpec, place: HostPlace) -> HostState:
        power = alive(place) and reachable
        if power:
            enter(record.spec.name)
        kafka = power and broker_registered(place) if "broker" in host.roles else None
        return HostState(host, place, power, power and answers_ssh(place.ipv4), kafka)

    with ThreadPoolExecutor(max_workers=len(record.hosts)) as pool:
        looks = [pool.submit(look, *each) for each in record.hosts]
        return [each.result() for each in looks]
