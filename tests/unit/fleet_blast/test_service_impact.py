"""What stopping a service takes from a cluster, by what the host tells of its processes."""

from __future__ import annotations

import pytest

from chaos_runner.blast_radius.service_impact import (
    problems_of_service,
    use_of_service,
)
from chaos_runner.faults.impact import ServiceUse
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.server_facts import ServerProcess
from tests.unit.fleet_blast.clusters import facts, server

NOTHING = ServiceUse()
AWAY = ServiceUse(has_server=True)

DOCKER = server(unit="", group="/docker/4f9a")
DOCKER_SCOPE = server(unit="", group="/system.slice/docker-4f9a.scope")
KUBERNETES = server(unit="", group="/kubepods/burstable/pod7/4f9a")
QUADLET = server(unit="kafka.service", group="/system.slice/kafka.service/libpod-payload-4f9a")


def impact(service: str, told: PreflightFacts | None, expected: bool = True) -> ServiceUse:
    return use_of_service(service, told, expected=expected)


def test_a_unit_that_the_server_s_unit_requires_takes_it_along() -> None:
    told = facts(server(), service="data-mount", stops="data-mount.service kafka.service")
    assert impact("data-mount", told) == AWAY
    assert impact("data-mount.service", told) == AWAY


@pytest.mark.parametrize("contained", [DOCKER, DOCKER_SCOPE, KUBERNETES, QUADLET])
@pytest.mark.parametrize("program", ["dockerd", "containerd", "crio", "kubelet", "conmon"])
def test_the_engine_of_a_container_takes_the_server_in_it_away(
    contained: ServerProcess, program: str
) -> None:
    told = facts(contained, service="engine", programs=f"{program} other")
    assert impact("engine", told) == AWAY
    assert impact("nginx", facts(contained, service="nginx", programs="nginx")) == NOTHING


@pytest.mark.parametrize("contained", [DOCKER, DOCKER_SCOPE, KUBERNETES])
@pytest.mark.parametrize("programs", ["docker", "bash docker-compose ", "nerdctl"])
def test_a_unit_that_may_have_started_a_server_s_container_is_not_harmless(
    contained: ServerProcess, programs: str
) -> None:
    told = facts(contained, service="broker", programs=programs)
    found = impact("broker", told)
    assert found.has_server
    assert "may have started the container of a server" in found.unknown
    assert impact("broker", facts(server(), service="broker", programs=programs)) == NOTHING


@pytest.mark.parametrize(
    ("running", "where"),
    [
        (server(unit="supervisord.service", group="/system.slice/supervisord.service"), "supervis"),
        (DOCKER, "a container or session"),
        (DOCKER_SCOPE, "a container or session"),
    ],
)
def test_a_unit_without_a_process_may_have_had_another_start_the_server(
    running: ServerProcess, where: str
) -> None:
    found = impact("broker", facts(running, service="broker", programs=""))
    assert found.has_server
    assert (
        f"broker.service has no process, and may have started the server that runs in {where}"
        in (found.unknown)
    )
    assert impact("broker", facts(running, service="broker", programs="nginx")) == NOTHING


def test_what_runs_below_a_unit_s_control_group_ends_with_it() -> None:
    inside = "/machine.slice/systemd-nspawn@broker.service"
    machine = server(unit="kafka.service", group=f"{inside}/payload/system.slice/kafka.service")
    told = facts(machine, service="systemd-nspawn@broker", groups=f"/other.slice {inside}")
    assert impact("systemd-nspawn@broker", told) == AWAY
    beside = facts(machine, service="beside", groups="/machine.slice/systemd-nspawn@bro")
    assert impact("beside", beside) == NOTHING


def test_an_engine_without_a_server_in_its_containers_is_harmless() -> None:
    told = facts(server(), service="docker", programs="dockerd")
    assert impact("docker", told) == NOTHING


def test_a_quadlet_ends_with_its_own_unit() -> None:
    assert impact("kafka", facts(QUADLET)) == AWAY


def test_of_zookeeper_nobody_knows_what_the_cluster_loses() -> None:
    found = impact(
        "zookeeper",
        facts(server("zookeeper.service", what="zookeeper"), server(), service="zookeeper"),
    )
    assert found.has_server
    assert "ZooKeeper" in found.unknown


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (None, "does not tell which Kafka servers"),
        (PreflightFacts(ok=True), "does not tell which Kafka servers"),
        (PreflightFacts(ok=True, servers=(server(),)), "does not tell what nginx.service is"),
        (facts(server(), service="nginx", loaded=""), "does not tell what nginx.service is"),
        (facts(service="nginx"), "is not found, so it may run in nginx.service"),
    ],
)
def test_what_the_host_does_not_tell_is_unknown_and_the_worst_is_supposed(
    told: PreflightFacts | None, why: str
) -> None:
    found = impact("nginx", told)
    assert found.has_server
    assert why in found.unknown


def test_a_host_without_any_server_loses_none() -> None:
    assert impact("nginx", facts(service="nginx"), expected=False) == NOTHING


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (facts(service="nginx", loaded="not-found"), "has no unit nginx.service"),
        (facts(service="nginx", loaded="masked"), "systemd says masked"),
        (facts(service="nginx", active="failed"), "nginx.service is failed already"),
    ],
)
def test_a_service_that_cannot_be_stopped_is_a_problem_before_the_run(
    told: PreflightFacts, why: str
) -> None:
    (problem,) = problems_of_service("nginx", told)
    assert why in problem.text
    assert not problem.warning


def test_a_service_that_runs_or_that_nothing_is_told_of_is_no_problem() -> None:
    assert problems_of_service("nginx", facts(service="nginx")) == []
    assert problems_of_service("nginx", facts(service="nginx", loaded="")) == []
    assert problems_of_service("nginx", None) == []
