"""Compare, for each fault and option, the commands that reach a host with a kept copy.

The whole of them is kept of the default case, and of every other case what differs.

After a wanted change: CHAOS_GOLDEN_UPDATE=1 pytest tests/golden, then read the difference.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chaos_runner.content import content_directory
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.faults.service_fault import unit_name
from chaos_runner.fleet.commands import render_fault_script
from tests.golden.cases import CASES, HOOKS, REQUIRED
from tests.golden.recorder import recorded

UPDATE = os.environ.get("CHAOS_GOLDEN_UPDATE") == "1"
KEPT = Path(__file__).parent
SCRIPTS = [(kind, case) for kind, cases in CASES.items() for case in cases]
FUNCTION = re.compile(r"^(\w+)\(\) \{", re.MULTILINE)

COMPARED = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.assert:
        that: lookup('ansible.builtin.template', template, template_vars=options) == item.script
      vars:
        template: "{{ item.role }}/templates/fault.sh.j2"
        written: "{{ lookup('ansible.builtin.file', item.role ~ '/defaults/main.yml') }}"
        options: "{{ written | from_yaml | combine(item.options) }}"
      loop: "{{ cases }}"
      loop_control:
        label: "{{ item.name }}"
"""

every_script = pytest.mark.parametrize(("kind", "case"), SCRIPTS)


def rendered(kind: str, case: str) -> str:
    return render_fault_script(kind, CASES[kind][case])


@cache
def commands(kind: str, case: str) -> str:
    with TemporaryDirectory() as place:
        return recorded(rendered(kind, case), Path(place))


def what_differs(kind: str, case: str) -> str:
    """Return the commands of the default case, and of another the lines that differ from it."""
    if case == "default":
        return commands(kind, case)
    default = commands(kind, "default").splitlines()
    lines = difflib.unified_diff(default, commands(kind, case).splitlines(), n=0, lineterm="")
    return "".join(f"{line}\n" for line in lines if not line.startswith(("---", "+++", "@@")))


def kept(kind: str, case: str) -> Path:
    return KEPT / kind / (f"{case}.txt" if case == "default" else f"{case}.diff")


@every_script
def test_the_commands_are_the_kept_ones(kind: str, case: str) -> None:
    file = kept(kind, case)
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(what_differs(kind, case), encoding="utf-8")
    assert what_differs(kind, case) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", CASES)
def test_no_kept_text_is_left_over(kind: str) -> None:
    assert set((KEPT / kind).iterdir()) == {kept(kind, case) for case in CASES[kind]}


@every_script
def test_every_step_works_and_what_is_made_is_taken_away(kind: str, case: str) -> None:
    record = commands(kind, case)
    assert "(failed)" not in record
    assert re.findall("^# (.*)$", record, re.MULTILINE) == [
        "apply",
        "renew",
        "undo",
        "take_away_made",
    ]
    for device in re.findall("^tc qdisc add dev (.*) root handle c4a0:", record, re.MULTILINE):
        assert f"tc qdisc del dev {device} root handle c4a0: prio" in record
    _, _, undone = record.partition("# undo")
    for name in re.findall(r"^:(CHAOS_\w+)", record, re.MULTILINE):
        assert f"-X {name}" in undone
    for name in re.findall(r"^create (\w+)", record, re.MULTILINE):
        assert f"ipset destroy {name}" in undone
    for name in re.findall(r"add table (inet \w+|netdev \w+)", record):
        assert f"delete table {name}" in undone
    for link in re.findall(r"^ip link add (\w+)", record, re.MULTILINE):
        assert f"ip link del dev {link}" in undone


@every_script
def test_the_text_is_shell(kind: str, case: str) -> None:
    subprocess.run(["sh", "-n"], input=rendered(kind, case), text=True, check=True)


def test_ansible_makes_the_same_text_of_a_role_that_is_used_alone(tmp_path: Path) -> None:
    cases = [
        {
            "name": f"{kind} {case}",
            "role": str(fault_kinds()[kind].role_directory()),
            "options": CASES[kind][case],
            "script": rendered(kind, case),
        }
        for kind, case in SCRIPTS
    ]
    (tmp_path / "cases.json").write_text(json.dumps({"cases": cases}), encoding="utf-8")
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(COMPARED, encoding="utf-8")
    given = f"@{tmp_path}/cases.json"
    command = ["ansible-playbook", "-i", "localhost,", "-e", given, str(playbook)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-4000:]
    assert said.stdout.count("All assertions passed") == len(cases)


