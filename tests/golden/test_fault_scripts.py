"""Compare, for each fault and option, the exact text that reaches a host with a kept copy.

After a wanted change: CHAOS_GOLDEN_UPDATE=1 pytest tests/golden, then read the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chaos_runner.faults.service_fault import unit_name
from chaos_runner.fleet.commands import render_fault_script
from tests.golden.cases import CASES, FUNCTIONS

UPDATE = os.environ.get("CHAOS_GOLDEN_UPDATE") == "1"
KEPT = Path(__file__).parent
SCRIPTS = [(kind, case) for kind, cases in CASES.items() for case in cases]

every_script = pytest.mark.parametrize(("kind", "case"), SCRIPTS)


def rendered(kind: str, case: str) -> str:
    return render_fault_script(kind, CASES[kind][case])


def kept(kind: str, case: str) -> Path:
    return KEPT / kind / f"{case}.sh"


@every_script
def test_the_text_is_the_kept_one(kind: str, case: str) -> None:
    file = kept(kind, case)
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(rendered(kind, case), encoding="utf-8")
    assert rendered(kind, case) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", CASES)
def test_no_kept_text_is_left_over(kind: str) -> None:
    assert {file.stem for file in (KEPT / kind).glob("*.sh")} == set(CASES[kind])


@every_script
def test_the_text_is_shell(kind: str, case: str) -> None:
    subprocess.run(["sh", "-n"], input=rendered(kind, case), text=True, check=True)


def test_shellcheck_has_nothing_to_say() -> None:
    shellcheck = shutil.which("shellcheck")
    assert shellcheck, "shellcheck is missing; scripts/install --dev brings it"
    files = [str(kept(kind, case)) for kind, case in SCRIPTS]
    said = subprocess.run([shellcheck, *files], capture_output=True, text=True, check=False)
    assert said.stdout == ""


@every_script
def test_the_guard_finds_every_function(kind: str, case: str) -> None:
    opened = re.findall(r"^(\w+)\(\) \{$", rendered(kind, case), re.MULTILINE)
    assert len(opened) == len(set(opened))
    assert set(opened) >= FUNCTIONS


@every_script
def test_nft_1_0_6_can_read_it(kind: str, case: str) -> None:
    for line in rendered(kind, case).splitlines():
        assert "} }" not in line
        assert not re.search(r'comment "[^"]*"\s*}', line)


@pytest.mark.parametrize("kind", ["network_latency", "network_partition"])
def test_the_control_path_is_spared_before_anything_matches(kind: str) -> None:
    for case in CASES[kind]:
        for chain in re.findall(
            r"    chain \w+ \{\n(.*?)\n    \}", rendered(kind, case), re.DOTALL
        ):
            spared, _, caught = chain.partition("@")
            assert caught
            for rule in ('"lo" accept', "tcp sport $ssh_port accept", "tcp dport $ssh_port accept"):
                assert rule in spared
            for word in ("nd-neighbor-solicit", "67, 68, 546, 547", "169.254.169.254", "ff00::/8"):
                assert word in spared


@pytest.mark.parametrize("kind", ["network_latency", "network_partition"])
def test_every_element_times_out(kind: str) -> None:
    for case in CASES[kind]:
        added = re.findall(r"add element .* \{ (.*) \}", rendered(kind, case))
        for element in ", ".join(added).split(", "):
            assert not element or re.fullmatch(r"[0-9a-f.:/]+ timeout \$\{ttl\}s", element)
        for line in re.findall(r"ipset -exist add .*", rendered(kind, case)):
            assert ' timeout "$ttl"' in line


@pytest.mark.parametrize("service", ["kafka", "kafka.service", "app@1", r"a\x2db", "a.b"])
def test_the_role_takes_a_service_for_the_unit_that_python_takes_it_for(service: str) -> None:
    in_full = unit_name(service)
    text = render_fault_script("service_stop", {"service_stop_service": service})
    assert text == render_fault_script("service_stop", {"service_stop_service": in_full})
    assert f"'{in_full}'" in text
