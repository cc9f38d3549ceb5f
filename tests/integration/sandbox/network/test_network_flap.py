"""A link that comes and goes: seen from the peer, ended by the host or by the kernel."""

from __future__ import annotations

from tests.integration.sandbox.network.two_cards import PEER_ON_ETH1, TwoCards
from tests.waiting import wait_until

FLAPPING = {"peers": [PEER_ON_ETH1], "down": "3000ms", "up": "3000ms"}


def is_up(host: TwoCards) -> bool:
    return host.pings(PEER_ON_ETH1)


def test_the_link_comes_and_goes_until_it_is_taken_back(host: TwoCards) -> None:
    answer = host.inject("network_flap", FLAPPING)
    assert answer["effect"] is True, answer
    for _ in range(2):
        wait_until(lambda: is_up(host), "the link to come")
        wait_until(lambda: not is_up(host), "the link to go")
    host.revert()
    assert is_up(host)
    assert "flap" not in host.run(["nft", "list", "ruleset"])


def test_the_kernel_ends_the_cut_when_nothing_else_runs(host: TwoCards) -> None:
    assert host.inject("network_flap", {**FLAPPING, "down": "20s"})["effect"] is True
    assert not is_up(host)
    host.kill_watchdogs()
    wait_until(lambda: is_up(host), "the elements to time out")
    host.revert()


def test_a_table_that_somebody_else_took_away_is_noticed(host: TwoCards) -> None:
    host.inject("network_flap", FLAPPING)
    host.run(["nft", "flush", "ruleset"])
    checked = host.ask("check", "f_1").data
    assert checked is not None
    assert checked["effect"] is False, checked
    host.revert()


def test_a_host_without_nft_is_refused(host: TwoCards) -> None:
    answer = host.inject("network_flap", {**FLAPPING, "backend": "iptables"})
    assert answer["refused"] is True
    assert "takes nft" in str(answer["error"])


def test_half_of_the_two_times_is_refused(host: TwoCards) -> None:
    answer = host.inject("network_flap", {"down": "3s"})
    assert answer["refused"] is True
    assert "give both times" in str(answer["hint"])


STOPPED = """
for process in $(grep -lsF CHAOS_UNIT=chaos-f_1-flap /proc/[0-9]*/environ | cut -d / -f 3); do
  [ "$(readlink /proc/$process/ns/net)" != "$(readlink /proc/self/ns/net)" ] || kill -STOP $process
done
"""


def test_a_flapping_that_somebody_else_stopped_is_noticed(host: TwoCards) -> None:
    assert host.inject("network_flap", FLAPPING)["effect"] is True
    host.run(["sh", "-c", STOPPED])
    checked = host.ask("check", "f_1").data
    assert checked is not None
    assert checked["effect"] is False, checked
    host.revert()
    assert is_up(host)
