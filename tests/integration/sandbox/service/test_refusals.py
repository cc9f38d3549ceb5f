"""What a host refuses to stop: what could not be started again, and what carries the session."""

from __future__ import annotations

import sys

import pytest

from tests.integration.sandbox.guard.sandbox import CONTROLLER, Answer
from tests.integration.sandbox.service.sandbox import SystemdHost
from tests.waiting import wait_until

CARRIERS = [
    "wg-quick@wg0",
    "openvpn@client",
    "openvpn-client@site",
    "tailscaled",
    "strongswan",
    "sssd",
    "SSSD",
    "frr",
    "bird",
    "iwd",
    "connman",
    "openvswitch-switch",
    "amazon-ssm-agent",
    "snap.amazon-ssm-agent.amazon-ssm-agent",
    "teleport",
    "cloudflared",
    "google-guest-agent",
    "walinuxagent",
    "cloud-init-local",
    "sshd-internal",
    "ssh@7",
    "dropbear",
    "ifup@eth0",
    "nslcd",
    "nscd",
    "winbind",
    "dbus-broker",
    "networking",
    "NetworkManager-dispatcher",
    "keepalived",
    "nftables",
    "ufw",
    "user@0",
    "wpa_supplicant",
]
OTHERS = [
    "kafka",
    "confluent-server@1",
    "zookeeper",
    "user-service",
    "network-exporter",
    "frr_exporter",
    "sshfs-data",
    "nginx",
    "birdwatcher",
    "wgetd",
    "session-store",
    "chaosmonkey",
    "dnsmasq",
]


def error(answer: Answer) -> str:
    """Return why it was refused."""
    assert answer.data is not None
    assert answer.data.get("refused") is True, answer
    return str(answer.data["error"])


def test_units_that_carry_the_session_are_known_by_their_names(host: SystemdHost) -> None:
    for name in (*CARRIERS, *OTHERS):
        host.app(f"{name}.service")
    host.start(*(f"{name}.service" for name in (*CARRIERS, *OTHERS)))
    accepted = [name for name in CARRIERS if host.stop_service(name, "--check").code == 0]
    assert accepted == []
    refused = [name for name in OTHERS if host.stop_service(name, "--check").code != 0]
    assert refused == []


def test_an_alias_counts(host: SystemdHost) -> None:
    host.app("corporate-access.service")
    host.shell("ln -s corporate-access.service /etc/systemd/system/sshd.service")
    host.start("corporate-access.service", "sshd.service")
    assert "sshd.service" in error(host.stop_service("corporate-access"))


@pytest.mark.parametrize("relation", ["Requires", "BindsTo", "PartOf", "StopPropagatedFrom"])
def test_what_stops_along_counts(host: SystemdHost, relation: str) -> None:
    host.app("app.service")
    host.app("between.service", f"{relation}=app.service")
    host.app("sshd.service", f"{relation}=between.service")
    host.start("app.service", "between.service", "sshd.service")
    assert "sshd.service" in error(host.stop_service("app"))


def test_what_its_end_drives_out_counts(host: SystemdHost) -> None:
    host.app("app.service", "OnSuccess=rival.service")
    host.app("rival.service", "Conflicts=tailscaled.service")
    host.app("tailscaled.service")
    host.start("app.service", "tailscaled.service")
    assert "tailscaled.service" in error(host.stop_service("app"))


def test_a_unit_that_the_session_descends_from(host: SystemdHost) -> None:
    host.app("app.service")
    host.app("agent.service", "PartOf=app.service")
    host.start("app.service", "agent.service")
    assert "agent.service" in error(host.stop_service("agent", within="agent.service"))
    assert "agent.service" in error(host.stop_service("app", within="agent.service"))
    assert host.stop_service("app", "--check").code == 0


def test_the_engine_of_the_container_that_the_session_comes_out_of(host: SystemdHost) -> None:
    for name in ("docker", "containerd", "dockyard"):
        host.app(f"{name}.service")
    host.start("docker.service", "containerd.service", "dockyard.service")
    host.shell("systemd-run --quiet --scope --unit=docker-0123 sleep 1000 >/dev/null 2>&1 &")
    wait_until(lambda: host.states("docker-0123.scope") == ["active"])
    within = "docker-0123.scope"
    for engine in ("docker", "containerd"):
        assert f"{engine}.service" in error(host.stop_service(engine, "--check", within=within))
        assert host.stop_service(engine, "--check").code == 0
    assert host.stop_service("dockyard", "--check", within=within).code == 0


def test_the_engine_behind_whose_bridge_the_session_comes_from(host: SystemdHost) -> None:
    host.app("docker.service")
    host.start("docker.service")
    host.shell(
        "ip link add docker0 type bridge && ip link set docker0 up && "
        f"ip route add {CONTROLLER}/32 dev docker0"
    )
    assert "docker.service" in error(host.stop_service("docker", "--check"))


