"""What SSH and a login need is spared, or the fault is refused with the reason."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.commands import render_fault_script
from tests.integration.sandbox.network.two_cards import CONTROLLER, HOST, PEER, TwoCards
from tests.waiting import wait_until

INNER = "10.77.0.1 40000 10.77.0.2 22"
KINDS = {"network_partition": {}, "network_latency": {"delay": "100ms"}}
ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
while True:
    data, who = s.recvfrom(99)
    s.sendto(data, who)
"""
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
for _ in range(int(sys.argv[3])):
    try:
        s.sendto(b"?", (sys.argv[1], int(sys.argv[2])))
        s.recv(9)
        break
    except OSError:
        pass
else:
    sys.exit("no answer")
"""
NO_SERVER = "# none\n"
_SED = """#!/bin/bash
exec /usr/bin/sed "${@/#\\/proc\\/mounts//etc/fstab}"
"""


def vxlan(host: TwoCards, device: str = "vx0") -> None:
    """Let the controller's side and the host talk inside of a tunnel."""
    options = "type vxlan id 7 dstport 4789 dev"
    host.run(["sh", "-c", f"ip link add vx0 {options} eth0 remote {CONTROLLER}"])
    host.beyond(host.controller, "sh", "-c", f"ip link add vx0 {options} br0 remote {HOST}")
    if device != "vx0":
        host.run(["sh", "-c", f"ip link add {device} type bridge; ip link set vx0 master {device}"])
        host.run(["sh", "-c", f"ip link set {device} up"])
    for where in (host.host, host.controller):
        end = "2" if where == host.host else "1"
        link = device if where == host.host else "vx0"
        host.beyond(where, "ip", "address", "add", f"10.77.0.{end}/24", "dev", link)
        host.beyond(where, "ip", "link", "set", "vx0", "up")


def asks(host: TwoCards, address: str, port: int, times: int = 2) -> bool:
    words = ["python3", "-c", ASK, address, str(port), str(times)]
    return host.run(["sh", "-c", '"$@" 2>/dev/null && echo yes || :', "sh", *words]) == "yes\n"


@pytest.mark.parametrize("device", ["vx0", "br1"])
def test_a_tunnel_that_carries_the_session_stays_open(host: TwoCards, device: str) -> None:
    vxlan(host, device)
    host.serve(
        host.host,
        "import socket\ns = socket.create_server(('', 22))\nwhile True: s.accept()[0].close()",
    )
    wait_until(lambda: host.connects("10.77.0.2", 22, host.controller), "the server in the tunnel")
    answer = host.inject("network_partition", session=INNER)
    assert answer["effect"] is True, answer
    assert host.connects("10.77.0.2", 22, host.controller)
    assert not host.pings("10.77.0.1")  # inside of the tunnel the fault is on
    assert not host.pings(CONTROLLER)
    assert "tunnel vx0" in str(host.preflight()["spared"])
    host.revert()


