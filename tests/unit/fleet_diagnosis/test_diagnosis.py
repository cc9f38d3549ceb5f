"""What the doctor says of a host: what a plan would refuse is a problem, nothing contradicts."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.channels import SshAnswer
from chaos_runner.fleet.diagnosis import Finding, diagnose_hosts
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem
from tests.unit.fleet_preflight.capabilities import lacking

GOOD = PreflightFacts(
    ok=True,
    verb="preflight",
    root=True,
    capabilities=lacking("iptables"),
    boot_unit=True,
    boot_id="b",
    device="eth0",
    controller="198.18.0.1",
    ssh_port=22,
    disk_free_mib=1000,
)


def found(by_ansible: PreflightFacts | str, by_ssh: SshAnswer) -> list[Finding]:
    facts = {"k1": by_ansible} if isinstance(by_ansible, PreflightFacts) else {}
    silent = {"k1": by_ansible} if isinstance(by_ansible, str) else {}
    return diagnose_hosts(["k1"], facts, silent, {"k1": by_ssh}, {"k1": 0.2})


def test_a_host_that_both_reach_is_well() -> None:
    reached, carries = found(GOOD, GOOD)
    assert (reached.state, carries.state) == ("ok", "ok")
    assert reached.text.endswith("reach it as root, its clock is within 0.2 s")
    assert carries.text == (
        "can carry collected_units, disk_limits, fsfreeze, ifb, netem, nft, own_clock, "
        "packet_filter, prlimit, python, systemd, tc"
    )


@pytest.mark.parametrize(
    ("by_ansible", "by_ssh", "words"),
    [
        (GOOD, Problem("no route"), "Ansible reaches it, the SSH channel does not: no route"),
        (GOOD, GOOD.model_copy(update={"root": False}), "the SSH channel does not become root"),
        (GOOD, GOOD.model_copy(update={"boot_id": "c"}), "different machines"),
        ("no login", GOOD, "the SSH channel reaches it, Ansible does not: no login"),
        ("no login", Problem("no route"), "cannot be reached: no login"),
    ],
)
def test_a_host_that_one_channel_reaches_is_a_problem_and_nothing_else(
    by_ansible: PreflightFacts | str, by_ssh: SshAnswer, words: str
) -> None:
    (finding,) = found(by_ansible, by_ssh)
    assert finding.state == "problem"
    assert words in finding.text


def test_a_warning_takes_nothing_away() -> None:
    poor = GOOD.model_copy(update={"capabilities": lacking("netem")})
    assert [finding.state for finding in found(poor, poor)] == ["ok", "ok", "warning"]
