"""Others change a host's firewall while a cut is on: the run learns of it, and their rules stay."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.interfaces import shaped_interfaces
from tests.integration.sandbox.network.two_cards import (
    HOST_ON_ETH1,
    PEER,
    PEER_BY_IPV6,
    PEER_ON_ETH1,
    TwoCards,
)

EVERY_ADDRESS = [PEER_ON_ETH1, PEER, PEER_BY_IPV6]
OTHERS = (
    "table inet site { chain input { "
    "type filter hook input priority 0; policy accept; tcp dport 25 drop; }; }"
)


def only_fault(data: dict[str, object] | None) -> dict[str, object]:
    """Return what an answer says of the only fault."""
    assert data is not None
    faults = data["faults"]
    assert isinstance(faults, list)
    (fault,) = faults
    assert isinstance(fault, dict)
    return fault


def cut(host: TwoCards, backend: str = "nft", **options: object) -> None:
    """Cut the host from its peer, and see that the fault counts as on."""
    answer = host.inject(
        "network_partition", {"peers": EVERY_ADDRESS, "backend": backend, **options}
    )
    assert answer["effect"] is True, answer
    assert is_on(host)


def is_on(host: TwoCards) -> bool:
    """Tell whether the host says, to a renewal, that the fault is on."""
    return bool(only_fault(host.ask("renew", "r1", "60").data)["effect"])


def ended_by(host: TwoCards) -> object:
    """Take the fault back, see that the host is clean, and return who had ended it."""
    data = host.ask("revert", "--all").data
    assert data is not None
    assert data["state"] == "clean", data
    return only_fault(data)["by"]


@pytest.mark.parametrize(
    "change",
    [
        "nft flush ruleset",
        f"nft -f - <<'RULES'\nflush ruleset\n{OTHERS}\nRULES",  # as nftables.service does
        "nft flush table inet chaos_f_1",
        "nft flush chain inet chaos_f_1 received",
        "nft insert rule inet chaos_f_1 sent accept",
        "nft flush set inet chaos_f_1 peers4; nft flush set inet chaos_f_1 peers6",
    ],
)
def test_a_cut_whose_rules_are_gone_or_changed_is_not_on(host: TwoCards, change: str) -> None:
    cut(host)
    host.run(["sh", "-c", change])
    assert not is_on(host)
    rules = host.run(["nft", "list", "tables"])
    assert ended_by(host) == "others"
    assert ("inet site" in rules) == ("inet site" in host.run(["nft", "list", "tables"]))
    assert all(host.pings(address) for address in EVERY_ADDRESS)


@pytest.mark.parametrize(
    "change",
    [
        "iptables -F",
        "ip6tables -F OUTPUT",
        "iptables -I INPUT 1 -s 198.18.201.3 -j ACCEPT",
        "ip6tables -I OUTPUT 1 -j ACCEPT",
        "ipset flush chaos_f_16",
        "printf '*filter\\n:INPUT ACCEPT [0:0]\\nCOMMIT\\n' | iptables-restore",
    ],
)
def test_the_same_by_iptables(host: TwoCards, change: str) -> None:
    cut(host, "iptables")
    host.run(["sh", "-c", change])
    assert not is_on(host)
    assert ended_by(host) == "others"


@pytest.mark.parametrize("backend", ["nft", "iptables"])
def test_what_others_add_beside_a_cut_stays_and_ends_nothing(host: TwoCards, backend: str) -> None:
    cut(host, backend)
    host.run(["nft", "-f", "-"], OTHERS.encode())
    host.run(["iptables", "-N", "DOCKER"])  # without a rule yet
    host.run(["iptables", "-A", "INPUT", "-p", "tcp", "--dport", "25", "-j", "DROP"])
    assert is_on(host)
    assert ended_by(host) == "revert"
    assert "tcp dport 25 drop" in host.run(["nft", "list", "table", "inet", "site"])
    assert "--dport 25 -j DROP" in host.run(["iptables", "-S"])
    assert "-N DOCKER" in host.run(["iptables", "-S"])


def test_what_others_have_added_is_shown_as_they_would_read_it(host: TwoCards) -> None:
    cut(host)
    host.run(["nft", "-f", "-"], OTHERS.encode())
    told = only_fault(host.ask("revert", "--all").data)["others"]
    assert isinstance(told, list)
    assert "+ nft tcp dport 25 drop" in told, told


def test_an_empty_chain_of_others_keeps_the_table_that_iptables_made(host: TwoCards) -> None:
    cut(host, "iptables")
    host.run(["iptables", "-N", "DOCKER"])
    assert ended_by(host) == "revert"
    assert "-N DOCKER" in host.run(["iptables", "-S"])


@pytest.mark.parametrize(
    ("backend", "save", "place", "name"),
    [
        ("nft", "nft list ruleset", "/etc/nftables.conf", "table inet chaos_f_1"),
        ("iptables", "iptables-save", "/etc/iptables/rules.v4", ":CHAOS_I_f_1"),
        ("iptables", "nft list ruleset", "/etc/nftables.d/mine", " CHAOS_O_f_1"),
        ("iptables", "ipset save", "/etc/iptables/ipsets", "create chaos_f_14"),
    ],
)
def test_rules_that_were_saved_for_the_next_start_are_residue(
    host: TwoCards, backend: str, save: str, place: str, name: str
) -> None:
    cut(host, backend)
    host.put(place, host.run(save.split()))
    data = host.ask("revert", "--all").data
    assert data is not None
    assert data["state"] == "dirty"
    audit = host.ask("audit").data
    assert audit is not None
    assert audit["clean"] is False
    assert f"saved rules {place}:{name}" in str(audit["residue"])
    host.put(place, "")
    host.revert()


def test_a_queue_on_a_card_that_was_renamed_is_taken_away(host: TwoCards) -> None:
    host.with_netem()
    host.inject("network_latency", {"delay": "100ms", "peers": [PEER_ON_ETH1]})
    host.run(["sh", "-c", "ip link set eth1 down && ip link set eth1 name card"])
    data = host.ask("revert", "--all").data
    assert data is not None
    assert "c4a0:" not in host.run(["tc", "qdisc", "show"])
    assert data["state"] == "dirty", "eth1 is not there"
    assert "qdisc prio c4a0: dev card" in str(data["removed"])
    host.run(["sh", "-c", "ip link set card name eth1 && ip link set eth1 up"])
    host.revert()


def foreseen(host: TwoCards, peer: str) -> tuple[str, ...]:
    """Return the cards that a plan names, by what the host tells."""
    facts = PreflightFacts.model_validate(host.preflight())
    return shaped_interfaces("network_emulation", {"network_emulation_peers": [peer]}, facts)


def test_a_delay_goes_to_the_cards_that_routes_by_own_address_and_by_hop_lead_to(
    host: TwoCards,
) -> None:
    host.with_netem()
    beyond = "203.0.113.9"
    for command in (
        f"route add {beyond}/32 via {PEER} dev eth0",
        f"route add {beyond}/32 via {PEER_ON_ETH1} dev eth1 table 100",
        "rule add from 198.18.201.2 lookup 100",
    ):
        host.run(["ip", *command.split()])
    assert foreseen(host, beyond) == ("eth0", "eth1")
    host.inject("network_latency", {"delay": "100ms", "peers": [beyond]})
    qdiscs = host.run(["/usr/sbin/tc", "qdisc", "show"])
    assert "c4a0: dev eth0" in qdiscs
    assert "c4a0: dev eth1" in qdiscs
    host.revert()
    host.run(["ip", "rule", "del", "from", "198.18.201.2"])
    assert foreseen(host, beyond) == ("eth0",)
    host.run(["ip", "rule", "add", "uidrange", "1001-1001", "lookup", "100"])
    assert foreseen(host, beyond) == ("eth0", "eth1")
    host.inject("network_latency", {"delay": "100ms", "peers": [beyond]})
    assert "c4a0: dev eth1" in host.run(["/usr/sbin/tc", "qdisc", "show"])
    host.revert()
    host.run(["ip", "rule", "del", "uidrange", "1001-1001"])
    host.run(["ip", "route", "del", f"{beyond}/32"])
    hops = f"nexthop via {PEER} dev eth0 nexthop via {PEER_ON_ETH1} dev eth1"
    host.run(["ip", "route", "add", f"{beyond}/32", *hops.split()])
    assert foreseen(host, beyond) == ("eth0", "eth1")
    host.inject("network_latency", {"delay": "100ms", "peers": [beyond]})
    qdiscs = host.run(["/usr/sbin/tc", "qdisc", "show"])
    assert "c4a0: dev eth0" in qdiscs
    assert "c4a0: dev eth1" in qdiscs
    host.revert()


@pytest.mark.parametrize(
    ("options", "change"),
    [
        ({"peers": [PEER_ON_ETH1]}, f"ip route add {PEER_ON_ETH1}/32 dev eth0"),
        (
            {"own_addresses": [HOST_ON_ETH1]},
            f"ip address del {HOST_ON_ETH1}/24 dev eth1; ip address add {HOST_ON_ETH1}/24 dev eth0",
        ),
    ],
    ids=["route", "address"],
)
def test_a_delay_that_traffic_goes_past_by_now_is_not_on(
    host: TwoCards, options: dict[str, object], change: str
) -> None:
    host.with_netem()
    host.inject("network_latency", {"delay": "100ms", **options})
    assert is_on(host)
    host.run(["ip", "route", "add", "203.0.113.0/24", "via", PEER_ON_ETH1])  # as routing daemons do
    assert is_on(host)
    host.run(["sh", "-c", change])
    assert not is_on(host)
    assert ended_by(host) == "others"