@pytest.mark.parametrize("kind", CASES)  # the slowest here by far, so they share the processors
def test_shellcheck_has_nothing_to_say(kind: str, tmp_path: Path) -> None:
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "shellcheck is missing; scripts/install --dev brings it"
    for case in CASES[kind]:
        (tmp_path / f"{kind}.{case}.sh").write_text(rendered(kind, case), encoding="utf-8")
    files = sorted(str(file) for file in tmp_path.iterdir())
    said = subprocess.run([shellcheck, *files], capture_output=True, text=True, check=False)
    assert said.stdout == ""


@every_script
def test_the_guard_finds_every_function_and_its_own_stay(kind: str, case: str) -> None:
    defined = FUNCTION.findall(rendered(kind, case))
    assert len(defined) == len(set(defined))
    assert set(defined) >= REQUIRED
    guard = content_directory("roles") / "host_guard" / "files" / "chaos-guard"
    own = FUNCTION.findall(guard.read_text(encoding="utf-8"))
    assert len(own) == len(set(own))
    assert set(defined) & set(own) <= HOOKS
    assert not REQUIRED & set(own)


@every_script
def test_nft_1_0_6_can_read_it(kind: str, case: str) -> None:
    for line in commands(kind, case).splitlines():
        assert "} }" not in line
        assert not re.search(r'comment "[^"]*"\s*}', line)


@pytest.mark.parametrize("kind", ["network_latency", "network_loss", "network_partition"])
def test_the_control_path_is_spared_before_anything_matches(kind: str) -> None:
    for case in CASES[kind]:
        chains = re.findall(r"    chain \w+ \{\n(.*?)\n    \}", commands(kind, case), re.DOTALL)
        assert chains or "iptables" in case
        for chain in chains:
            spared, _, caught = chain.partition("@")
            assert caught
            for rule in ('"lo" accept', "tcp sport 22 accept", "tcp dport 22 accept"):
                assert rule in spared
            for word in ("nd-neighbor-solicit", "67, 68, 546, 547", "169.254.169.254", "ff00::/8"):
                assert word in spared
            assert "udp dport 53 accept" in spared


def test_the_control_path_is_spared_by_iptables_as_well() -> None:
    for case in ("backend_iptables", "backend_iptables_peers_and_ports"):
        chains = re.findall(
            r"^\*filter\n(.*?)^COMMIT$", commands("network_partition", case), re.M | re.S
        )
        assert chains
        for chain in chains:
            spared, _, caught = chain.partition("--match-set")
            assert caught
            for match in (" lo", "-type LOCAL", "--sport 22", "--dport 22"):
                assert f"{match} -j RETURN" in spared
            words = ("icmpv6-type 135", "546:547", "ff00::/8")
            if "icmpv6" not in chain:
                words = ("67:68", "169.254.169.254", "224.0.0.0/4")
            assert all(f"{word} -j RETURN" in spared for word in words)


@pytest.mark.parametrize("kind", ["network_latency", "network_loss", "network_partition"])
def test_every_element_times_out(kind: str) -> None:
    for case in CASES[kind]:
        added = re.findall(r"add element .* \{ (.*) \}", commands(kind, case))
        in_sets = re.findall(r"^add (chaos_.*)", commands(kind, case), re.MULTILINE)
        assert added or in_sets
        for element in ", ".join(added).split(", "):
            assert not element or re.fullmatch(r"[0-9a-f.:/]+ timeout 30s", element)
        for element in in_sets:
            assert element.endswith(" timeout 30")


@pytest.mark.parametrize("service", ["kafka", "kafka.service", "app@1", r"a\x2db", "a.b"])
def test_the_role_takes_a_service_for_the_unit_that_python_takes_it_for(service: str) -> None:
    in_full = unit_name(service)
    text = render_fault_script("service_stop", {"service_stop_service": service})
    assert text == render_fault_script("service_stop", {"service_stop_service": in_full})
    assert f"'{in_full}'" in text
