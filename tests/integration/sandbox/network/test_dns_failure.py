"""Names that a host cannot resolve: what its programs see, and what its logins need."""

from __future__ import annotations

import pytest

from chaos_runner.measurements.reading import NetworkPath
from tests.integration.sandbox.network.two_cards import (
    CONTROLLER,
    PEER_BY_IPV6,
    PEER_ON_ETH1,
    TwoCards,
    carried,
)
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

ANSWER = """
import socket, sys
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", int(sys.argv[1])))
while True:
    query, who = server.recvfrom(512)
    server.sendto(query, who)
"""
ASK = """
import socket, sys
address, port = sys.argv[1], int(sys.argv[2])
asking = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(2)
try:
    asking.connect((address, port))
    asking.send(b"query")
    print(asking.recv(9).decode())
except TimeoutError:
    print("silence")
except OSError as error:
    print("refused", error)
"""


ASK_OFTEN = """
import socket, sys
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(0.1)
asking.connect((sys.argv[1], 53))
came = 0
for _ in range(400):
    asking.send(b"query")
    try:
        came += asking.recv(9) == b"query"
    except TimeoutError:
        pass
print(came)
"""


RESOLVER = """
import socket
server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 53))
while True:
    query, who = server.recvfrom(512)
    question = query[12:query.index(bytes(1), 12) + 5]
    found = b"\\xc0\\x0c\\x00\\x01\\x00\\x01\\x00\\x00\\x00\\x3c\\x00\\x04\\xc0\\x00\\x02\\x50"
    if question[-4:] != b"\\x00\\x01\\x00\\x01":
        found = b""
    counts = b"\\x00\\x01" + (b"\\x00\\x01" if found else bytes(2)) + bytes(4)
    server.sendto(query[:2] + b"\\x81\\x80" + counts + question + found, who)
"""
RESOLVE = """
import socket
try:
    print(socket.gethostbyname("broker.example.org"))
except socket.gaierror as error:
    print("no such name" if error.errno == socket.EAI_NONAME else error)
"""


def asked(host: TwoCards, address: str, port: int = 53) -> str:
    """Return what a program on the host sees of a name server: `query`, `silence` or `refused`."""
    return host.run(["python3", "-c", ASK, address, str(port)]).split()[0]


def with_name_servers(host: TwoCards, *servers: str) -> None:
    """Let the peer answer DNS, and something else, and the host ask those servers."""
    for port in (53, 5300):
        host.serve(host.peer, ANSWER, str(port))
    wait_until(lambda: asked(host, PEER_ON_ETH1, 53) == "query", "an answer at port 53")
    wait_until(lambda: asked(host, PEER_ON_ETH1, 5300) == "query", "an answer at port 5300")
    host.put("/etc/resolv.conf", "".join(f"nameserver {server}\n" for server in servers))
    host.put("/etc/hosts", f"127.0.0.1 localhost {host.run(['hostname']).strip()}\n")


@pytest.mark.parametrize(("action", "seen"), [("drop", "silence"), ("reject", "refused")])
def test_no_name_server_answers_until_the_fault_is_taken_back(
    host: TwoCards, action: str, seen: str
) -> None:
    with_name_servers(host, PEER_ON_ETH1, PEER_BY_IPV6)
    answer = host.inject("dns_failure", {"action": action})
    assert answer["effect"] is True, answer
    assert asked(host, PEER_ON_ETH1) == asked(host, PEER_BY_IPV6) == seen
    assert asked(host, PEER_ON_ETH1, 5300) == "query"
    assert host.pings(PEER_ON_ETH1)
    host.revert()
    assert asked(host, PEER_ON_ETH1) == asked(host, PEER_BY_IPV6) == "query"


def test_a_share_of_the_answers_gets_lost(host: TwoCards) -> None:
    with_name_servers(host, PEER_ON_ETH1)
    assert int(host.run(["python3", "-c", ASK_OFTEN, PEER_ON_ETH1])) == 400
    answer = host.inject("dns_failure", {"loss": "50%"})
    assert answer["effect"] is True, answer
    assert readings_of(answer)["queries"].value == 20
    # five standard errors, 10 each, to either side
    assert 150 <= int(host.run(["python3", "-c", ASK_OFTEN, PEER_ON_ETH1])) <= 250
    host.revert()
    assert int(host.run(["python3", "-c", ASK_OFTEN, PEER_ON_ETH1])) == 400


def resolved(host: TwoCards) -> str:
    """Return what the host's own resolver makes of a name."""
    return host.run(["python3", "-c", RESOLVE]).strip()