def test_the_port_of_a_tunnel_is_no_target(host: TwoCards) -> None:
    vxlan(host)
    answer = host.inject("network_partition", {"ports": ["4000-5000"]}, INNER)
    assert answer["refused"] is True
    assert "udp port 4789, which the way in needs (tunnel vx0)" in str(answer["error"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("session", ["127.0.0.1", "::1", "::ffff:127.0.0.1", HOST])
@pytest.mark.parametrize("peers", [[], [PEER]])
def test_a_session_from_the_host_itself_is_refused(
    host: TwoCards, kind: str, session: str, peers: list[str]
) -> None:
    host.with_netem()
    answer = host.inject(kind, {**KINDS[kind], "peers": peers}, f"{session} 40000 {session} 22")
    assert answer["refused"] is True
    assert "SSH comes from this host itself" in str(answer["error"])
    assert "loopback" not in f"{answer['error']} {answer['hint']}"
    assert not host.is_faulty()


@pytest.mark.parametrize("agent", ["teleport", "tailscaled", "ssm-session-worker"])
def test_a_session_that_an_agent_serves_is_refused(host: TwoCards, agent: str) -> None:
    host.program(agent, '#!/bin/sh\n"$@"\n')
    script = render_fault_script("network_partition", {})
    words = ["f_1", "--run", "r1", "--kind", "network_partition", "--lease", "60", "--cap", "90"]
    guard = ["/usr/local/sbin/chaos-guard", "inject", *words]
    session = f"SSH_CONNECTION={CONTROLLER} 40000 {HOST} 22"
    command = ["env", session, f"/usr/local/sbin/{agent}", *guard]
    said = host.run(["sh", "-c", '"$@" || :', "sh", *command], script.encode())
    assert f"this session is served by {agent[:15]} on this host" in said
    assert not host.is_faulty()


def test_a_relay_is_spared_where_its_end_is_named(host: TwoCards) -> None:
    session = "127.0.0.1 40000 127.0.0.1 22"
    assert host.inject("network_partition", {"spared": [PEER]}, session)["ok"] is True
    assert host.pings(PEER)
    assert not host.pings(CONTROLLER)
    host.revert()
    options = {"spared": [PEER], "backend": "iptables"}
    assert host.inject("network_partition", options, session)["ok"] is True
    assert host.pings(PEER)
    assert not host.pings(CONTROLLER)
    host.revert()


LINKS = {
    "wg0": "link/none  promiscuity 0 minmtu 0 maxmtu 2147483552 \\    wireguard addrgenmode none",
    "tun0": "link/none  promiscuity 0 minmtu 68 maxmtu 65535 \\    tun type tun pi off vnet_hdr on",
    "ppp0": "link/ppp  promiscuity 0 minmtu 0 maxmtu 0 addrgenmode none",
    "gre1": "link/gre 198.18.200.2 peer 198.18.200.1 promiscuity 0 minmtu 0 maxmtu 0 "
    "\\    gre remote 198.18.200.1 local 198.18.200.2 ttl inherit addrgenmode none",
    "ipip1": "link/ipip 198.18.200.2 peer 198.18.200.1 promiscuity 0 "
    "\\    ipip ipip remote 198.18.200.1 local 198.18.200.2 ttl inherit encap-dport 5555",
    "ovs": "link/ether 02:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff promiscuity 1 "
    "\\    geneve external id 0 dstport 6081 udp6zerocsumrx",
    "xfrm1": "link/none  promiscuity 0 \\    xfrm if_id 0x7 addrgenmode eui64",
}
"""What `ip -d -o link` shows of links that this kernel may not be able to make."""


def with_link(host: TwoCards, name: str, more: str = "") -> None:
    """Let `ip` show one link more, and the session come by it."""
    host.program(
        "ip",
        f"""#!/bin/sh
case "$*" in
  "-d -o link show up") /usr/sbin/ip "$@"; cat <<'LINK'
9: {name}: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 \\    {LINKS[name]}
LINK
  ;;
  "-o route get 10.77.0.1") echo '10.77.0.1 dev {name} src 10.77.0.2 uid 0 \\    cache' ;;
  "xfrm policy") cat <<'POLICIES'
src 10.77.0.0/24 dst 10.77.1.0/24
	dir out priority 375423 ptype main
	tmpl src {HOST} dst {PEER}
		proto esp spi 0xc7 reqid 1 mode tunnel
POLICIES
  ;;
  *) exec /usr/sbin/ip "$@" ;;
esac
{more}
""",
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("link", ["wg0", "tun0", "ppp0"])
def test_a_tunnel_that_hides_its_outer_connection_is_refused(
    host: TwoCards, kind: str, link: str
) -> None:
    host.with_netem()
    with_link(host, link)
    answer = host.inject(kind, KINDS[kind], session=INNER)
    assert answer["refused"] is True
    assert f"SSH comes through the tunnel {link}" in str(answer["error"])
    assert link in str(host.preflight(INNER)["path_problem"])
    if kind == "network_partition":  # from elsewhere, the tunnel is none of the way in
        assert host.inject(kind, KINDS[kind])["ok"] is True
        host.revert()


@pytest.mark.parametrize(
    ("link", "flow"),
    [
        ("gre1", f"{CONTROLLER} 47 any"),
        ("ipip1", f"{CONTROLLER} 4 any"),
        ("ipip1", f"{CONTROLLER} udp 5555"),
        ("ovs", "any udp 6081"),
        ("xfrm1", "any 50 any"),
        ("wg0", f"{PEER} 50 any"),  # by the policies of IPsec
        ("wg0", f"{PEER} udp 4500"),
    ],
)
@pytest.mark.parametrize("backend", ["nft", "iptables"])
def test_outer_packets_of_a_tunnel_are_spared(
    host: TwoCards, link: str, flow: str, backend: str
) -> None:
    with_link(host, link)
    assert flow in str(host.preflight()["spared"])
    answer = host.inject("network_partition", {"backend": backend})
    assert answer["ok"] is True, answer
    rules = host.run(["nft", "list", "ruleset"])
    address, protocol, port = flow.split()
    if backend == "nft" and port != "any":
        assert f"{protocol} dport {port} accept" in rules
    if backend == "nft" and address != "any":
        assert f"ip daddr {address} " in rules
    host.revert()


@pytest.mark.parametrize("by", ["wg", "file"])
def test_wireguard_is_spared_by_its_port(host: TwoCards, by: str) -> None:
    with_link(host, "wg0")
    if by == "wg":
        host.program("wg", "#!/bin/sh\n[ \"$*\" = 'show wg0 listen-port' ] && echo 51820\n")
    else:
        host.put("/etc/wireguard/wg0.conf", "[Interface]\nListenPort=51820\n[Peer]\n")
    assert "any udp 51820 tunnel wg0" in str(host.preflight(INNER)["spared"])
    assert host.preflight(INNER)["path_problem"] == ""
    assert host.inject("network_partition", session=INNER)["ok"] is True
    host.revert()


@pytest.mark.parametrize("backend", ["nft", "iptables"])
def test_the_name_server_answers_while_everything_else_is_cut(host: TwoCards, backend: str) -> None:
    host.put("/etc/resolv.conf", f"search example\nnameserver {PEER}\nnameserver fe80::1%eth0\n")
    for port in ("53", "54"):
        host.serve(host.peer, ECHO, port)
    assert asks(host, PEER, 53, 60)
    assert asks(host, PEER, 54, 60)
    assert host.inject("network_partition", {"backend": backend, "direction": "in"})["effect"]
    assert asks(host, PEER, 53, 60)
    assert not asks(host, PEER, 54)
    assert not host.pings(PEER)
    host.revert()
    assert asks(host, PEER, 54, 60)


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_server_is_no_peer_without_ports(host: TwoCards, kind: str) -> None:
    host.with_netem()
    host.put("/etc/resolv.conf", f"nameserver {PEER}\n")
    answer = host.inject(kind, {**KINDS[kind], "peers": [CONTROLLER, PEER]})
    assert answer["refused"] is True
    assert f"the peer {PEER} is a name server of this host" in str(answer["error"])
    if kind == "network_partition":
        assert host.inject(kind, {**KINDS[kind], "peers": [PEER], "ports": [9092]})["ok"] is True
        host.revert()


def test_ports_of_the_name_server_are_refused(host: TwoCards) -> None:
    host.put("/etc/resolv.conf", f"nameserver {PEER}\n")
    answer = host.inject("network_partition", {"ports": [53]})
    assert answer["refused"] is True
    assert "the way in needs (name server)" in str(answer["error"])
    host.put("/etc/resolv.conf", NO_SERVER)
    assert host.inject("network_partition", {"ports": [53], "peers": [PEER]})["ok"] is True
    host.revert()


def test_whatever_a_name_server_of_the_hosts_own_asks_is_spared(host: TwoCards) -> None:
    host.put("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    assert "any udp 53 name server" in str(host.preflight()["spared"])


def test_directories_are_spared_where_users_come_from_one(host: TwoCards) -> None:
    host.put("/etc/resolv.conf", NO_SERVER)
    assert host.preflight()["spared"] == ""
    host.put("/etc/nsswitch.conf", "passwd: files sss\nhosts: files dns\n")
    assert host.preflight()["spared"] == ""  # there is no directory behind it
    host.put("/etc/ldap.conf", "uri ldaps://ldap.example:1636/\n")
    spared = str(host.preflight()["spared"])
    for flow in ("any tcp 389 directory", "any udp 88 directory", "any tcp 1636 directory"):
        assert flow in spared


def test_radius_and_tacacs_are_spared_where_pam_asks_them(host: TwoCards) -> None:
    host.put("/etc/resolv.conf", NO_SERVER)
    host.put("/etc/pam.d/sshd-radius", "auth sufficient pam_radius_auth.so\n# pam_tacplus.so\n")
    assert host.preflight()["spared"] == "any udp 1812 RADIUS\nany udp 1813 RADIUS"


@pytest.mark.parametrize(
    ("place", "spared"),
    [("/", True), ("/home", True), ("/export/home/ops", True), ("/usr", True), ("/data", False)],
)
def test_the_file_server_of_homes_is_spared(host: TwoCards, place: str, spared: bool) -> None:
    options = "rw,vers=4.2,hard,clientaddr=198.18.1.2,local_lock=none"
    host.put("/etc/resolv.conf", NO_SERVER)
    host.put(
        "/etc/fstab",
        f"nas:/x {place} nfs4 {options},addr={PEER} 0 0\ntmpfs /tmp tmpfs rw,addr=192.0.2.1 0 0\n",
    )
    # No file server is at hand: sed reads what the kernel would say from a file.
    host.program("sed", _SED)
    assert host.preflight()["spared"] == (f"{PEER} tcp 2049 NFS" if spared else "")
