"""What a host tells of a service before it is stopped: what goes down with it and runs in it."""

from __future__ import annotations

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.server_facts import ServiceFacts
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.service.answers import only_fault
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


def daemonised(host: SystemdHost, more: str = "", times: int = 9) -> None:
    """Start a server as `-daemon` does, so that systemd knows none of its processes.

    It stays only the first `times` that it is started.
    """
    count = "echo >>/run/started; [ $(wc -l </run/started) -gt {times} ] || setsid sleep 1000 &"
    kept = "Type=oneshot\nRemainAfterExit=yes"
    command = f"/bin/sh -c '{count.format(times=times)}'"
    host.app("app.service", service=f"{kept}\n{more}", command=command)
    host.start("app.service")


def test_a_server_that_systemd_knows_no_process_of_is_back_when_it_runs(host: SystemdHost) -> None:
    daemonised(host)
    assert asked(host.stop_service("app"))["effect"] is True
    assert host.take_back()["state"] == "clean"
    assert "sleep" in told(host, "app").programs


def test_a_server_that_systemd_knows_no_process_of_and_that_is_gone_shows(
    host: SystemdHost,
) -> None:
    daemonised(host, times=1)
    assert asked(host.stop_service("app"))["effect"] is True
    answer = host.take_back()
    assert host.states("app.service") == ["active"]
    assert answer["state"] == "dirty", answer
    assert "active/exited, was active/exited-with-processes" in str(only_fault(answer))


def test_a_server_that_outlives_the_stop_of_its_service_is_not_stopped(host: SystemdHost) -> None:
    daemonised(host, more="KillMode=process")
    answer = asked(host.stop_service("app"))
    assert answer["effect"] is False, answer
    assert "still_running 1 count of=app.service" in str(answer["readings"])
