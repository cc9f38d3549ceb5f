"""What a host tells of the Kafka servers that run on it, whatever they are called."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.server_facts import ServerProcess
from chaos_runner.hosts.guard import guard_source
from tests.integration.sandbox.guard.sandbox import Sandbox

pytestmark = pytest.mark.integration

LISTEN = "import socket; s = socket.create_server(('127.0.0.1', 19092)); input()"


@pytest.fixture
def host() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def facts(host: Sandbox, *services: str) -> PreflightFacts:
    data = host.guard("preflight", *services).data
    assert data is not None
    return PreflightFacts.model_validate(data)


@pytest.fixture(
    params=["kafka.Kafka", "/opt/kafka/kafka.Kafka", "/usr/bin/redpanda", "-mention kafka.Kafka"]
)
def process(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Start a process with the program or main class of a server among its arguments."""
    waits = ["sh", "-c", "read line; :", str(request.param)]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as started:
        yield str(request.param), started.pid
        started.communicate(b"\n")


def test_servers_are_known_by_a_whole_argument(host: Sandbox, process: tuple[str, int]) -> None:
    argument, number = process
    told = facts(host).servers
    assert told is not None
    found = [server for server in told if server.process == number]
    if argument.startswith("-"):
        assert not found
    else:
        assert [server.what for server in found] == ["kafka"]


def test_who_may_not_look_says_so(host: Sandbox) -> None:
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    said = host.run([*nobody, "sh", "-s", "--", "preflight"], guard_source())
    told = PreflightFacts.model_validate_json(said)
    assert told.servers is None


def test_ports_on_which_something_listens_are_told(host: Sandbox) -> None:
    inside = [*host.entrance, sys.executable, "-c", LISTEN]
    with subprocess.Popen(inside, stdin=subprocess.PIPE) as listener:
        while 19092 not in facts(host).listening:
            assert listener.poll() is None
        listener.communicate(b"\n")


def test_a_service_that_nobody_knows_is_told_as_such(host: Sandbox) -> None:
    (told,) = facts(host, "kafka-1\\x2da").services
    assert (told.service, told.loaded) == ("kafka-1\\x2da.service", "")


STATE = """\
{"leaderId":2,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,\
"currentVoters":[{"voterId":1},{"voterId":2},{"voterId":30}],"data_version":0}
"""
KEEPS_ITS_LOG_OPEN = "import sys; log = open(sys.argv[1]); input()"


@pytest.mark.parametrize(
    ("state", "voters"), [(STATE, [1, 2, 30]), (STATE.replace("voterId", "none"), []), ("{", [])]
)
def test_voters_are_told_where_the_quorum_s_state_names_them(
    host: Sandbox, tmp_path: Path, state: str, voters: list[int]
) -> None:
    log = tmp_path / "__cluster_metadata-0"
    log.mkdir()
    (log / "0.log").touch()
    (log / "quorum-state").write_text(state)
    (tmp_path / "meta.properties").write_text("node.id=2\n")
    command = [sys.executable, "-c", KEEPS_ITS_LOG_OPEN, str(log / "0.log"), "kafka.Kafka"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as started:
        found: list[ServerProcess] = []
        while not any(each.node == 2 for each in found):
            assert started.poll() is None
            found = [each for each in facts(host).servers or () if each.process == started.pid]
        started.communicate(b"\n")
    assert [each.voters for each in found] == [voters]
