"""The examples that a team would start with, run on the lab as they stand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultEffect, HostVerified
from tests.integration.conftest import LAB_NAME, REPOSITORY, chaos_runner
from tests.integration.lab.run.journals import events_of

# Left out of CI, where test_three_faults has a whole run and each kind a test in the sandbox.
pytestmark = pytest.mark.whole

EXAMPLES = [
    "zombie-broker",
    "flapping-link",
    "controller-lost",
    "clients-cut-off",
    "rack-lost",
    "rolling-restart",
    "slow-disk",
    "skewed-clock",
    "full-disk",
]
BROKERS = ["kafka-1", "kafka-2", "kafka-3", "kafka-4"]
ANSWER = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("198.18.0.1", 53))
while True:
    query, who = server.recvfrom(512)
    server.sendto(query[:2] + bytes([129, 128]) + query[4:], who)
"""
USE_IT = (
    "sudo cp /etc/resolv.conf /etc/before; echo nameserver 198.18.0.1 | sudo tee /etc/resolv.conf"
)


def holds(example: str, runs: Path, inventory: Path) -> None:
    """Run an example, and see that it holds and that every host is clean."""
    file = REPOSITORY / "examples" / f"{example}.yml"
    words = ("run", file, "-i", inventory, "--runs", runs, "--yes", "-o", "json")
    done = chaos_runner(*words, timeout=600)
    assert done.code == 0, done.stdout + done.stderr
    assert done.json["verdict"] == "held"
    journal = str(done.json["journal"])
    effects = events_of(journal, FaultEffect)
    assert effects
    assert all(effect.seen for effect in effects), effects
    assert {event.state for event in events_of(journal, HostVerified)} == {"clean"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_holds_and_leaves_every_host_clean(
    name: str, tmp_path: Path, clean_hosts: Path
) -> None:
    holds(name, tmp_path, clean_hosts)


@pytest.fixture
def name_server(on_host: Callable[..., str]) -> Iterator[None]:
    """Give the lab a name server, which it has none of, and have the brokers ask it."""
    command = ["ip", "netns", "exec", LAB_NAME, sys.executable, "-c", ANSWER]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        for broker in BROKERS:
            on_host(broker, USE_IT)
        yield
    finally:
        for broker in BROKERS:
            on_host(broker, "sudo mv /etc/before /etc/resolv.conf")
        server.kill()
        server.wait()


@pytest.mark.usefixtures("name_server")
def test_without_dns_a_broker_loses_nothing(tmp_path: Path, clean_hosts: Path) -> None:
    holds("dns-gone", tmp_path, clean_hosts)