def test_a_resolver_finds_that_a_name_does_not_exist_until_the_kernel_ends_it(
    host: TwoCards,
) -> None:
    host.serve(host.peer, RESOLVER)
    host.put("/etc/resolv.conf", f"nameserver {PEER_ON_ETH1}\n")
    host.put("/etc/hosts", f"127.0.0.1 localhost {host.run(['hostname']).strip()}\n")
    host.put("/etc/nsswitch.conf", "passwd: files\nhosts: files dns\n")
    wait_until(lambda: resolved(host) == "192.0.2.80", "the name server")
    answer = host.inject("dns_failure", {"action": "nxdomain"}, lease=20)
    assert answer["effect"] is True, answer
    query = readings_of(answer)["query"]
    assert (query.state, query.path) == ("denied", NetworkPath(destination=PEER_ON_ETH1, port=53))
    assert resolved(host) == "no such name"
    host.kill_watchdogs()
    wait_until(lambda: resolved(host) == "192.0.2.80", "the elements to time out")
    host.revert()


def test_answers_over_ipv6_alone_cannot_be_changed(host: TwoCards) -> None:
    with_name_servers(host, PEER_BY_IPV6)
    answer = host.inject("dns_failure", {"action": "nxdomain"})
    assert answer["refused"] is True, answer
    assert "has an IPv4 address" in str(answer["error"])


def test_queries_alone_are_held_back(host: TwoCards) -> None:
    host.with_netem()  # without one in the kernel its stand-in steers alike, and delays nothing
    with_name_servers(host, PEER_ON_ETH1, PEER_BY_IPV6)
    answer = host.inject("dns_failure", {"action": "slow", "delay": "500ms"})
    assert answer["ok"] is True, answer
    before = carried(host, "eth1")
    assert asked(host, PEER_ON_ETH1) == asked(host, PEER_BY_IPV6) == "query"
    assert carried(host, "eth1") - before == 2
    assert asked(host, PEER_ON_ETH1, 5300) == "query"
    assert host.pings(PEER_ON_ETH1)
    assert carried(host, "eth1") - before == 2
    host.revert()
    assert "c4a0:" not in host.run(["tc", "qdisc", "show"])


def test_a_kernel_without_netem_cannot_answer_late(host: TwoCards) -> None:
    with_name_servers(host, PEER_ON_ETH1)
    host.program("tc", '#!/bin/sh\ncase $* in *netem*) exit 1 ;; esac\nexec /usr/sbin/tc "$@"\n')
    answer = host.inject("dns_failure", {"action": "slow", "delay": "500ms"})
    assert answer["refused"] is True, answer
    assert "sch_netem" in str(answer["error"])
    assert not host.is_faulty()


def test_only_the_named_server_fails(host: TwoCards) -> None:
    with_name_servers(host, PEER_ON_ETH1)
    assert host.inject("dns_failure", {"peers": [PEER_BY_IPV6]})["effect"] is True
    assert asked(host, PEER_BY_IPV6) == "silence"
    assert asked(host, PEER_ON_ETH1) == "query"
    host.revert()


def test_the_kernel_ends_it_when_nothing_else_runs(host: TwoCards) -> None:
    with_name_servers(host, PEER_ON_ETH1)
    assert host.inject("dns_failure", lease=20)["effect"] is True
    host.kill_watchdogs()
    wait_until(lambda: asked(host, PEER_ON_ETH1) == "query", "the elements to time out")
    host.revert()


def test_a_table_that_somebody_else_took_away_is_noticed(host: TwoCards) -> None:
    with_name_servers(host, PEER_ON_ETH1)
    host.inject("dns_failure")
    host.run(["nft", "flush", "ruleset"])
    checked = host.ask("check", "f_1").data
    assert checked is not None
    assert checked["effect"] is not True, checked
    host.revert()


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("/etc/resolv.conf", "nameserver 127.0.0.1\n", "no name server is known"),
        ("/etc/resolv.conf", "", "no name server is known"),
        ("/etc/nsswitch.conf", "passwd: files ldap\n", "logins on this host ask a directory"),
        ("/etc/hosts", "127.0.0.1 localhost\n", "this host's own name"),
        ("/etc/ssh/sshd_config", "UseDNS yes\n", "sshd looks up"),
    ],
)
def test_a_host_whose_logins_need_dns_is_refused(
    host: TwoCards, file: str, text: str, why: str
) -> None:
    with_name_servers(host, PEER_ON_ETH1)
    host.put("/etc/nslcd.conf", "uri ldap://directory\n")
    host.put("/etc/nsswitch.conf", "passwd: files\nhosts: files dns\n")
    host.put("/etc/ssh/sshd_config", "UseDNS no\n")
    host.program("sudo", "#!/bin/sh\n")
    host.program("sshd", "#!/bin/sh\ncat /etc/ssh/sshd_config\n")
    host.put(file, text)
    answer = host.inject("dns_failure")
    assert answer["refused"] is True, answer
    assert why in str(answer["error"])
    assert not host.is_faulty()


def test_the_control_node_is_reached_all_the_while(host: TwoCards) -> None:
    with_name_servers(host, CONTROLLER, PEER_ON_ETH1)
    assert host.inject("dns_failure")["effect"] is True
    assert host.pings(CONTROLLER)
    host.revert()
