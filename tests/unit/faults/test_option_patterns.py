"""What a role takes for an address is one, by the standard library's own word."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chaos_runner.faults.option_patterns import ADDRESS, PEER, PORTS, RANGE
from chaos_runner.faults.peers import check_peer
from chaos_runner.faults.values import parse_port

OCTETS = st.sampled_from(["0", "1", "9", "10", "127", "224", "255", "256", "01", ""])
GROUPS = st.sampled_from(
    ["0", "0000", "1", "a", "dead", "ffff", "FFFF", "fe80", "ff02", "12345", ""]
)
LENGTHS = st.sampled_from(["", "/0", "/8", "/32", "/33", "/64", "/96", "/128", "/129", "/-1", "/"])
TEXTS = st.one_of(
    st.lists(OCTETS, min_size=3, max_size=5).map(".".join),
    st.lists(GROUPS, min_size=2, max_size=9).map(":".join),
    st.tuples(st.lists(GROUPS, max_size=6), st.lists(GROUPS, max_size=6)).map(
        lambda ends: f"{':'.join(ends[0])}::{':'.join(ends[1])}"
    ),
    st.text(max_size=20),
)

RANGES = st.tuples(st.ip_addresses(), st.integers(0, 128)).map(
    lambda pair: ip_network((pair[0], min(pair[1], pair[0].max_prefixlen)), strict=False)
)


def is_range(text: str) -> bool:
    """Tell whether it is an address or a range, with no IPv4 address in one of IPv6."""
    first = text.partition("/")[0]
    try:
        ip_network(text, strict=False)
        address = ip_address(first)
    except ValueError:
        return False
    if not isinstance(address, IPv6Address):
        return True
    return not (address.ipv4_mapped or address.scope_id or "." in first)


@given(TEXTS, LENGTHS)
@example("::ffff:10.0.0.1", "")
@example("::ffff:a00:1", "")
@example("0:0:0:0:0:ffff::", "")
@example("::", "/0")
def test_a_range_is_what_the_library_takes(address: str, length: str) -> None:
    text = address + length
    assert bool(re.fullmatch(RANGE, text)) is is_range(text)
    assert bool(re.fullmatch(ADDRESS, text)) is (is_range(text) and "/" not in text)


@given(RANGES, st.booleans())
@example(IPv4Network("127.0.0.1"), False)
@example(IPv6Network("::1"), False)
@example(IPv4Network("224.0.0.0/3"), True)
@example(IPv6Network("fe80::/9"), True)
def test_a_role_takes_the_addresses_that_an_experiment_takes(
    network: IPv4Network | IPv6Network, with_length: bool
) -> None:
    text = str(network if with_length else network.network_address)
    assume(is_range(text))
    try:
        taken = check_peer(text) == text
    except ValueError:
        taken = False
    assert bool(re.fullmatch(PEER, text)) is taken


@given(st.integers(-1, 100_000), st.integers(-1, 100_000))
@example(65535, 65536)
def test_a_port_is_what_an_experiment_takes(low: int, high: int) -> None:
    for text, right in ((str(low), low), (f"{min(low, high)}-{max(low, high)}", max(low, high))):
        try:
            taken = bool(parse_port(text)) and right > 0
        except ValueError:
            taken = False
        assert bool(re.fullmatch(PORTS, text)) is taken


@pytest.mark.parametrize("text", ["::ffff:127.0.0.1", "::ffff:224.0.0.1", "224.0.0.0/3"])
def test_loopback_and_multicast_are_no_peers_however_they_are_written(text: str) -> None:
    with pytest.raises(ValueError, match="stay out of every fault"):
        check_peer(text)
