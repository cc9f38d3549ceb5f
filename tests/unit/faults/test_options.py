"""Fault options: what is accepted, what is refused, and what reaches the roles."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.experiment.course import Course
from chaos_runner.experiment.models import FaultEntry
from chaos_runner.faults import FaultKind
from chaos_runner.faults.capabilities import CAPABILITIES
from chaos_runner.faults.kinds.network.network_latency import NetworkLatency
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.faults.kinds.service.service_stop import ServiceStop
from chaos_runner.faults.registry import fault_kinds

SHELL = set(" \t\n\r;|&$`\"'\\<>(){}#~?%^@=+")


def nobody(peers: list[str]) -> list[str]:
    raise AssertionError(f"asked for {peers}")


def read(kind: type[FaultKind], **options: object) -> FaultKind:
    return kind.model_validate(options)


def test_each_kind_is_registered_offered_and_known_by_its_key() -> None:
    assert set(FaultEntry.model_fields) == {*fault_kinds(), "targets", *Course.model_fields}
    for kind, options in fault_kinds().items():
        assert options.kind == kind
        assert options.needs <= set(CAPABILITIES.values())


def test_latency_with_every_option_becomes_role_variables() -> None:
    fault = read(
        NetworkLatency,
        delay="1m",
        jitter="2.5ms",
        correlation="25%",
        distribution="paretonormal",
        slot="20ms",
        slot_packets=5,
        direction="both",
        peers=["kafka-2", "2001:db8::/64"],
        ports=[9092, "9093-9094"],
        interface="ens3",
        spared=["203.0.113.5"],
    )
    assert fault.role_variables(lambda peers: [f"<{peer}>" for peer in peers]) == {
        "network_emulation_delay": "60000ms",
        "network_emulation_jitter": "2.5ms",
        "network_emulation_correlation": "25%",
        "network_emulation_distribution": "paretonormal",
        "network_emulation_slot": "20ms",
        "network_emulation_slot_packets": 5,
        "network_emulation_direction": "both",
        "network_emulation_peers": ["<kafka-2>", "<2001:db8::/64>"],
        "network_emulation_ports": [9092, "9093-9094"],
        "network_emulation_interface": "ens3",
        "network_emulation_own_addresses": [],
        "network_emulation_spared": ["203.0.113.5"],
        "network_emulation_measured": [],
    }
    assert fault.describe() == (
        "delay 1m ±2.5ms in bursts 20ms apart from and to kafka-2, 2001:db8::/64 "
        "on ports 9092, 9093-9094"
    )


def test_latency_alone_leaves_everything_else_to_tc_and_asks_for_no_peer() -> None:
    fault = read(NetworkLatency, delay="100ms")
    assert fault.role_variables(nobody) == {
        "network_emulation_delay": "100ms",
        "network_emulation_jitter": "",
        "network_emulation_correlation": "",
        "network_emulation_distribution": "uniform",
        "network_emulation_slot": "",
        "network_emulation_slot_packets": 0,
        "network_emulation_direction": "out",
        "network_emulation_peers": [],
        "network_emulation_ports": [],
        "network_emulation_interface": "",
        "network_emulation_own_addresses": [],
        "network_emulation_spared": [],
        "network_emulation_measured": [],
    }
    assert fault.describe() == "delay 100ms to all peers"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"delay": "0ms"},
        {"delay": "61s"},
        {"delay": 100},
        {"delay": "10ms", "jitter": "11ms"},
        {"delay": "10ms", "correlation": "25%"},
        {"delay": "10ms", "jitter": "0ms", "correlation": "25%"},
        {"delay": "10ms", "distribution": "normal"},
        {"delay": "10ms", "jitter": "1ms", "distribution": "gauss"},
        {"delay": "10ms", "interface": "lo"},
        {"delay": "10ms", "peers": ["fe80::1"]},
        {"delay": "10ms", "peers": ["fe80::1%eth0"]},
        {"delay": "10ms", "spared": ["kafka-2"]},
        {"delay": "10ms", "spared": ["192.0.2.1; reboot"]},
        {"delay": "10ms", "interface": "eth0;reboot"},
        {"delay": "10ms", "interface": "a-name-of-sixteen"},
        {"delay": "10ms", "loss": "1%"},
    ],
)
def test_latency_refuses(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        read(NetworkLatency, **options)


def test_partition_without_options_cuts_off_every_peer_both_ways() -> None:
    fault = read(NetworkPartition)
    assert fault.role_variables(nobody) == {
        "network_partition_peers": [],
        "network_partition_ports": [],
        "network_partition_direction": "both",
        "network_partition_action": "drop",
        "network_partition_backend": "auto",
        "network_partition_spared": [],
        "network_partition_measured": [],
    }
    assert fault.describe() == "drop from and to all peers"


@pytest.mark.parametrize(("direction", "words"), [("in", "drop from "), ("out", "drop to ")])
def test_partition_one_way(direction: str, words: str) -> None:
    fault = read(NetworkPartition, direction=direction, peers=["kafka-2"], ports=[9092])
    assert fault.describe() == f"{words}kafka-2 on port 9092"
    assert fault.role_variables(lambda _: ["192.0.2.1"])["network_partition_direction"] == direction


@pytest.mark.parametrize("kind", [NetworkLatency, NetworkPartition])
def test_named_peers_without_address_never_become_all_peers(kind: type[FaultKind]) -> None:
    options = {"delay": "1ms"} if kind is NetworkLatency else {}
    fault = read(kind, **options, peers=["kafka-9"])
    with pytest.raises(InvalidInventoryError, match="kafka-9"):
        fault.role_variables(lambda _: [])


@pytest.mark.parametrize(
    "service",
    ["kafka", "kafka.service", "confluent-server", "app@1.service", r"a\x2db", r"a\b@c:1"],
)
def test_service_names(service: str) -> None:
    fault = read(ServiceStop, service=service)
    assert fault.role_variables(nobody) == {"service_stop_service": service}


@pytest.mark.parametrize(
    "service",
    [
        "ssh",
        "sshd",
        "sshd.service",
        "ssh@1.service",
        "systemd-networkd",
        "NetworkManager",
        "networkmanager",
        "SSHD@x.service",
        "dbus.service",
        "chaos-guard-boot",
    ],
)
def test_services_without_which_the_host_is_lost_are_refused_with_the_reason(service: str) -> None:
    with pytest.raises(ValidationError, match="could not be reached"):
        read(ServiceStop, service=service)


@pytest.mark.parametrize(
    "service",
    ["", "-kafka", "kafka;reboot", "kafka $(x)", "a b", "kafka.socket", "multi-user.target", "a/b"],
)
def test_other_units_and_other_text_are_no_services(service: str) -> None:
    with pytest.raises(ValidationError):
        read(ServiceStop, service=service)


@pytest.mark.parametrize(
    "peer",
    [
        "kafka-2",
        "kafka_broker:!kafka-1",
        "kafka-*",
        "kafka_broker[0:1]",
        "kafka-1.example.com",
        "192.0.2.7",
        "192.0.2.0/24",
        "2001:db8::7",
        "2001:db8::/64",
        "::ffff:192.0.2.1",
    ],
)
def test_peers(peer: str) -> None:
    assert NetworkPartition(peers=[peer]).peers == [peer]


@pytest.mark.parametrize(
    "peer",
    [
        "",
        "192.0.2.256",
        "1.2.3",
        "192.0.2.1/24",
        "192.0.2.0/33",
        "2001:db8::/129",
        "fe80::zz",
        "127.0.0.1",
        "::1",
        "224.0.0.1",
        "ff02::1",
        "@file",
        "~regex",
        "-i",
        "a/b",
    ],
)
def test_what_is_no_peer(peer: str) -> None:
    with pytest.raises(ValidationError):
        NetworkPartition(peers=[peer])


@pytest.mark.parametrize("port", [0, 65536, -1, "9094-9092", "22-", "http", 1.5, True, None, [1]])
def test_what_is_no_port(port: object) -> None:
    with pytest.raises(ValidationError):
        read(NetworkPartition, ports=[port])


@given(st.text(max_size=30))
def test_no_accepted_text_holds_a_shell_character(text: str) -> None:
    for kind, options in (
        (NetworkPartition, {"peers": [text]}),
        (NetworkPartition, {"ports": [text]}),
        (NetworkLatency, {"delay": "1ms", "interface": text}),
        (ServiceStop, {"service": text}),
    ):
        try:
            read(kind, **options)
        except ValidationError:
            continue
        allowed = {"&"} if "peers" in options else {"@", "\\"} if "service" in options else set()
        assert not SHELL - allowed & set(text)
        assert not text.startswith("-")


def test_options_never_change() -> None:
    fault = read(NetworkPartition)
    name = "direction"
    with pytest.raises(ValidationError, match="frozen"):
        setattr(fault, name, "in")


def test_the_kinds_have_their_own_files() -> None:
    for kind, options in fault_kinds().items():
        assert inspect.getfile(options).endswith(f"/{kind}.py")


def test_each_kind_says_what_it_did_to_a_host() -> None:
    assert read(NetworkLatency, delay="1.5s").outcome() == "was slowed by 1500 ms"
    assert read(NetworkPartition, direction="in").outcome() == "was cut off (incoming only)"
    assert read(NetworkPartition).outcome() == "was cut off"
    assert read(ServiceStop, service="kafka.service").outcome() == "had kafka stopped"
