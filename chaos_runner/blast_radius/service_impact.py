"""Tell what stopping a service takes from a Kafka cluster, by what runs in it. Pure.

A name tells nothing: `kafka-everest` may be a web shop's, and a broker may run as `app@7` or in a
container. So the host is asked which processes are Kafka servers, in which unit or container each
of them runs, and what systemd would stop along with the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from chaos_runner.faults.impact import ServiceUse
from chaos_runner.faults.service_fault import unit_name
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem
from chaos_runner.fleet.server_facts import ServerProcess, ServiceFacts

_IN_CONTAINER = re.compile(r"docker|containerd|libpod|podman|crio|kubepods|lxc|machine\.slice")
_ENGINES = frozenset(
    {
        *("dockerd", "containerd", "podman", "conmon", "crio", "kubelet", "k3s", "k3s-server"),
        *("k3s-agent", "rke2", "lxd", "incusd", "lxc-start", "systemd-nspawn"),
    }
)
"""Programs without which containers end, or are not kept alive; `comm` of each process."""
_CLIENTS = frozenset({"docker", "docker-compose", "podman-compose", "nerdctl", "ctr"})
"""Programs that may end one container when they are stopped, as `docker run` does."""


def use_of_service(service: str, facts: PreflightFacts | None, *, expected: bool) -> ServiceUse:
    """Return what of a cluster ends on a host when `service` is stopped there.

    `expected` tells that a broker is known to be on the host: where no process of it is found, what
    stopping anything does to it is unknown, and the worst is supposed.
    """
    unit = unit_name(service)
    if facts is None or facts.servers is None:
        return _unknown(f"the host does not tell which Kafka servers run on it, or in {unit}")
    known = next((each for each in facts.services if each.service == unit), None)
    if known is None or not known.loaded:
        return _unknown(f"the host does not tell what {unit} is")
    if expected and not any(server.what == "kafka" for server in facts.servers):
        return _unknown(f"the process of its broker is not found, so it may run in {unit}")
    if any(server.what == "zookeeper" for server in _servers_in(known, facts)):
        return _unknown(f"a ZooKeeper server runs in {unit}")
    if any(_servers_in(known, facts)):
        return ServiceUse(has_server=True)
    return _use_by_commands(unit, set(known.programs.split()), facts.servers)


def _use_by_commands(unit: str, programs: Set[str], servers: Iterable[ServerProcess]) -> ServiceUse:
    """Return what is known of a unit whose commands may have had others start a server.

    Such as `docker compose up` or `supervisorctl start`, which goes on beside it, or has ended with
    the unit active: its stop may then end what another unit's processes keep alive.
    """
    elsewhere = sorted({server.unit or "a container or session" for server in servers})
    if elsewhere and not programs:
        return _unknown(
            f"{unit} has no process, and may have started the server that runs in {elsewhere[0]}"
        )
    if not any(map(_is_contained, servers)):
        return ServiceUse()
    if clients := programs & _CLIENTS:
        named = ", ".join(sorted(clients))
        return _unknown(f"{named} in {unit} may have started the container of a server")
    return ServiceUse()


def problems_of_service(service: str, facts: PreflightFacts | None) -> list[Problem]:
    """Return what prevents stopping a service on a host, as far as it was told."""
    unit = unit_name(service)
    known = next((each for each in facts.services if each.service == unit), None) if facts else None
    if known is None or not known.loaded:
        return []
    if known.loaded != "loaded":
        return [
            Problem(
                f"has no unit {unit} that could be stopped (systemd says {known.loaded})",
                "`systemctl list-units --type=service` shows those it has",
            )
        ]
    if known.active != "active":
        return [
            Problem(
                f"{unit} is {known.active} already, so stopping it would show nothing",
                "start it first",
            )
        ]
    return []


def _unknown(why: str) -> ServiceUse:
    return ServiceUse(has_server=True, unknown=why)


def _servers_in(service: ServiceFacts, facts: PreflightFacts) -> Iterator[ServerProcess]:
    """Yield the servers that end with the service: in its units, or in its engine's containers."""
    stops = frozenset(service.stops.split())
    groups = [f"{group}/" for group in service.groups.split()]
    engine = bool(_ENGINES & set(service.programs.split()))
    for server in facts.servers or ():
        within = any(f"{server.group}/".startswith(group) for group in groups)
        if server.unit in stops or within or (engine and _is_contained(server)):
            yield server


def _is_contained(server: ServerProcess) -> bool:
    return not server.unit or bool(_IN_CONTAINER.search(server.group))
