"""DNS failure: its options, what it spares, and what a plan says of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import DEGRADED, Machine
from chaos_runner.faults.kinds.network.dns_failure import DnsFailure
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.fleet.commands import render_fault_script

NEEDED = ["192.0.2.53 udp 53 name server", "any tcp 389 directory", "any udp 51820 tunnel wg0"]


def test_without_options_every_name_server_is_silent() -> None:
    fault = DnsFailure()
    assert fault.role_variables(list) == {
        "dns_failure_action": "drop",
        "dns_failure_delay": "",
        "dns_failure_loss": "100%",
        "dns_failure_peers": [],
        "dns_failure_spared": [],
    }
    assert fault.describe() == "drop DNS answers of all name servers"
    assert fault.outcome() == "had no DNS"
    assert fault.impact_on(Machine()) == DEGRADED


def test_named_servers_and_rejection() -> None:
    fault = DnsFailure(action="reject", peers=["192.0.2.53", "resolver"])
    variables = fault.role_variables(lambda peers: [f"<{peer}>" for peer in peers])
    assert variables["dns_failure_peers"] == ["<192.0.2.53>", "<resolver>"]
    assert fault.describe() == "reject DNS queries to 192.0.2.53, resolver"
    assert fault.outcome() == "had DNS queries rejected"


def test_names_that_are_found_late() -> None:
    fault = DnsFailure.model_validate({"loss": "50%"})
    assert fault.role_variables(list)["dns_failure_loss"] == "50%"
    assert fault.describe() == "drop 50% of the DNS answers of all name servers"
    assert fault.outcome() == "had 50% of its DNS queries fail"


@pytest.mark.parametrize(
    "options",
    [
        {"ports": [53]},
        {"action": "reset"},
        {"direction": "in"},
        {"peers": ["a b"]},
        {"loss": "9%"},
        {"loss": "101%"},
        {"action": "slow"},
        {"action": "slow", "delay": "11s"},
        {"action": "slow", "delay": "2s", "loss": "50%"},
        {"delay": "2s"},
    ],
)
def test_what_it_does_not_take(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DnsFailure.model_validate(options)


def test_it_spares_all_of_the_way_in_but_name_servers() -> None:
    assert DnsFailure().spared_of(NEEDED) == NEEDED[1:]
    assert NetworkPartition().spared_of(NEEDED) == NEEDED


def test_it_concerns_the_ports_of_dns() -> None:
    assert set(DnsFailure().concerned_ports()) == {53, 853}


def test_names_that_are_said_not_to_exist() -> None:
    fault = DnsFailure(action="nxdomain", peers=["192.0.2.53"])
    assert fault.role_variables(list)["dns_failure_action"] == "nxdomain"
    assert fault.describe() == "answer DNS queries to 192.0.2.53 with NXDOMAIN"
    assert fault.outcome() == "was told that names do not exist"
    some = DnsFailure.model_validate({"action": "nxdomain", "loss": "50%"})
    assert some.describe() == "answer 50% of the DNS queries to all name servers with NXDOMAIN"


def test_answers_that_come_late() -> None:
    fault = DnsFailure.model_validate({"action": "slow", "delay": "2s", "peers": ["resolver"]})
    assert fault.role_variables(list)["dns_failure_delay"] == "2000ms"
    assert fault.describe() == "delay DNS queries to resolver by 2s"
    assert fault.outcome() == "had DNS answers 2s late"
    assert {each.name for each in fault.needed()} == {"tc", "netem", "nft"}
    assert (fault.occupied(), DnsFailure().occupied()) == ("root qdisc", "DNS")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"action": "slow"}, "a delay of nothing is not one of 100ms to 10s"),
        ({"action": "slow", "delay": "11s"}, "not one of 100ms to 10s"),
        ({"action": "slow", "delay": "2s", "loss": "50%"}, "leave dns_failure_loss out"),
        ({"delay": "2s"}, "only slow answers are delayed"),
    ],
)
def test_the_role_alone_refuses_what_cannot_be(options: dict[str, object], why: str) -> None:
    variables = {f"dns_failure_{name}": value for name, value in options.items()}
    assert why in render_fault_script("dns_failure", variables)