def test_a_unit_that_waits_for_ssh(host: SystemdHost) -> None:
    listening = "import socket, time; s = socket.create_server(('', 22)); time.sleep(1000)"
    host.app("front.service", command=f'{sys.executable} -c "{listening}"')
    host.start("front.service")
    wait_until(lambda: ":22" in host.shell("ss -Htln"))
    assert "front.service" in error(host.stop_service("front"))


def test_a_unit_whose_process_is_a_daemon_of_the_path(host: SystemdHost) -> None:
    host.shell(f"cp /bin/sleep {host.path}/openvpn")
    host.app("headquarters.service", command=f"{host.path}/openvpn 1000")
    host.start("headquarters.service")
    assert "headquarters.service" in error(host.stop_service("headquarters"))


def test_a_unit_that_holds_a_tunnel(host: SystemdHost) -> None:
    opening = (
        "import fcntl, os, struct, time; "
        "t = os.open('/dev/net/tun', os.O_RDWR); "
        "fcntl.ioctl(t, 0x400454CA, struct.pack('16sH', b'tun7', 1)); time.sleep(1000)"
    )
    host.app("headquarters.service", command=f'{sys.executable} -c "{opening}"')
    host.start("headquarters.service")
    wait_until(lambda: "tun7" in host.shell("ls /sys/class/net"))
    assert "headquarters.service" in error(host.stop_service("headquarters"))


def test_a_resolver_that_the_host_itself_asks(host: SystemdHost) -> None:
    host.app("dnsmasq.service")
    host.start("dnsmasq.service")
    host.shell(
        f"echo nameserver 127.0.0.1 >{host.path}/resolv.conf && "
        f"mount --bind {host.path}/resolv.conf /etc/resolv.conf"
    )
    assert "dnsmasq.service" in error(host.stop_service("dnsmasq"))


def test_a_transient_unit(host: SystemdHost) -> None:
    host.shell("systemd-run --quiet --unit=app /bin/sleep 1000")
    assert "is transient" in error(host.stop_service("app"))


def test_a_transient_unit_that_stops_along(host: SystemdHost) -> None:
    host.app("app.service")
    host.start("app.service")
    host.shell("systemd-run --quiet --unit=side -p PartOf=app.service /bin/sleep 1000")
    assert "side.service is transient" in error(host.stop_service("app"))


@pytest.mark.parametrize(
    ("afterwards", "words"),
    [
        ("rm $U", "has lost its unit file"),
        ("rm $U; systemctl daemon-reload", "has no unit app.service"),
        ("ln -sf /dev/null $U", "is masked"),
        ("ln -sf /dev/null $U; systemctl daemon-reload", "is masked"),
    ],
)
def test_a_unit_whose_file_is_gone(host: SystemdHost, afterwards: str, words: str) -> None:
    host.app("app.service")
    host.start("app.service")
    host.shell(f"U=/etc/systemd/system/app.service; {afterwards}")
    assert words in error(host.stop_service("app"))
    assert host.states("app.service") == ["active"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("RefuseManualStart=yes", "refuses to be started"),
        ("RefuseManualStop=yes", "refuses to be stopped"),
        ("SuccessAction=exit", "would exit this host"),
        ("FailureAction=exit-force", "would exit-force this host"),
        ("OnSuccess=sockets.target", "would start sockets.target"),
        ("OnFailure=timers.target", "would start timers.target"),
    ],
)
def test_a_unit_whose_end_cannot_be_taken_back(host: SystemdHost, line: str, words: str) -> None:
    host.app("app.service", line)
    host.app("puller.service", "Wants=app.service")
    host.start("puller.service")
    assert host.states("app.service") == ["active"]
    assert words in error(host.stop_service("app"))


def test_a_unit_that_another_keeps_up(host: SystemdHost) -> None:
    host.app("app.service")
    host.app("keeper.service", "Upholds=app.service")
    host.start("keeper.service", "app.service")
    assert "keeper.service starts app.service again" in error(host.stop_service("app"))


def test_an_instance_that_serves_one_connection(host: SystemdHost) -> None:
    host.app("app@.service", service="StandardInput=socket")
    host.unit("app.socket", "[Socket]\nListenStream=/run/app.sock\nAccept=yes\n")
    host.start("app.socket")
    connect = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/app.sock')"
    host.shell(f'{sys.executable} -c "{connect}; s.recv(1)" >/dev/null 2>&1 & sleep 0.2')

    def instance() -> str:
        return host.systemctl("list-units", "--plain", "--no-legend", "app@*").partition(" ")[0]

    wait_until(lambda: bool(instance()))
    assert "cannot be started again" in error(host.stop_service(instance()))
