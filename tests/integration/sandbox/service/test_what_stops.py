"""What a host tells of a service before it is stopped: what goes down with it and runs in it."""

from __future__ import annotations

from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.server_facts import ServiceFacts
from tests.integration.sandbox.service.sandbox import SystemdHost

BROKER = "broker\\x2d1.service"


def told(host: SystemdHost, service: str) -> ServiceFacts:
    (known,) = PreflightFacts.model_validate(host.guard("preflight", service).data).services
    return known


def test_the_programs_are_those_of_all_that_goes_down(host: SystemdHost) -> None:
    host.shell("cp /bin/sleep /usr/local/sbin/docker")
    host.app("data.service")
    host.app(BROKER, unit="PartOf=data.service", command="/usr/local/sbin/docker 600")
    host.start("data.service", BROKER)
    known = told(host, "data")
    assert (known.loaded, known.active) == ("loaded", "active")
    assert set(known.stops.split()) == {"data.service", BROKER}
    assert set(known.programs.split()) == {"sleep", "docker"}
    assert {group.rpartition("/")[2] for group in known.groups.split()} == {"data.service", BROKER}


def test_a_unit_that_is_active_without_a_process_has_no_program(host: SystemdHost) -> None:
    once = "Type=oneshot\nRemainAfterExit=yes"
    host.app("compose.service", service=once, command="/bin/true")
    host.start("compose.service")
    known = told(host, "compose")
    assert (known.active, known.programs) == ("active", "")
