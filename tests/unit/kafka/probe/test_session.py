"""The run's end against a real probe process that cannot do its work."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.common.messages import ProbeMessage
from chaos_runner.kafka.probe.session import Probe, ProbeSettings
from tests.waiting import PATIENCE

NOTICED_WITHIN = 20.0
"""Seconds. What is noticed at once takes some on a busy machine; a start is given up after 60."""


def ignore(_: ProbeMessage) -> None:
    pass


def probe_of(servers: str, **client: str) -> Probe:
    return Probe(ProbeSettings(run="test", bootstrap_servers=servers, client=client), ignore)


@pytest.fixture
def deaf_server() -> Iterator[str]:
    """Accept connections as a broker would, and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def starting(probe: Probe, errors: list[ProbeError]) -> threading.Thread:
    def start() -> None:
        try:
            probe.start(timeout=60)
        except ProbeError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    while not probe.alive:
        time.sleep(0.01)
    return thread


def test_an_unreachable_cluster_is_named_with_the_reason_of_each_server() -> None:
    one, other = closed_port(), closed_port()
    with pytest.raises(ProbeError, match="no Kafka bootstrap server can be reached") as caught:
        probe_of(f"{one},{other}").start(timeout=2)
    assert f"{one}: Connection refused; {other}: Connection refused" in caught.value.message
    assert caught.value.hint


def test_a_server_that_is_no_broker_is_told_apart_from_none(deaf_server: str) -> None:
    with pytest.raises(ProbeError, match="do not answer as Kafka brokers") as caught:
        probe_of(deaf_server).start(timeout=2)
    assert "security.protocol" in caught.value.hint


def test_a_bad_client_property_is_told_in_the_words_of_librdkafka() -> None:
    with pytest.raises(UsageError, match=r'No such .* property: "socket\.timout\.ms"'):
        probe_of("127.0.0.1:1", **{"socket.timout.ms": "6000"}).start(timeout=5)


def test_sasl_without_a_mechanism_is_refused_before_anything_is_tried() -> None:
    with pytest.raises(UsageError, match=r"sasl\.mechanism"):
        probe_of("127.0.0.1:1", **{"security.protocol": "SASL_SSL"}).start(timeout=5)


def test_a_killed_probe_is_noticed_at_once(deaf_server: str) -> None:
    probe, errors = probe_of(deaf_server), list[ProbeError]()
    thread = starting(probe, errors)
    process = probe.process
    os.kill(process, signal.SIGKILL)
    killed = time.monotonic()
    thread.join(PATIENCE)
    assert time.monotonic() - killed < NOTICED_WITHIN
    assert "ended unexpectedly by signal 9" in errors[0].message
    assert not probe.alive
    for call in (
        probe.raise_if_dead,
        lambda: probe.enter_phase("before"),
        lambda: probe.settle(5),
        lambda: probe.wait_until_quiet(5),
        lambda: probe.finish(5),
    ):
        with pytest.raises(ProbeError):
            call()
    probe.kill()


def test_an_interrupt_of_the_terminal_does_not_end_the_probe(deaf_server: str) -> None:
    probe = probe_of(deaf_server)
    thread = starting(probe, [])
    process = probe.process
    assert os.getpgid(process) != os.getpgid(0)
    probe.kill()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_the_probe_ends_by_itself_when_its_controller_is_gone(deaf_server: str) -> None:
    probe = probe_of(deaf_server)
    thread = starting(probe, [])
    began = time.monotonic()
    probe.kill()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert time.monotonic() - began < NOTICED_WITHIN


def test_a_probe_that_was_not_started_says_so() -> None:
    with pytest.raises(ProbeError, match="not been started"):
        probe_of("127.0.0.1:1").settle(1)
